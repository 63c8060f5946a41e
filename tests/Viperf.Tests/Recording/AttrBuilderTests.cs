using Viperf.Core.Recording;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Recording;

public class AttrBuilderTests
{
    private const AttrFlags Tracking = AttrFlags.mmap | AttrFlags.mmap2 | AttrFlags.comm | AttrFlags.comm_exec
        | AttrFlags.task | AttrFlags.ksymbol | AttrFlags.bpf_event | AttrFlags.build_id;

    private static readonly EventSpec Clock = EventParser.Parse("cpu-clock")[0];

    private static readonly AttrBuilder.Setting Launch = new(Frequency: 9999, SeveralEvents: false, OnExec: true, OfCpus: false);

    [Fact]
    public void A_launched_program_gets_the_attr_that_perf_gives_it()
    {
        var attr = AttrBuilder.Build(Clock, new RecordOptions { CallGraph = true }, Launch, tracking: true);

        Assert.Equal(128u, attr.size);
        Assert.Equal(9999ul, attr.sample_period);
        Assert.Equal(
            SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_TID | SampleFormat.PERF_SAMPLE_TIME
            | SampleFormat.PERF_SAMPLE_CALLCHAIN | SampleFormat.PERF_SAMPLE_PERIOD,
            attr.sample_type);
        Assert.Equal(ReadFormat.PERF_FORMAT_ID | ReadFormat.PERF_FORMAT_LOST, attr.read_format);
        Assert.Equal(
            AttrFlags.disabled | AttrFlags.inherit | AttrFlags.freq | AttrFlags.enable_on_exec
            | AttrFlags.sample_id_all | Tracking,
            attr.flags);
    }

    [Fact]
    public void Only_one_of_several_events_tells_of_processes_and_all_carry_ids_at_one_place()
    {
        var several = Launch with { SeveralEvents = true };
        var first = AttrBuilder.Build(Clock, new RecordOptions(), several, tracking: true);
        var second = AttrBuilder.Build(Clock, new RecordOptions(), several, tracking: false);

        Assert.Equal(Tracking, first.flags & Tracking);
        Assert.Equal((AttrFlags)0, second.flags & Tracking);
        Assert.Equal(first.sample_type, second.sample_type);
        Assert.True(first.sample_type.HasFlag(SampleFormat.PERF_SAMPLE_IDENTIFIER));
    }

    [Fact]
    public void A_recording_of_cpus_notes_the_cpu_and_inherits_nothing()
    {
        var attr = AttrBuilder.Build(Clock, new RecordOptions(), new(99, SeveralEvents: false, OnExec: false, OfCpus: true), tracking: true);

        Assert.True(attr.sample_type.HasFlag(SampleFormat.PERF_SAMPLE_CPU));
        Assert.Equal((AttrFlags)0, attr.flags & (AttrFlags.inherit | AttrFlags.enable_on_exec));
    }

    [Theory]
    [InlineData(0, 0ul)]
    [InlineData(1, 1ul << 15)]
    [InlineData(2, 2ul << 15)]
    [InlineData(3, 3ul << 15)]
    public void Precision_fills_its_two_bits(int precision, ulong bits)
    {
        var attr = AttrBuilder.Build(Clock with { Precision = precision }, new RecordOptions(), Launch, tracking: false);

        Assert.Equal(bits, (ulong)(attr.flags & AttrFlags.precise_ip));
    }

