using Viperf.Abi;

namespace Viperf.Core.Pipeline;

/// <summary>What became of looking for the Python frames of a sample.</summary>
internal enum SignalMatch
{
    /// <summary>The signal has not been written down yet.</summary>
    None,

    /// <summary>Here they are.</summary>
    Found,

    /// <summary>The signal waited while the thread had blocked it: what Python did meanwhile is not known.</summary>
    Blocked,

    /// <summary>The signal came, and its record had no room, or the handler no time.</summary>
    Dropped,

    /// <summary>The thread ended, or executed another program, before it got the signal.</summary>
    Ended,

    /// <summary>The signal did not come for too long: the thread sleeps in a system call.</summary>
    Late,

    /// <summary>Number of them.</summary>
    Count,
}

/// <summary>
/// The signals that one thread wrote down and no sample is behind of yet, in the order of time. A signal is sent when a sample is
/// taken, and comes when the thread is back in its own code: it tells of all samples since the one before.
/// </summary>
internal sealed class ThreadSignals
{
    /// <summary>Of a frame's word: it is the outermost of one call of the evaluator.</summary>
    public const ulong LastOfRun = 1UL << 63;

    /// <summary>
    /// Nanoseconds from what a handler writes down as its end to the thread's own code: too few to block the signal and then to get
    /// anywhere in Python.
    /// </summary>
    private const ulong ReturnTime = 1_000;

    private readonly Queue<Signal> _signals = new();
    private ulong[] _words = new ulong[256];
    private int _used;
    private ulong _lastTime;

    /// <summary>CPU time up to which <see cref="Unsampled"/> goes, in nanoseconds.</summary>
    private ulong _lastCpuTime;

    /// <summary>True if the thread had the interpreter's lock at the signal that was found last.</summary>
    public bool HeldGil => _signals.TryPeek(out var signal) && (signal.Flags & CaptureSample.HoldsGil) != 0;

    /// <summary>True once the thread has ended.</summary>
    public bool HasEnded { get; set; }

    /// <summary>
    /// CPU time that has passed, less what samples stand for, in nanoseconds: it went by in the kernel, where none may be taken. It is
    /// less than 0 where signals have not told yet of the time that samples stand for.
    /// </summary>
    public long Unsampled { get; set; }

    /// <summary>CPU time that the thread had used when it ended, in nanoseconds; 0 where that is not known.</summary>
    public ulong EndCpuTime { get; set; }

    /// <summary>CPU time that the thread is known to have used, in nanoseconds.</summary>
    public ulong CpuTime => _lastCpuTime;

    /// <summary>Another thread has the number of one that ended.</summary>
    public void BeginAnew()
    {
        if (HasEnded)
        {
            HasEnded = false;
            EndCpuTime = _lastCpuTime = 0;
            Unsampled = 0;
        }
    }

    /// <summary>Begins a signal, whose frames follow.</summary>
    /// <param name="time">When it came, nanoseconds of CLOCK_MONOTONIC.</param>
    /// <param name="lastEnd">When the thread's last handler ended.</param>
    /// <param name="flags">Of <see cref="CaptureSample"/>.</param>
    /// <param name="cpuTime">CPU time that the thread had used, in nanoseconds; 0 where that is not measured.</param>
    /// <param name="instruction">The lower half of the address where a timer's came.</param>
    /// <param name="frames">Room for so many frames.</param>
    public Span<ulong> Add(ulong time, ulong lastEnd, ushort flags, ulong cpuTime, uint instruction, int frames)
    {
        if (frames > _words.Length - _used)
        {
            MakeRoom(frames);
        }

        _signals.Enqueue(new Signal(time, _lastTime, lastEnd, flags, cpuTime, instruction, _used, frames));
        _lastTime = time;
        _used += frames;
        return _words.AsSpan(_used - frames, frames);
    }

