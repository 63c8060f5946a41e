using Viperf.Core;
using Viperf.Core.Linux;
using Viperf.Core.Recording;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Recording;

/// <summary>Records these tests' own threads, with the kernel's own samples and rings.</summary>
public class LiveRecordingTests
{
    private const int StackDump = 4096;

    /// <summary>Far more work than the samples need: a guard against a kernel that takes none.</summary>
    private const int MostRounds = 20_000;

    [Fact]
    public void The_kernels_samples_arrive_with_registers_and_stacks()
    {
        var taker = new LiveTaker();
        using var events = Open(taker);
        using var drain = new LiveDrain(
            events.Rings, events.Events, taker, PerfDataWriter.CreateFile(new MemoryStream(), events.Events), new RecordPool());
        events.Enable(_ => true);
        for (int round = 0; round < MostRounds && drain.Counts.Samples < 50; round++)
        {
            Thread.SpinWait(10_000);
            drain.Drain(ended: false);
        }

        events.Disable();
        drain.Drain(ended: true);

        Assert.InRange(drain.Counts.Samples, 50UL, ulong.MaxValue);
        Assert.Equal(taker.Times.Order(), taker.Times);
        Assert.All(events.Rings, ring => Assert.Equal(ring.ReadHead(), ring.Tail));
        byte[] shorter = new byte[ushort.MaxValue + 1];
        foreach (var (_, bytes, _) in taker.Taken)
        {
            var record = new RecordView(bytes, "test", 0);
            if (record.Type != RecordType.PERF_RECORD_SAMPLE)
            {
                continue;
            }

            var state = new SampleView(record, events.Layout).UserState();
            Assert.Equal(RegistersAbi.PERF_SAMPLE_REGS_ABI_64, state.Abi);
            Assert.InRange(state.Stack.Length, 8, StackDump);

            int length = StackDumps.CopyWithout(record, events.Layout, shorter);
            var without = new SampleView(new RecordView(shorter.AsSpan(0, length), "test", 0), events.Layout).UserState();
            Assert.Equal(length, without.End);
            Assert.True(without.Stack.IsEmpty);
            Assert.True(without.TryGetRegister(0, out ulong first) & state.TryGetRegister(0, out ulong same));
            Assert.Equal(same, first);
        }
    }

    private static EventSet Open(LiveTaker taker)
    {
        var options = new RecordOptions
        {
            Events = EventParser.Parse("cpu-clock:u"), Frequency = 1999, CallGraph = true, StackDump = StackDump, LiveRecords = taker,
        };
        try
        {
            var events = EventOpener.Open(options, ProcFs.Threads(Environment.ProcessId), CpuList.Online(), onExec: false);
            events.MapRings(RingPages.Default(StackDump, CpuList.Online().Count), orLess: true);
            return events;
        }
        catch (UserErrorException refused)
        {
            Assert.Skip(refused.Message);
            throw;
        }
    }
}
