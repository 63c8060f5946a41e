using System.Runtime.InteropServices;
using System.Text;
using Viperf.Abi;
using Viperf.Core.Pipeline;
using Viperf.Core.Recording;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Viperf.Tests.PerfData;
using Viperf.Tests.Recording;
using Xunit;

namespace Viperf.Tests.Pipeline;

public sealed class PythonCaptureTests : IDisposable
{
    private const int Pid = 41;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly AgentRing _agent = new(64 * 1024);
    private readonly CallchainRewriter _rewriter;
    private readonly ByteWriter _output = new();

    public PythonCaptureTests()
    {
        _rewriter = CallchainRewriter.ForLive(_ => { }, Path.Combine(_directory.FullName, "file-"));
        ((ICaptureSink)_rewriter.Capture!).Begin(new CapturedProcess(Pid, 13, _agent.Reader, []));
        WriteCode(1, "first");
        WriteCode(2, "second");
    }

    [Fact]
    public void A_sample_that_waits_gets_its_own_signal_and_not_one_of_a_later_sample()
    {
        TakeSample(10); // the thread lost its CPU before the signal came
        Assert.Empty(Functions());
        WriteSignal(15, code: 1);
        WriteSignal(25, code: 2);
        TakeSample(20);
        Assert.Equal(["first", "second"], Functions());
    }

    [Fact]
    public void Samples_of_a_thread_wait_for_one_signal_together_and_others_do_not_wait_for_them()
    {
        TakeSample(10);
        TakeSample(20);
        WriteSignal(22, code: 2, thread: Pid + 1);
        TakeSample(21, thread: Pid + 1);
        Assert.Equal(["second"], Functions());
        WriteSignal(30, code: 1);
        _rewriter.OnDrained(ended: false, _output);
        Assert.Equal(["second", "first", "first"], Functions());
    }

    [Fact]
    public void What_waits_at_the_end_is_written_and_counted()
    {
        TakeSample(10);
        _rewriter.OnDrained(ended: true, _output);
        Assert.Equal([""], Functions());
        Assert.Equal(
            "of 1 samples some have no Python functions, or not all of theirs: "
                + "1 whose thread ended, or ran another program, before it was asked",
            _rewriter.Capture!.Losses(few: false));
    }

    [Fact]
    public void Registers_and_stack_of_a_thread_are_told_of_once()
    {
        WriteNative(15, stackBytes: 64);
        WriteSignal(15, code: 1, flags: CaptureSample.Timed | CaptureSample.InKernel);
        WriteSignal(15, code: 2, flags: CaptureSample.Timed | CaptureSample.InKernel);
        var system = Assert.Single(((ICaptureSink)_rewriter.Capture!).ReadRings());
        Assert.Equal((Pid, 15UL), (system.Tid, system.Time));
        Assert.Single(system.Frames);
    }

    [Fact]
    public void More_stack_than_threads_copy_makes_no_sense()
    {
        WriteNative(15, stackBytes: 32 * 1024);
        WriteSignal(15, code: 1, flags: CaptureSample.Timed | CaptureSample.InKernel);
        Assert.Empty(((ICaptureSink)_rewriter.Capture!).ReadRings());
        Assert.Equal(1UL, _rewriter.Capture!.Processes[0].Unknown);
    }

    public void Dispose()
    {
        _rewriter.Capture!.Dispose();
        _rewriter.Dispose();
        _agent.Dispose();
        _directory.Delete(recursive: true);
    }

    private static SampleParts Parts(ulong time, int thread) => new SampleParts { Mode = RecordMisc.PERF_RECORD_MISC_USER }
        .Words(SampleFormat.PERF_SAMPLE_IP, 0x1234).Words(SampleFormat.PERF_SAMPLE_TID, (ulong)thread << 32 | Pid)
        .Words(SampleFormat.PERF_SAMPLE_TIME, time).Registers(RegistersAbi.PERF_SAMPLE_REGS_ABI_64, 0x180, 0x7000, 0).Stack(0, 0);

    private void TakeSample(ulong time, int thread = Pid)
    {
        var parts = Parts(time, thread);
        var attr = parts.Attr;
        attr.flags |= AttrFlags.sigtrap;
        _rewriter.OnRecord(
            new RecordView(parts.Record(), "sample", 0), new EventDescription(0, attr, "cpu-clock", [1]), time, stackDropped: false, _output);
    }

    private void WriteNative(ulong time, int stackBytes) =>
        Write(CaptureRecord.Native, new CaptureNative { Time = time, Thread = Pid }, new byte[stackBytes]);

    private void WriteSignal(ulong time, uint code, int thread = Pid, ushort flags = 0)
    {
        var sample = new CaptureSample { Time = time, Thread = (uint)thread, Frames = 1 };
        Write(CaptureRecord.Sample, flags, sample, MemoryMarshal.AsBytes([new CaptureFrame { Code = code, Position = CaptureFrame.LastOfRun }]));
    }

    private void WriteCode(uint number, string name)
    {
        var code = new CaptureCode { Number = number, CodeBytes = 20, FirstLine = 1, NameBytes = (uint)name.Length, FileBytes = 5, LineBytes = 2 };
        Write(CaptureRecord.Code, code, Encoding.UTF8.GetBytes(name + "/a.py" + "\0\u0001"));
    }

    private void Write<T>(ushort kind, T head, ReadOnlySpan<byte> rest)
        where T : unmanaged => Write(kind, flags: 0, head, rest);

    private void Write<T>(ushort kind, ushort flags, T head, ReadOnlySpan<byte> rest)
        where T : unmanaged
    {
        byte[] record = new byte[(Marshal.SizeOf<T>() + rest.Length + 7) & ~7];
        MemoryMarshal.Write(record, head);
        rest.CopyTo(record.AsSpan(Marshal.SizeOf<T>()));
        MemoryMarshal.Write(record, new CaptureRecord { Size = (uint)record.Length, Kind = kind, Flags = flags });
        _agent.Write(record);
    }

    /// <summary>The Python function of each sample that was written; nothing where it has none.</summary>
    private List<string> Functions()
    {
        var layout = new EventLayout(SampleRewriter.AttrOf(Parts(0, 0).Attr));
        var stacks = _rewriter.Capture!.Processes[0];
        var written = _output.Written;
        var names = new List<string>();
        while (!written.IsEmpty)
        {
            int size = MemoryMarshal.Read<RecordHeader>(written).size;
            var record = new RecordView(written[..size], "rewritten", 0);
            if (record.Type == RecordType.PERF_RECORD_SAMPLE)
            {
                ulong[] chain = new SampleView(record, layout).Callchain().ToArray();
                names.Add(string.Concat(stacks.Code.Functions.Skip(1)
                    .Where(function => chain.Any(address => address - stacks.Start - function.Start < 20)).Select(function => function.Name)));
            }

            written = written[size..];
        }

        return names;
    }
}