    /// <summary>Finds the signal of a sample. Samples must come in the order of time, but for those that waited.</summary>
    /// <param name="time">The sample's.</param>
    /// <param name="instruction">Where it was taken.</param>
    /// <param name="frames">Its frames, innermost first: addresses, some with <see cref="LastOfRun"/>; 0 for an empty run.</param>
    public SignalMatch Find(ulong time, ulong instruction, out ReadOnlySpan<ulong> frames)
    {
        while (_signals.TryPeek(out var first) && first.Time < time)
        {
            _signals.Dequeue();
        }

        frames = default;
        if (!_signals.TryPeek(out var signal))
        {
            return SignalMatch.None;
        }

        if ((signal.Flags & CaptureSample.Skipped) != 0)
        {
            return SignalMatch.Dropped;
        }

        // What was sampled in the thread's own handler waited too, but nothing ran in between.
        if ((signal.Flags & (CaptureSample.Waited | CaptureSample.Still)) == CaptureSample.Waited
            && (time < signal.Previous || time > signal.LastEnd + ReturnTime))
        {
            return SignalMatch.Blocked;
        }

        // A sample's own signal came before a timer's, or at the same moment and is not told of; or behind it, where the sample was
        // taken as the timer's handler began.
        if ((signal.Flags & CaptureSample.Timed) != 0 && signal.Instruction != (uint)instruction)
        {
            if (_signals.Count == 1)
            {
                return SignalMatch.None;
            }

            if ((Second().Flags & CaptureSample.Waited) == 0)
            {
                return SignalMatch.Dropped;
            }
        }

        frames = _words.AsSpan(signal.First, signal.Count);
        return SignalMatch.Found;
    }

    /// <summary>Takes note of the time that a sample stands for.</summary>
    /// <param name="match">What became of it; it must just have been looked for.</param>
    /// <param name="period">Nanoseconds that it stands for.</param>
    /// <param name="isNew">True if the thread began while it was captured.</param>
    public void CountSample(SignalMatch match, ulong period, bool isNew)
    {
        if (match == SignalMatch.Found && _signals.TryPeek(out var signal) && signal.CpuTime != 0)
        {
            Pass(signal.CpuTime, isNew ? 0 : signal.CpuTime - Math.Min(period, signal.CpuTime));
        }

        Unsampled -= isNew || _lastCpuTime != 0 ? (long)period : 0;
    }

    /// <summary>Takes note of CPU time that has passed.</summary>
    /// <param name="cpuTime">What the thread has used, in nanoseconds.</param>
    /// <param name="first">Up to when samples of others stand for it, where this is the first that is known of it.</param>
    public void Pass(ulong cpuTime, ulong first)
    {
        ulong before = _lastCpuTime == 0 ? first : _lastCpuTime;
        if (cpuTime > before)
        {
            Unsampled += (long)Math.Min(cpuTime - before, long.MaxValue / 4);
            _lastCpuTime = cpuTime;
        }
    }

    private Signal Second()
    {
        var all = _signals.GetEnumerator(); // of a queue it is a value, and has nothing to dispose of
        _ = all.MoveNext() && all.MoveNext();
        return all.Current;
    }

    private void MakeRoom(int frames)
    {
        int start = _signals.TryPeek(out var first) ? first.First : _used;
        int kept = _used - start;
        var words = kept + frames > _words.Length / 2 ? new ulong[Math.Max(2 * _words.Length, 2 * (kept + frames))] : _words;
        _words.AsSpan(start, kept).CopyTo(words);
        _words = words;
        _used = kept;
        for (int i = _signals.Count; i > 0; i--)
        {
            var signal = _signals.Dequeue();
            _signals.Enqueue(signal with { First = signal.First - start });
        }
    }

    /// <param name="Time">When it came.</param>
    /// <param name="Previous">When the one before came.</param>
    /// <param name="LastEnd">When the handler of the one before ended.</param>
    /// <param name="Flags">Of <see cref="CaptureSample"/>.</param>
    /// <param name="CpuTime">CPU time that the thread had used.</param>
    /// <param name="Instruction">The lower half of the address where a timer's came.</param>
    /// <param name="First">Its first frame among the words.</param>
    /// <param name="Count">Its frames.</param>
    private readonly record struct Signal(ulong Time, ulong Previous, ulong LastEnd, ushort Flags, ulong CpuTime, uint Instruction, int First, int Count);
}
