using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Core.Recording;
using Viperf.Core.Symbols;
using Viperf.Core.Unwinding;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Passes records on and unwinds samples on the way: they come out with a call chain instead of registers and stack. Records
/// must come in the order of their times.
/// </summary>
public sealed class CallchainRewriter : ILiveRecords, IDisposable
{
    private readonly ProcessTimeline _timeline;
    private readonly JitDumps _jitDumps;
    private readonly ProcessUnwinder _unwinder;
    private readonly CallChain _chain = new();

    /// <summary>Makes a rewriter of what is being recorded on this machine.</summary>
    /// <param name="warn">Takes what cannot be read, a line each; the same line may come more than once.</param>
    /// <param name="captureFolder">Where files about captured Python code will lie; null if none is captured.</param>
    /// <exception cref="UserErrorException">It is a processor that viperf does not unwind.</exception>
    /// <param name="clock">Which time samples of captured threads stand for.</param>
    public static CallchainRewriter ForLive(Action<string> warn, string? captureFolder = null, CaptureClock clock = CaptureClock.Cpu) =>
        new(Machines.OfArchitecture(null), new SymbolizerOptions(), isLive: true, warn, captureFolder, clock);

    /// <summary>Makes a rewriter.</summary>
    /// <param name="machine">The processor that the recording is made on.</param>
    /// <param name="options">What the recording says.</param>
    /// <param name="isLive">True if the processes still run.</param>
    /// <param name="warn">Takes what cannot be read, a line each.</param>
    /// <exception cref="UserErrorException">It is a processor that viperf does not unwind.</exception>
    /// <param name="captureFolder">Where files about captured Python code will lie; null if none is captured.</param>
    /// <param name="clock">Which time samples of captured threads stand for.</param>
    internal CallchainRewriter(
        ElfMachine machine, SymbolizerOptions options, bool isLive, Action<string> warn, string? captureFolder = null,
        CaptureClock clock = CaptureClock.Cpu)
    {
        var profile = new Profile(); // for its modules alone
        _timeline = new ProcessTimeline(profile);
        _jitDumps = new JitDumps(profile, options);
        var jitted = new JittedCode(profile, machine, _jitDumps, options, isLive, warn);
        _unwinder = ProcessUnwinder.For(profile, machine, options.Files, jitted, warn)
            ?? throw new UserErrorException("viperf unwinds stacks of x86-64 and aarch64 only: keep their copies, with record --unwind post");
        Capture = captureFolder is null ? null : new PythonCapture(captureFolder, profile, options.Files) { Clock = clock };
    }

    /// <summary>Takes what agents write down of Python frames; null if they do not.</summary>
    public PythonCapture? Capture { get; }

    /// <summary>What could not be read of jitdumps, one line each.</summary>
    public IEnumerable<string> Warnings => _jitDumps.Warnings;

    /// <inheritdoc/>
    public PerfEventAttr AttrOfFile(in PerfEventAttr recorded) => SampleRewriter.AttrOf(recorded);

    /// <inheritdoc/>
    public bool HoldsBack => Capture?.HoldsBack == true;

    /// <inheritdoc/>
    public void OnDrained(bool ended, ByteWriter output) => Capture?.OnDrained(ended, output);

    /// <inheritdoc/>
    public void OnRecord(RecordView record, EventDescription source, ulong time, bool stackDropped, ByteWriter output)
    {
        if (record.Type == RecordType.PERF_RECORD_SAMPLE && source.Layout.Has(SampleFormat.PERF_SAMPLE_STACK_USER))
        {
            OnSample(record, source, time, stackDropped, output);
            return;
        }

        _timeline.OnRecord(record, time);
        Capture?.OnRecord(record);
        output.WriteBytes(record.Bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _unwinder.Dispose();
        _jitDumps.Dispose();
    }

    private void OnSample(RecordView record, EventDescription source, ulong time, bool stackDropped, ByteWriter output)
    {
        var layout = source.Layout;
        var sample = new SampleView(record, layout);
        var seen = Capture?.TakeSeen();
        var system = Capture?.TakeSystem();
        bool isCaptured = (source.Attr.flags & AttrFlags.sigtrap) != 0;
        if (!isCaptured && seen is null && system is null && Capture?.IsUnwanted(sample.Pid, time) == true)
        {
            return; // the events that signal the process sampled the same
        }

        var recorded = new RecordedChain(sample.Callchain(), source.Attr);
        _chain.Clear();
        _chain.Add(recorded.Used);
        var process = _timeline.Thread(sample.Pid, sample.Tid).Process;
        if (seen is { IsRepeat: true } or { Reason: StandReason.NoCpu })
        {
            Capture!.OnStanding(seen, record, source, process, _chain, null, output);
            return;
        }

        UnwindResult? result = recorded.HasUser ? null
            : stackDropped ? new UnwindResult(StackEnd.Overload, false, 0)
            : _unwinder.Unwind(process, source.HasMonotonicTime ? time : null, sample.UserState(), _chain);
        if (_chain.Count == recorded.Used.Length && result is not null)
        {
            AddLeaf(record, sample);
        }

        if (system is not null)
        {
            Capture!.OnSystem(system, record, source, process, _chain, result, output);
        }
        else if (seen is not null)
        {
            Capture!.OnStanding(seen, record, source, process, _chain, result, output);
        }
        else if (isCaptured && Capture is { } capture)
        {
            capture.OnSample(record, source, sample, process, time, _chain, result, output);
        }
        else if (Capture?.IsOfOthers() != true)
        {
            UnwoundSample.Write(record, source, _chain, result, output);
        }
    }

    /// <summary>A sample of the user's code keeps at least the place that it was taken at.</summary>
    private void AddLeaf(RecordView record, SampleView sample)
    {
        if (record.CpuMode == RecordMisc.PERF_RECORD_MISC_USER)
        {
            _chain.Add(CallchainContext.PERF_CONTEXT_USER);
            _chain.Add(sample.Ip);
        }
    }
}
