using System.Security.Cryptography;
using System.Text;
using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Core.Python;
using Viperf.Core.Recording;
using Viperf.Core.Symbols;
using Viperf.Core.Unwinding;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Viperf.Formats.Python;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Puts the Python frames that agents wrote down into the samples that they belong to. A sample whose signal has not come yet
/// waits for it.
/// </summary>
public sealed class PythonCapture : ICaptureSink, IDisposable
{
    /// <summary>Where Python code of the first process lies: far from all that 64-bit programs map by themselves.</summary>
    private const ulong FirstAddress = 0x2000_0000_0000;

    /// <summary>How long a sample waits, in nanoseconds of the recording's clock.</summary>
    private const ulong LongestWait = 1_000_000_000;

    private readonly string _filePrefix;
    private readonly string _recording = Guid.NewGuid().ToString("N");
    private readonly NativeRoles _roles;
    private readonly CodeMappings _mappings;
    private readonly Dictionary<int, CapturedStacks> _byPid = [];
    private readonly List<CapturedStacks> _all = [];

    /// <summary>Those whose rings are read here and have not been given back.</summary>
    private readonly List<CapturedStacks> _live = [];
    private readonly CallChain _merged = new();
    private readonly CallChain _ofKernel = new();
    private readonly StandingStacks _standing = new();
    private readonly ulong[] _counts = new ulong[(int)SignalMatch.Count];
    private readonly WaitingSamples _waiting = new();
    private CaptureSpool? _spool;
    private int _processes = 1;
    private ulong _now;
    private ulong _unwanted;
    private StandingThread? _seen;
    private SystemSample? _system;

    /// <summary>Prepares.</summary>
    /// <param name="filePrefix">How the paths of the files with the code's names and lines will begin.</param>
    /// <param name="profile">Whose modules the timeline's mappings name.</param>
    /// <param name="finder">Finds the modules' files.</param>
    internal PythonCapture(string filePrefix, Profile profile, FileFinder finder)
    {
        _filePrefix = filePrefix;
        _roles = new NativeRoles(new EvaluatorCode(profile, finder));
        _mappings = new CodeMappings(this);
    }

    /// <summary>Which time samples stand for.</summary>
    public CaptureClock Clock { get; init; }

    /// <summary>All that was captured.</summary>
    internal IReadOnlyList<CapturedStacks> Processes => _all;

    /// <inheritdoc/>
    int ICaptureSink.LiveProcesses => _processes;

    /// <inheritdoc/>
    ulong ICaptureSink.Unwanted => _unwanted;

    /// <summary>Writes the files that name what was captured; the recording must have ended.</summary>
    /// <exception cref="UserErrorException">A file cannot be written.</exception>
    public void WriteFiles()
    {
        CapturedFiles.Write(this);
        _spool?.Remove();
    }

    /// <summary>How many samples lack Python functions and why, in one line; null if none does.</summary>
    /// <param name="few">True to tell also of fewer than one in a thousand.</param>
    public string? Losses(bool few) => CaptureLosses.Say(this, few);

    /// <summary>Samples that were looked at.</summary>
    internal ulong Samples => _counts.Aggregate(0UL, (sum, count) => sum + count);

    /// <summary>True while samples wait for their signals.</summary>
    internal bool HoldsBack => _waiting.Count > 0;

    /// <summary>Samples by what became of them.</summary>
    internal ulong CountOf(SignalMatch match) => _counts[(int)match];

    /// <summary>Where a process's code is to be described.</summary>
    internal string FileOf(CapturedStacks stacks) => CapturedFiles.PathOf(_filePrefix, stacks.Process.Pid, (uint)stacks.Index);

    /// <summary>The build-id of a process's file, which no other file of any recording has.</summary>
    internal byte[] BuildIdOf(CapturedStacks stacks) => SHA256.HashData(Encoding.UTF8.GetBytes(_recording + FileOf(stacks)))[..CodeElfWriter.BuildIdBytes];

    /// <summary>How a recording captures.</summary>
    /// <param name="socketPath">Where agents ask for it.</param>
    /// <param name="followsTasks">True to show asyncio's tasks under those that await them.</param>
    public CaptureOptions Options(string socketPath, bool followsTasks) => new(socketPath, this, followsTasks) { Clock = Clock };

