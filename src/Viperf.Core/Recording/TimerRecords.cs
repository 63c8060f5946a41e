using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Makes the records that the kernel would have written of processes whose threads are sampled by timers, and hands them on in
/// the order of time.
/// </summary>
internal sealed class TimerRecords
{
    /// <summary>
    /// Records wait so long, in nanoseconds, for others of an earlier time: of threads that lost the CPU in their handlers.
    /// </summary>
    private const ulong Wait = 100_000_000;

    private const ulong NanosecondsPerSecond = 1_000_000_000;

    private readonly LiveDrain _drain;
    private readonly ICaptureSink _sink;
    private readonly TimerSample _samples;
    private readonly RecordBuilder _records;
    private readonly MappedBuildIds? _buildIds;
    private readonly ulong _silence;
    private readonly List<TimedProcess> _running = [];
    private readonly HashSet<int> _met = []; // pids
    private readonly PriorityQueue<byte[], (ulong Time, ulong Number)> _waiting = new();
    private ulong _number;
    private ulong _handedOn;
    private bool _hasHandedOn;

    /// <summary>Prepares.</summary>
    /// <param name="source">The event that samples seem to be of.</param>
    /// <param name="drain">Takes the records.</param>
    /// <param name="sink">Takes what is of Python.</param>
    /// <param name="options">What to record.</param>
    public TimerRecords(EventDescription source, LiveDrain drain, ICaptureSink sink, RecordOptions options)
    {
        _drain = drain;
        _sink = sink;
        _samples = new TimerSample(source, StackBytes = TimerSample.StackBytes((uint)options.StackDump));
        _records = new RecordBuilder(source.Layout);
        _buildIds = options.BuildIds ? new MappedBuildIds() : null;
        _silence = options.DelayMilliseconds is { } delay
            ? delay < 0 ? ulong.MaxValue : Now() + ((ulong)delay * 1_000_000)
            : 0;
    }

    /// <summary>Bytes of its stack that a thread is to copy at most.</summary>
    public uint StackBytes { get; }

    /// <summary>Samples that came.</summary>
    public ulong Samples { get; private set; }

    /// <summary>Seconds of CPU time that they stand for.</summary>
    public double SampledSeconds { get; private set; }

    /// <summary>Seconds of CPU time of threads that blocked the signal until they ended.</summary>
    public double UnsampledSeconds { get; private set; }

    /// <summary>Threads that could get no timer.</summary>
    public ulong WithoutTimer { get; private set; }

    /// <summary>Records that had no room in the rings of processes.</summary>
    public ulong Lost { get; private set; }

    /// <summary>A process begins to be sampled.</summary>
    public void Begin(CapturedProcess process)
    {
        TakeAll(); // what it wrote before it executed this program
        HandOn(ulong.MaxValue);
        if (_running.Find(other => other.Process.Pid == process.Pid) is { } before)
        {
            _running.Remove(before);
            CountLosses(before);
        }

        int pid = process.Pid;
        ulong time = process.Start;
        var id = new SampleId { Pid = pid, Tid = pid, Time = time };
        int? parent = ProcFs.StatusNumber(pid, "PPid");
        if (_met.Add(pid) && parent is { } known && _met.Contains(known))
        {
            Add(time, _records.Fork(pid, known, pid, known, time, id));
        }

        if (ProcFs.ThreadName(pid, pid) is { } name)
        {
            Add(time, _records.Comm(pid, pid, name, isExec: !process.IsForked, id));
        }

        var timed = new TimedProcess(process);
        AddMappings(timed, time);
        HandOn(ulong.MaxValue);
        _sink.Begin(process);
        _running.Add(timed);
    }

    /// <summary>A process has ended.</summary>
    public void End(CapturedProcess process)
    {
        if (_running.Find(other => other.Process == process) is not { } timed)
        {
            return; // it executed another program, and is here with that
        }

        Take(timed);
        _running.Remove(timed);
        CountLosses(timed);
        ulong time = Now();
        Add(time, _records.Exit(process.Pid, process.Pid, process.Pid, process.Pid, time, new SampleId { Pid = process.Pid, Tid = process.Pid, Time = time }));
    }

