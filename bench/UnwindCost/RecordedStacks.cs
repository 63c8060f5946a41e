using System.Diagnostics;
using Viperf.Core.Linux;
using Viperf.Core.Pipeline;
using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Unwinding;
using Viperf.Formats.PerfData;

namespace Viperf.Bench;

/// <summary>What one round over all stacks took.</summary>
internal sealed class Round
{
    public long Ticks;
    public long Stacks;
    public long Frames;
    public long Guessed;
    public double Hits;
    public double Misses;
    public double Collisions;
    public double Outdated;
    public readonly long[] Ends = new long[(int)StackEnd.Overload + 1];
}

/// <summary>
/// The samples of a recording in memory. They are unwound in what the processes have mapped at their end, so that only the
/// first round has anything to look up.
/// </summary>
internal sealed class RecordedStacks : IRecordSink, IDisposable
{
    private readonly PerfDataReader _reader;
    private readonly Profile _profile = new();
    private readonly ProcessTimeline _timeline;
    private readonly JitDumps _jitDumps;
    private readonly ProcessUnwinder _unwinder;
    private readonly List<(byte[] Record, EventDescription Source, ProcessState Process, ulong Time)> _samples = [];
    private readonly CallChain _chain = new();

    public RecordedStacks(string path)
    {
        _reader = PerfDataReader.Open(new FileSource(path), null);
        var options = new SymbolizerOptions();
        _timeline = new ProcessTimeline(_profile);
        _jitDumps = new JitDumps(_profile, options);
        var machine = Machines.OfArchitecture(_reader.Features.Arch);
        var jitted = new JittedCode(_profile, machine, _jitDumps, options, isLive: false, Console.Error.WriteLine);
        _unwinder = ProcessUnwinder.For(_profile, machine, options.Files, jitted, Console.Error.WriteLine)!;
        _reader.ReadAll(this);
    }

    public void OnRecord(RecordView record, EventDescription source, ulong time)
    {
        if (record.Type != RecordType.PERF_RECORD_SAMPLE)
        {
            _timeline.OnRecord(record, time);
        }
        else if (source.Layout.Has(SampleFormat.PERF_SAMPLE_STACK_USER))
        {
            var sample = new SampleView(record, source.Layout);
            _samples.Add((record.Bytes.ToArray(), source, _timeline.Thread(sample.Pid, sample.Tid).Process, time));
        }
    }

    /// <summary>Unwinds every sample once.</summary>
    public Round UnwindAll()
    {
        var round = new Round();
        var cache = _unwinder.Cache;
        var (hits, misses, collisions, outdated) = (cache.Hits, cache.Misses, cache.Collisions, cache.Outdated);
        long start = Stopwatch.GetTimestamp();
        foreach (var (bytes, source, process, time) in _samples)
        {
            _chain.Clear();
            var state = new SampleView(new RecordView(bytes, "memory", 0), source.Layout).UserState();
            var result = _unwinder.Unwind(process, source.HasMonotonicTime ? time : null, state, _chain);
            round.Frames += _chain.Count == 0 ? 0 : _chain.Count - 1;
            round.Guessed += result.IsGuessed ? 1 : 0;
            round.Ends[(int)result.End]++;
        }

        round.Ticks = Stopwatch.GetTimestamp() - start;
        round.Stacks = _samples.Count;
        (round.Hits, round.Misses) = (cache.Hits - hits, cache.Misses - misses);
        (round.Collisions, round.Outdated) = (cache.Collisions - collisions, cache.Outdated - outdated);
        return round;
    }

    public void Dispose()
    {
        _unwinder.Dispose();
        _jitDumps.Dispose();
        _reader.Dispose();
    }
}