    /// <inheritdoc/>
    void ICaptureSink.Begin(CapturedProcess process)
    {
        if (_byPid.TryGetValue(process.Pid, out var before))
        {
            before.HasEnded = true;
        }

        if (_spool is null)
        {
            CapturedFiles.MakeRoom(_filePrefix);
            _spool = new CaptureSpool(_filePrefix + CaptureSpool.Name);
        }

        var stacks = new CapturedStacks(process, _all.Count, FirstAddress + ((ulong)_all.Count * CapturedStacks.AddressBytes), _spool);
        _spool.Begin(stacks.Index, process.Pid, process.PythonMinor, BuildIdOf(stacks));
        _byPid[process.Pid] = stacks;
        _all.Add(stacks);
        if (!process.HasTimers)
        {
            _live.Add(stacks);
        }
    }

    /// <inheritdoc/>
    void ICaptureSink.Take(CapturedProcess process, ushort kind, ReadOnlySpan<byte> record)
    {
        if (_byPid.TryGetValue(process.Pid, out var stacks) && stacks.Process == process)
        {
            stacks.Take(kind, record);
        }
    }

    /// <inheritdoc/>
    void ICaptureSink.Stands(StandingThread thread) => _seen = thread;

    /// <inheritdoc/>
    IEnumerable<SystemSample> ICaptureSink.ReadRings()
    {
        foreach (var stacks in _live)
        {
            stacks.Read();
            while (stacks.TryTakeSystem(out var system))
            {
                yield return system;
            }
        }
    }

    /// <inheritdoc/>
    void ICaptureSink.RanInKernel(SystemSample system) => _system = system;

    /// <summary>What is known of the kernel's part that the sample which comes now is of; null if it is another.</summary>
    internal SystemSample? TakeSystem()
    {
        var system = _system;
        _system = null;
        return system;
    }

    /// <summary>What is known beside it of the sample that comes now; null if the kernel took it.</summary>
    internal StandingThread? TakeSeen()
    {
        var seen = _seen;
        _seen = null;
        return seen;
    }

    /// <summary>Takes in what changes processes.</summary>
    internal void OnRecord(RecordView record)
    {
        switch (record.Type)
        {
            case RecordType.PERF_RECORD_FORK:
                var fork = new TaskView(record);
                _processes += fork.Pid != fork.ParentPid ? 1 : 0;
                if (fork.Pid == fork.ParentPid && _byPid.TryGetValue(fork.Pid, out var stacks))
                {
                    stacks.Begin(fork.Tid);
                }

                break;
            case RecordType.PERF_RECORD_EXIT:
                var exit = new TaskView(record);
                _processes -= exit.Pid == exit.Tid ? 1 : 0;
                if (_byPid.TryGetValue(exit.Pid, out var ended))
                {
                    ended.End(exit.Tid);
                }

                break;
            case RecordType.PERF_RECORD_COMM:
                var comm = new CommView(record);
                if (comm.IsExec && _byPid.Remove(comm.Pid, out var replaced))
                {
                    replaced.HasEnded = true;
                }

                break;
        }
    }

    /// <summary>True, and counted, if a process's samples come from the events that signal it: others of it are not wanted.</summary>
    internal bool IsUnwanted(int pid, ulong time)
    {
        bool isUnwanted = _byPid.TryGetValue(pid, out var stacks) && time >= stacks.Process.Start;
        _unwanted += isUnwanted ? 1UL : 0;
        return isUnwanted;
    }

    /// <summary>
    /// True, and counted, if samples of threads of which nobody knows that they hold the interpreter's lock are not wanted.
    /// </summary>
    internal bool IsOfOthers()
    {
        _unwanted += Clock == CaptureClock.Gil ? 1UL : 0;
        return Clock == CaptureClock.Gil;
    }