    /// <summary>Takes what has come.</summary>
    /// <param name="ended">True if no more is wanted.</param>
    /// <returns>True if records were handed on since the last call.</returns>
    public bool Take(bool ended)
    {
        if (ended)
        {
            foreach (var timed in _running)
            {
                timed.Process.Ring.Close();
            }
        }

        ulong until = Now() - Wait;
        TakeAll();
        HandOn(ended ? ulong.MaxValue : until);
        if (ended)
        {
            _running.ForEach(CountLosses);
        }

        bool any = _hasHandedOn;
        _hasHandedOn = false;
        return any;
    }

    private static ulong Now() => SystemClock.Now(SystemClock.Monotonic) ?? 0;

    private void CountLosses(TimedProcess timed)
    {
        Lost += timed.Process.Ring.Losses(CaptureLoss.RingFull);
        WithoutTimer += timed.Process.Ring.Losses(CaptureLoss.NoTimer);
    }

    private void TakeAll()
    {
        foreach (var timed in _running)
        {
            Take(timed);
        }
    }

    private void Take(TimedProcess timed)
    {
        bool any = false;
        ulong now = 0;
        while (timed.Process.Ring.TryTake(out ushort kind, out var record))
        {
            now = now == 0 ? Now() : now;
            switch (kind)
            {
                case CaptureRecord.Native:
                    any |= TryAddSample(timed, record);
                    break;
                case CaptureRecord.ThreadEnd when record.Length >= Marshal.SizeOf<CaptureThreadEnd>():
                    AddThreadEnd(timed, MemoryMarshal.Read<CaptureThreadEnd>(record));
                    break;
                default:
                    _sink.Take(timed.Process, kind, record);
                    break;
            }
        }

        if (any)
        {
            AddMappings(timed, _handedOn); // what was mapped since the last time may be what these samples ran
        }
    }

    private bool TryAddSample(TimedProcess timed, ReadOnlySpan<byte> record)
    {
        if (!_samples.TryRead(record, out var native))
        {
            return false;
        }

        int pid = timed.Process.Pid;
        int tid = timed.ThreadOf((int)native.Thread);
        ulong time = Math.Clamp(native.Time, timed.Process.Start, Now());
        if (time < _silence)
        {
            return false;
        }

        if (tid != pid && timed.Threads.Add(tid))
        {
            var id = new SampleId { Pid = pid, Tid = tid, Time = time };
            Add(time, _records.Fork(pid, pid, tid, pid, time, id));
            if (ProcFs.ThreadName(pid, tid) is { } name)
            {
                Add(time, _records.Comm(pid, tid, name, isExec: false, id));
            }
        }

        native.Weight = Math.Min(native.Weight, time - timed.Process.Start + NanosecondsPerSecond); // whatever it says
        Samples++;
        SampledSeconds += native.Weight / (double)NanosecondsPerSecond;
        Add(time, _samples.Build(record, native, pid, tid, time));
        return true;
    }

    private void AddThreadEnd(TimedProcess timed, in CaptureThreadEnd end)
    {
        int pid = timed.Process.Pid;
        int tid = timed.ThreadOf((int)end.Thread);
        ulong time = Math.Clamp(end.Time, timed.Process.Start, Now());
        UnsampledSeconds += Math.Min(end.Unsampled, time - timed.Process.Start) / (double)NanosecondsPerSecond;
        if (timed.Threads.Remove(tid))
        {
            Add(time, _records.Exit(pid, pid, tid, pid, time, new SampleId { Pid = pid, Tid = tid, Time = time }));
        }
    }

    private void AddMappings(TimedProcess timed, ulong time)
    {
        int pid = timed.Process.Pid;
        foreach (var mapping in timed.NewMappings())
        {
            Add(time, _records.Mmap2(
                Synthesizer.MappingOf(pid, mapping, _buildIds), RecordMisc.PERF_RECORD_MISC_USER, new SampleId { Pid = pid, Tid = pid, Time = time }));
        }
    }

    private void Add(ulong time, ReadOnlySpan<byte> record) => _waiting.Enqueue(record.ToArray(), (time, _number++));

    private void HandOn(ulong until)
    {
        while (_waiting.TryPeek(out byte[]? bytes, out var order) && order.Time <= until)
        {
            _waiting.Dequeue();
            _hasHandedOn = true;
            _handedOn = Math.Max(_handedOn, order.Time);
            _drain.TakeOwn(order.Time);
            _drain.Take(new RecordView(bytes, "a record of viperf's own", 0), order.Time, stackDropped: false);
        }

        _hasHandedOn |= _drain.TakeOwn(until);
    }
}