    [Fact]
    public void What_the_user_asks_for_is_in_the_attr()
    {
        var options = new RecordOptions
        {
            Period = 1000, ClockId = 1, CallGraph = true, UserCallchains = true, AllUser = true, Inherit = false,
            Addresses = true, BuildIds = false, BpfEvents = false, SampleCpu = true,
        };
        var attr = AttrBuilder.Build(Clock, options, Launch, tracking: true);

        Assert.Equal((1000ul, 1), (attr.sample_period, attr.clockid));
        Assert.Equal(
            AttrFlags.use_clockid | AttrFlags.exclude_callchain_kernel | AttrFlags.exclude_kernel
            | AttrFlags.exclude_hv | AttrFlags.mmap_data,
            attr.flags & (AttrFlags.use_clockid | AttrFlags.exclude_callchain_kernel | AttrFlags.exclude_kernel
                | AttrFlags.exclude_hv | AttrFlags.mmap_data | AttrFlags.freq | AttrFlags.inherit
                | AttrFlags.build_id | AttrFlags.bpf_event));
        Assert.True(attr.sample_type.HasFlag(SampleFormat.PERF_SAMPLE_ADDR | SampleFormat.PERF_SAMPLE_CPU));
    }

    [Fact]
    public void A_stack_dump_brings_registers_and_takes_the_place_of_the_users_call_chain()
    {
        var attr = AttrBuilder.Build(Clock, new RecordOptions { CallGraph = true, StackDump = 8192 }, Launch, tracking: true);
        var plain = AttrBuilder.Build(Clock, new RecordOptions { CallGraph = true }, Launch, tracking: true);

        Assert.Equal(
            plain.sample_type | SampleFormat.PERF_SAMPLE_ADDR | SampleFormat.PERF_SAMPLE_DATA_SRC
            | SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER,
            attr.sample_type);
        Assert.Equal(plain.flags | AttrFlags.exclude_callchain_user | AttrFlags.mmap_data, attr.flags);
        Assert.Equal(8192u, attr.sample_stack_user);
        Assert.NotEqual(0ul, attr.sample_regs_user);
        Assert.Equal((0u, 0ul), (plain.sample_stack_user, plain.sample_regs_user));
    }

    [Fact]
    public void The_kernel_wakes_viperf_as_it_is_told()
    {
        var attr = AttrBuilder.Build(Clock, new RecordOptions(), Launch with { WakeupBytes = 4096 }, tracking: true);
        var plain = AttrBuilder.Build(Clock, new RecordOptions(), Launch, tracking: true);

        Assert.Equal((4096u, AttrFlags.watermark), (attr.wakeup_events, attr.flags & AttrFlags.watermark));
        Assert.Equal((0u, (AttrFlags)0), (plain.wakeup_events, plain.flags & AttrFlags.watermark));
    }

    [Fact]
    public void Without_call_chains_there_is_no_dump_either()
    {
        var attr = AttrBuilder.Build(Clock, new RecordOptions { StackDump = 8192, MaxStack = 3 }, Launch, tracking: true);

        Assert.Equal(AttrBuilder.Build(Clock, new RecordOptions(), Launch, tracking: true), attr);
    }

    [Fact]
    public void An_old_kernel_is_offered_less_the_newest_part_first()
    {
        var full = AttrBuilder.Build(Clock, new RecordOptions(), Launch, tracking: true);
        var abilities = new KernelAbilities();
        var given = new List<string>();
        var attr = full;
        while (abilities.GiveUp(attr) is { } part)
        {
            given.Add(part);
            attr = full;
            abilities.Restrict(ref attr);
        }

        Assert.Equal(["6.0", "5.12", "5.1", "5.1"], given.Select(part => part.Split(' ')[^1].TrimEnd(')')));
        Assert.Equal(ReadFormat.PERF_FORMAT_ID, attr.read_format);
        Assert.Equal(full.flags & ~(AttrFlags.build_id | AttrFlags.bpf_event | AttrFlags.ksymbol), attr.flags);
    }

    [Fact]
    public void A_part_that_an_attr_lacks_is_not_given_up_for_it()
    {
        var attr = AttrBuilder.Build(Clock, new RecordOptions { BuildIds = false }, Launch, tracking: true);
        var abilities = new KernelAbilities();

        abilities.GiveUp(attr);

        Assert.Contains("BPF", abilities.GiveUp(attr), StringComparison.Ordinal);
    }
}