    /// <summary>Writes a sample that was taken with a signal, or keeps it until that comes.</summary>
    /// <param name="record">The sample.</param>
    /// <param name="source">Its event.</param>
    /// <param name="sample">The same.</param>
    /// <param name="process">Its process at the time.</param>
    /// <param name="time">Its time.</param>
    /// <param name="chain">Its native chain.</param>
    /// <param name="result">What became of unwinding; null where the kernel found the whole chain.</param>
    /// <param name="output">Where to.</param>
    internal void OnSample(
        RecordView record, EventDescription source, in SampleView sample, ProcessState process, ulong time, CallChain chain,
        UnwindResult? result, ByteWriter output)
    {
        _now = time;
        if (!_byPid.TryGetValue(sample.Pid, out var stacks))
        {
            _counts[(int)SignalMatch.Ended]++;
            if (IsOfOthers())
            {
                return;
            }

            UnwoundSample.Write(record, source, chain, result, output);
            return;
        }

        _mappings.Announce(stacks, time, source.Layout, output);
        int userStart = chain.Entries.IndexOf(CallchainContext.PERF_CONTEXT_USER);
        userStart = userStart < 0 ? chain.Count : userStart;
        var roles = _roles.Of(process, chain.Entries, userStart);
        if (_waiting.Count > 0)
        {
            CompleteWaiting(stacks, sample.Tid, output);
        }

        var match = stacks.Find(sample.Tid, time, sample.Ip, out var frames);
        if (match == SignalMatch.None && !_waiting.IsFull)
        {
            var waiting = new ByteWriter();
            SampleRewriter.Write(record, source.Layout, [], waiting);
            var written = new EventDescription(0, SampleRewriter.AttrOf(source.Attr), source.Name, []) { IdInFile = source.IdInFile };
            _waiting.Add(new WaitingSample(
                stacks, written, sample.Tid, time, sample.Ip, waiting.Written.ToArray(), chain.Entries.ToArray(),
                roles.ToArray(), userStart, result));
            return;
        }

        Complete(stacks, match, record, source, chain, userStart, roles, frames, result, output);
    }

    /// <summary>Writes the sample of a thread that stands still.</summary>
    /// <param name="seen">How it stands.</param>
    /// <param name="record">The sample.</param>
    /// <param name="source">The event that it seems to be of.</param>
    /// <param name="process">Its process.</param>
    /// <param name="chain">Its native chain; empty where it stands as before.</param>
    /// <param name="result">What became of unwinding.</param>
    /// <param name="output">Where to.</param>
    internal void OnStanding(
        StandingThread seen, RecordView record, EventDescription source, ProcessState process, CallChain chain, UnwindResult? result,
        ByteWriter output)
    {
        if (_all.Find(stacks => stacks.Process == seen.Process) is not { } stacks)
        {
            return;
        }

        if (!seen.IsRepeat && seen.Reason != StandReason.NoCpu)
        {
            Merge(process, chain, result, stacks.WordsOf(seen));
            _standing.Stands(stacks, seen, _merged, result);
        }

        if (_standing.TryFind(stacks, seen, Clock, _ofKernel, out var end))
        {
            _mappings.Announce(stacks, seen.Time, source.Layout, output);
            UnwoundSample.Write(record, source, _ofKernel, end, output);
            return;
        }

        _unwanted++;
    }

    /// <summary>Writes the sample of a thread that the kernel ran for.</summary>
    /// <param name="system">What is known of it.</param>
    /// <param name="record">The sample.</param>
    /// <param name="source">The event that it seems to be of.</param>
    /// <param name="process">Its process.</param>
    /// <param name="chain">Its native chain.</param>
    /// <param name="result">What became of unwinding.</param>
    /// <param name="output">Where to.</param>
    internal void OnSystem(
        SystemSample system, RecordView record, EventDescription source, ProcessState process, CallChain chain, UnwindResult? result,
        ByteWriter output)
    {
        var stacks = _all.Find(stacks => stacks.Process == system.Process);
        ulong due = stacks?.KernelTime.Take(stacks.Thread(system.Tid), system) ?? 0;
        if (stacks is null || due == 0 || (Clock == CaptureClock.Gil && !system.HoldsGil))
        {
            _unwanted++;
            return;
        }

        Merge(process, chain, result, system.Frames);
        _mappings.Announce(stacks, system.Time, source.Layout, output);
        StandingStacks.Below(stacks.Start + CapturedCode.KernelOffset, _merged.Entries, _ofKernel);
        UnwoundSample.Write(record, source, _ofKernel, result, output, due);
    }

