using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Pipeline;

public class ConverterTests
{
    private const RecordMisc User = RecordMisc.PERF_RECORD_MISC_USER;
    private const RecordMisc Kernel = RecordMisc.PERF_RECORD_MISC_KERNEL;
    private const ulong ToUser = CallchainContext.PERF_CONTEXT_USER;
    private const ulong ToKernel = CallchainContext.PERF_CONTEXT_KERNEL;
    private const ulong KernelText = 0xffffffff81000000;

    [Fact]
    public void Addresses_in_files_are_file_offsets_and_in_the_kernel_virtual_addresses()
    {
        var scene = new Scene()
            .Map(-1, KernelText, 0x100000, "[kernel.kallsyms]_text", KernelText)
            .Map(7, 0x5000, 0x1000, "/bin/prog", fileOffset: 0x2000)
            .Comm(7, "prog")
            .Sample(7, KernelText + 0x10, Kernel, ToKernel, KernelText + 0x10, KernelText + 0x20, ToUser, 0x5004, 0x5008);

        Assert.Equal(
            ["prog [kernel.kallsyms]+ffffffff81000010 ~[kernel.kallsyms]+ffffffff81000020 prog+2004 ~prog+2008"],
            scene.Samples);
    }

    [Fact]
    public void Without_a_chain_the_instruction_pointer_is_the_stack() =>
        Assert.Equal([":7 prog+4"], new Scene().Map(7, 0x5000, 0x1000, "/bin/prog").Sample(7, 0x5004, User).Samples);

    [Fact]
    public void A_kernel_sample_with_the_users_chain_alone_keeps_its_leaf() => Assert.Equal(
        [":7 [kernel.kallsyms]+ffffffff81000010 prog+4"],
        new Scene().Map(7, 0x5000, 0x1000, "/bin/prog").Sample(7, KernelText + 0x10, Kernel, ToUser, 0x5004).Samples);

    [Fact]
    public void Jitted_code_belongs_to_the_process_that_mapped_it_and_a_fork_inherits_it()
    {
        var scene = new Scene()
            .Comm(7, "python")
            .Map(7, 0x9000, 0x1000, "//anon")
            .Fork(8, parent: 7)
            .Sample(8, 0x9010, User)
            .Map(8, 0x9000, 0x1000, "//anon")
            .Sample(8, 0x9010, User)
            .Sample(7, 0x9010, User);

        Assert.Equal(
            ["python [JIT] tid 7+9010", "python [JIT] tid 8+9010", "python [JIT] tid 7+9010"], scene.Samples);
    }

    [Fact]
    public void After_exec_the_old_programs_frames_last_until_the_new_one_runs()
    {
        var scene = new Scene()
            .Map(7, 0x5000, 0x1000, "/bin/old")
            .Comm(7, "new", exec: true)
            .Map(7, 0x8000, 0x1000, "/bin/new")
            .Sample(7, KernelText, Kernel, ToKernel, KernelText, ToUser, 0x5004)
            .Sample(7, 0x8004, User)
            .Sample(7, 0x5004, User);

        Assert.Equal(["new [kernel.kallsyms]+ffffffff81000000 old+4", "new new+4", "new [unknown]+5004"], scene.Samples);
    }

    [Fact]
    public void Data_mappings_hide_no_code()
    {
        var scene = new Scene()
            .Map(7, 0x5000, 0x1000, "/bin/prog")
            .Map(7, 0x5000, 0x1000, "/data", protection: 3)
            .Sample(7, 0x5004, User);

        Assert.Equal([":7 prog+4"], scene.Samples);
    }

    [Fact]
    public void Torn_stacks_with_values_like_markers_lose_no_frame()
    {
        const ulong Garbage = unchecked((ulong)-1L);
        var scene = new Scene()
            .Map(7, 0x5000, 0x1000, "/bin/prog")
            .Sample(7, 0x5004, User, ToUser, 0x5004, Garbage, 0x5008);

        Assert.Equal([":7 prog+4 ~[unknown]+ffffffffffffffff ~prog+8"], scene.Samples);
    }

    [Fact]
    public void A_mapping_that_wraps_around_the_address_space_is_no_mapping() => Assert.Equal(
        [":7 [unknown]+5004"],
        new Scene().Map(7, 0x5000, ulong.MaxValue, "/bin/prog").Sample(7, 0x5004, User).Samples);

    [Fact]
    public void Samples_outside_the_asked_time_are_left_out_but_what_they_need_is_not()
    {
        var scene = new Scene(new ConverterOptions { From = 20, To = 30 })
            .Map(7, 0x5000, 0x1000, "/bin/prog")
            .SampleAt(10, 7, 0x5001, User)
            .SampleAt(20, 7, 0x5002, User)
            .SampleAt(30, 7, 0x5003, User)
            .SampleAt(31, 7, 0x5004, User);

        Assert.Equal([":7 prog+2", ":7 prog+3"], scene.Samples);
        Assert.Equal((20UL, 30UL), (scene.Profile.FirstSampleTime, scene.Profile.LastSampleTime));
    }

    [Fact]
    public void An_address_is_what_lies_there_at_the_time_and_in_the_process()
    {
        const RecordMisc User = RecordMisc.PERF_RECORD_MISC_USER;
        const RecordMisc Kernel = RecordMisc.PERF_RECORD_MISC_KERNEL;
        var scene = new Scene()
            .Comm(7, "a").Comm(8, "b")
            .Map(7, 0x1000, 0x1000, "/lib/old.so").Map(8, 0x1000, 0x1000, "/lib/other.so")
            .Sample(7, 0x1010, User).Sample(8, 0x1010, User).Sample(7, 0x1010, User)
            .Sample(7, 0x1010, Kernel)
            .Sample(7, 0x1010, User, CallchainContext.PERF_CONTEXT_USER, 0x1010, 0x1010)
            .Map(7, 0x1000, 0x1000, "/lib/new.so")
            .Sample(7, 0x1010, User)
            .Fork(9, 7).Sample(9, 0x1010, User)
            .Map(9, 0x1000, 0x1000, "/lib/childs.so")
            .Sample(9, 0x1010, User).Sample(7, 0x1010, User);
        Assert.Equal(
            [
                "a old.so+10", "b other.so+10", "a old.so+10",
                "a [kernel.kallsyms]+1010",
                "a old.so+10 ~old.so+10",
                "a new.so+10",
                "a new.so+10",
                "a childs.so+10", "a new.so+10",
            ],
            scene.Samples);
    }

    [Fact]
    public void Equal_samples_grow_no_table()
    {
        var scene = new Scene().Map(7, 0x5000, 0x1000, "/bin/prog");
        var aggregator = new SampleAggregator(scene.Profile);
        for (int i = 0; i < 1000; i++)
        {
            scene.Sample(7, 0x5004, User, ToUser, 0x5004, 0x5010, 0x5020);
            aggregator.OnSample(new ConvertedSample(null!, new SampleKey(0, 7, 7, 0, -1, 2), 0, 0, 3, true, false));
        }

        Assert.Equal((3, 3), (scene.Profile.Stacks.Count, scene.Profile.Frames.Count));
        Assert.Equal(1, scene.Profile.Samples.Count);
        Assert.Equal((1000UL, 3000UL), (scene.Profile.Samples.SamplesOf(0), scene.Profile.Samples.PeriodOf(0)));
    }
}
