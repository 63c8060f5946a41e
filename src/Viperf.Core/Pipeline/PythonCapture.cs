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

    /// <summary>Bytes that one mapping announces.</summary>
    private const ulong MappingBytes = 16 * 1024 * 1024;

    /// <summary>How long a sample waits, in nanoseconds of the recording's clock.</summary>
    private const ulong LongestWait = 1_000_000_000;

    private const uint ReadExecute = 5; // PROT_READ | PROT_EXEC of sys/mman.h
    private const uint Private = 2; // MAP_PRIVATE

    private readonly string _filePrefix;
    private readonly string _recording = Guid.NewGuid().ToString("N");
    private readonly EvaluatorCode _evaluator;
    private readonly Dictionary<int, CapturedStacks> _byPid = [];
    private readonly List<CapturedStacks> _all = [];

    /// <summary>Those whose rings are read here and have not been given back.</summary>
    private readonly List<CapturedStacks> _live = [];
    private readonly Dictionary<CapturedStacks, ulong> _announced = [];
    private readonly CallChain _merged = new();
    private readonly CallChain _ofKernel = new();
    private readonly StandingStacks _standing = new();
    private readonly ulong[] _counts = new ulong[(int)SignalMatch.Count];
    private readonly WaitingSamples _waiting = new();
    private NativeRole[] _roles = new NativeRole[256];
    private CaptureSpool? _spool;
    private int _processes = 1;
    private ulong _now;
    private ulong _unwanted;
    private StandingThread? _seen;

    /// <summary>Prepares.</summary>
    /// <param name="filePrefix">How the paths of the files with the code's names and lines will begin.</param>
    /// <param name="profile">Whose modules the timeline's mappings name.</param>
    /// <param name="finder">Finds the modules' files.</param>
    internal PythonCapture(string filePrefix, Profile profile, FileFinder finder)
    {
        _filePrefix = filePrefix;
        _evaluator = new EvaluatorCode(profile, finder);
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

        Announce(stacks, time, source.Layout, output);
        int userStart = chain.Entries.IndexOf(CallchainContext.PERF_CONTEXT_USER);
        userStart = userStart < 0 ? chain.Count : userStart;
        FindRoles(process, chain.Entries, userStart);
        if (_waiting.Count > 0)
        {
            CompleteWaiting(stacks, sample.Tid, output);
        }

        var match = stacks.Find(sample.Tid, time, out var frames);
        if (match == SignalMatch.None && !_waiting.IsFull)
        {
            var waiting = new ByteWriter();
            SampleRewriter.Write(record, source.Layout, [], waiting);
            var written = new EventDescription(0, SampleRewriter.AttrOf(source.Attr), source.Name, []) { IdInFile = source.IdInFile };
            _waiting.Add(new WaitingSample(
                stacks, written, sample.Tid, time, waiting.Written.ToArray(), chain.Entries.ToArray(),
                _roles.AsSpan(0, chain.Count).ToArray(), userStart, result));
            return;
        }

        Complete(stacks, match, record, source, chain, userStart, _roles, frames, result, output);
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
            FindRoles(process, chain.Entries, userStart: 0);
            _merged.Clear();
            PythonPlacement.Merge(
                chain.Entries, userStart: 0, _roles.AsSpan(0, chain.Count), result is { End: StackEnd.Complete }, stacks.WordsOf(seen), _merged);
            _standing.Stands(stacks, seen, _merged, result);
        }

        if (_standing.TryFind(stacks, seen, Clock, _ofKernel, out var end))
        {
            Announce(stacks, seen.Time, source.Layout, output);
            UnwoundSample.Write(record, source, _ofKernel, end, output);
            return;
        }

        _unwanted++;
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
        var match = sample.Stacks.Find(sample.Tid, sample.Time, out var frames);
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
                chain.Entries, userStart, roles[..chain.Count], result is null or { End: StackEnd.Complete }, frames, _merged);
        }

        var sample = new SampleView(record, source.Layout);
        if (Clock != CaptureClock.Cpu)
        {
            bool heldGil = match == SignalMatch.Found && stacks.HeldGil(sample.Tid);
            _standing.Runs(stacks, sample.Tid, _merged, result, heldGil);
            if (!heldGil && IsOfOthers())
            {
                return;
            }
        }

        ulong unsampled = match == SignalMatch.Found ? stacks.TakeUnsampled(sample.Tid, sample.Period) : 0;
        if (unsampled > 0)
        {
            FindKernelsCaller(stacks);
            UnwoundSample.Write(record, source, _ofKernel, result, output, unsampled);
        }

        UnwoundSample.Write(record, source, _merged, result, output);
    }

    /// <summary>
    /// Makes the chain of time that went by in the kernel since the thread's last sample: below what calls it now, which is near
    /// to what called it then.
    /// </summary>
    private void FindKernelsCaller(CapturedStacks stacks)
    {
        StandingStacks.Below(stacks.Start + CapturedCode.KernelOffset, _merged.Entries, _ofKernel);
    }

    private void FindRoles(ProcessState process, ReadOnlySpan<ulong> chain, int userStart)
    {
        if (_roles.Length < chain.Length)
        {
            Array.Resize(ref _roles, Math.Max(chain.Length, 2 * _roles.Length));
        }

        _roles.AsSpan(0, chain.Length).Clear();
        bool isLeaf = true;
        for (int i = userStart; i < chain.Length; i++)
        {
            if (chain[i] >= CallchainContext.PERF_CONTEXT_MAX)
            {
                isLeaf = true;
                continue;
            }

            _roles[i] = isLeaf
                ? _evaluator.RoleOf(process, chain[i], NativeRole.None)
                : _evaluator.RoleOf(process, chain[i] - 1, _roles[i - 1]);
            isLeaf = false;
        }
    }

    /// <summary>Announces the code of a process before its first sample, and more of it before that is used up.</summary>
    private void Announce(CapturedStacks stacks, ulong time, EventLayout layout, ByteWriter output)
    {
        _announced.TryGetValue(stacks, out ulong announced);
        if (announced > 0 && stacks.Code.Length < announced - (MappingBytes / 2))
        {
            return;
        }

        output.WriteBytes(new RecordBuilder(layout).Mmap2(
            new MappedFile
            {
                Pid = stacks.Process.Pid,
                Tid = stacks.Process.Pid,
                Start = stacks.Start + announced,
                Length = MappingBytes,
                FileOffset = CapturedFiles.TextOffset + announced,
                Protection = ReadExecute,
                Flags = Private,
                BuildId = BuildIdOf(stacks),
                FileName = Encoding.UTF8.GetBytes(FileOf(stacks)),
            },
            RecordMisc.PERF_RECORD_MISC_USER,
            new SampleId { Pid = stacks.Process.Pid, Tid = stacks.Process.Pid, Time = time }));
        _announced[stacks] = announced + MappingBytes;
    }
}