    /// <summary>Writes the samples whose signals have come, or will not come any more.</summary>
    /// <param name="ended">True if none comes any more.</param>
    /// <param name="output">Where to.</param>
    internal void OnDrained(bool ended, ByteWriter output)
    {
        _live.RemoveAll(static stacks => stacks.TryRelease());
        _waiting.CompleteAll(waiting => TryComplete(waiting, ended, output));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _spool?.Dispose();
        foreach (var stacks in _all)
        {
            stacks.Dispose();
        }
    }

    /// <summary>Writes the samples of a thread whose signals have come: those of later samples come behind them.</summary>
    private void CompleteWaiting(CapturedStacks stacks, int tid, ByteWriter output) =>
        _waiting.Complete(stacks, tid, waiting => TryComplete(waiting, ended: false, output));

    /// <summary>Writes a sample that waited; false if it waits on.</summary>
    private bool TryComplete(WaitingSample sample, bool ended, ByteWriter output)
    {
        var match = sample.Stacks.Find(sample.Tid, sample.Time, sample.Instruction, out var frames);
        if (match == SignalMatch.None && (ended || _now > sample.Time + LongestWait))
        {
            match = ended ? SignalMatch.Ended : SignalMatch.Late;
        }

        if (match == SignalMatch.None)
        {
            return false;
        }

        var record = new RecordView(sample.Record, "a sample that waited", 0);
        var chain = new CallChain();
        chain.Add(sample.Chain);
        Complete(sample.Stacks, match, record, sample.Source, chain, sample.UserStart, sample.Roles, frames, sample.Result, output);
        return true;
    }

    private void Complete(
        CapturedStacks stacks, SignalMatch match, RecordView record, EventDescription source, CallChain chain, int userStart,
        ReadOnlySpan<NativeRole> roles, ReadOnlySpan<ulong> frames, UnwindResult? result, ByteWriter output)
    {
        match = match == SignalMatch.None ? SignalMatch.Late : match;
        _counts[(int)match]++;
        _merged.Clear();
        if (frames.IsEmpty)
        {
            _merged.Add(chain.Entries);
        }
        else
        {
            PythonPlacement.Merge(
                chain.Entries, userStart, roles, result is null or { End: StackEnd.Complete }, frames, _merged);
        }

        var sample = new SampleView(record, source.Layout);
        stacks.CountSample(sample.Tid, match, sample.Period);
        if (Clock != CaptureClock.Cpu)
        {
            bool heldGil = match == SignalMatch.Found && stacks.HeldGil(sample.Tid);
            _standing.Runs(stacks, sample.Tid, _merged, result, heldGil);
            if (!heldGil && IsOfOthers())
            {
                return;
            }
        }

        ulong unsampled = match == SignalMatch.Found && stacks.Process.MeasuresCpuTime ? stacks.KernelTime.Take(stacks.Thread(sample.Tid), sample.Time, sample.Period, sample.Tid == sample.Pid) : 0;
        if (unsampled > 0)
        {
            // No timer said what called the kernel: likely nothing did, and it was a fault. The thread has not gone far since.
            StandingStacks.Below(stacks.Start + CapturedCode.KernelOffset, _merged.Entries, _ofKernel);
            UnwoundSample.Write(record, source, _ofKernel, result, output, unsampled);
        }

        UnwoundSample.Write(record, source, _merged, result, output);
    }

    /// <summary>Puts a thread's Python frames into the native chain of its own code.</summary>
    private void Merge(ProcessState process, CallChain chain, UnwindResult? result, ReadOnlySpan<ulong> frames)
    {
        _merged.Clear();
        var roles = _roles.Of(process, chain.Entries, userStart: 0);
        PythonPlacement.Merge(chain.Entries, userStart: 0, roles, result is { End: StackEnd.Complete }, frames, _merged);
    }
}
