using Viperf.Core.Recording;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Recording;

public sealed class StandingSampleTests : IDisposable
{
    private const uint StackBytes = 4096;
    private const SampleFormat Always = SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_TID | SampleFormat.PERF_SAMPLE_TIME
        | SampleFormat.PERF_SAMPLE_PERIOD | SampleFormat.PERF_SAMPLE_IDENTIFIER | SampleFormat.PERF_SAMPLE_CALLCHAIN;

    private readonly AgentRing _agent = new(4096);

    [Theory]
    [InlineData(Always | SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER)]
    [InlineData(Always | SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER | SampleFormat.PERF_SAMPLE_DATA_SRC)]
    public void What_is_known_of_a_thread_is_read_back(SampleFormat format)
    {
        var recorded = EventOf(format);
        byte[] stack = [.. Enumerable.Range(0, 1024).Select(i => (byte)i)];
        var sample = Read(recorded, Seen() with { StackPointer = 0x7000, Instruction = 0x1234, Stack = stack });

        Assert.Equal((41, 43, 1000UL, 5000UL, 0x1234UL), (sample.Pid, sample.Tid, sample.Time, sample.Period, sample.Ip));
        Assert.Empty(sample.Callchain().ToArray());
        var state = sample.UserState();
        Assert.Equal(RegistersAbi.PERF_SAMPLE_REGS_ABI_64, state.Abi);
        Assert.True(state.TryGetRegister(7, out ulong stackPointer) && state.TryGetRegister(8, out ulong instruction)
            && (stackPointer, instruction) == (0x7000UL, 0x1234UL));
        Assert.Equal(stack, state.Stack.ToArray());
    }

    [Fact]
    public void A_thread_of_which_little_is_known_has_no_registers_and_no_stack()
    {
        var sample = Read(EventOf(Always | SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER), Seen());
        var state = sample.UserState();
        Assert.Equal(RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE, state.Abi);
        Assert.True(state.Stack.IsEmpty);
    }

    [Theory]
    [InlineData(65_528)]
    [InlineData(100_000)]
    public void A_stack_that_is_too_long_for_a_record_is_cut(int bytes)
    {
        var sample = Read(
            EventOf(Always | SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER),
            Seen() with { StackPointer = 0x7000, Stack = new byte[bytes] });
        Assert.InRange(sample.UserState().Stack.Length, 65_000, ushort.MaxValue);
    }

    public void Dispose() => _agent.Dispose();

    private StandingThread Seen() => new(new CapturedProcess(41, 13, _agent.Reader, []), 43, 1000, 5000, StandReason.SystemCall);

    private static EventDescription EventOf(SampleFormat format) =>
        new(0, new PerfEventAttr { sample_type = format, sample_stack_user = StackBytes }, "cpu-clock", [7]);

    private static SampleView Read(EventDescription recorded, StandingThread seen)
    {
        var builder = new StandingSample(recorded);
        return new SampleView(new RecordView(builder.Build(seen), "sample", 0), builder.Source.Layout);
    }
}
