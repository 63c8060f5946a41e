using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Core.Python;
using Viperf.Core.Recording;

namespace Viperf.Core.Pipeline;

/// <summary>The Python frames that one process's agent wrote down.</summary>
/// <param name="process">The process; owned from here on.</param>
/// <param name="index">Which of the recording's captured processes it is, from 0.</param>
/// <param name="start">The address that stands for the text's first byte.</param>
/// <param name="spool">Takes its code as it comes.</param>
internal sealed class CapturedStacks(CapturedProcess process, int index, ulong start, CaptureSpool spool) : IDisposable
{
    /// <summary>Bytes of address space that a process may fill with code.</summary>
    public const ulong AddressBytes = 1UL << 30;

    /// <summary>Gaps that are remembered: samples come within a second.</summary>
    private const int MostGaps = 64;

    /// <summary>Threads that may be about to write their frames.</summary>
    private const int MostThreads = 4096;

    /// <summary>Bytes of a record with registers and stack.</summary>
    private const int MostNative = (int)SystemSamples.MostStack + 1024;

    private readonly Dictionary<int, ThreadSignals> _threads = [];
    private readonly Queue<(ulong Start, ulong End)> _gaps = new();
    private readonly Queue<SystemSample> _system = new();

    /// <summary>What the threads wrote down last of their registers and stacks.</summary>
    private readonly Dictionary<int, byte[]> _native = [];
    private uint _dropped;
    private ulong _lastTime;

    /// <summary>The process.</summary>
    public CapturedProcess Process => process;

    /// <summary>Which of the recording's captured processes it is, from 0.</summary>
    public int Index => index;

    /// <summary>The address that stands for the text's first byte.</summary>
    public ulong Start => start;

    /// <summary>Its code.</summary>
    public CapturedCode Code { get; } = new();

    /// <summary>Time that threads spend in the kernel, where no event may sample it.</summary>
    public KernelTime KernelTime { get; } = new(process);

    /// <summary>Frames whose code is not known, and records that make no sense.</summary>
    public ulong Unknown { get; private set; }

    /// <summary>True once the process has executed another program.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Finds the frames of a sample.</summary>
    /// <param name="tid">The thread.</param>
    /// <param name="time">The sample's time: nanoseconds of CLOCK_MONOTONIC.</param>
    /// <param name="instruction">Where it was taken.</param>
    /// <param name="frames">As of <see cref="ThreadSignals.Find"/>.</param>
    public SignalMatch Find(int tid, ulong time, ulong instruction, out ReadOnlySpan<ulong> frames)
    {
        var thread = Thread(tid);
        var match = thread.Find(time, instruction, out frames);
        if (match == SignalMatch.None && TakeAll())
        {
            match = thread.Find(time, instruction, out frames);
        }

        foreach (var gap in _gaps)
        {
            if (time > gap.Start && time <= gap.End)
            {
                frames = default;
                return SignalMatch.Dropped;
            }
        }

        return match == SignalMatch.None && (thread.HasEnded || HasEnded) ? SignalMatch.Ended : match;
    }

    /// <summary>Takes note of the time that a sample stands for (<see cref="ThreadSignals.CountSample"/>).</summary>
    public void CountSample(int tid, SignalMatch match, ulong period)
    {
        if (!process.MeasuresCpuTime)
        {
            return;
        }

        var thread = Thread(tid);
        thread.CountSample(match, period, isNew: tid != process.Pid);
        if (thread.HasEnded)
        {
            KernelTime.End(thread);
        }
    }

    /// <summary>Takes a sample of the kernel's part; false if there is none.</summary>
    public bool TryTakeSystem([NotNullWhen(true)] out SystemSample? system) => _system.TryDequeue(out system);

    /// <summary>Reads what its ring holds.</summary>
    public void Read() => TakeAll();

    /// <summary>True if the thread had the interpreter's lock at the sample that was found last.</summary>
    public bool HeldGil(int tid) => Thread(tid).HeldGil;

    /// <summary>The words, as of <see cref="ThreadSignals"/>, of the frames of a thread that stands still.</summary>
    public ulong[] WordsOf(StandingThread seen)
    {
        foreach (byte[] code in seen.NewCode)
        {
            Unknown += TryAddCode(code, isOutside: true) ? 0UL : 1UL;
        }

        return [.. (seen.Frames ?? []).Select(frame => WordOf(frame, isOutside: true))];
    }

    /// <summary>The address that stands for a reason why threads stand still.</summary>
    public ulong LeafOf(string name)
    {
        ulong before = Code.Length;
        ulong offset = Code.LeafOf(name);
        if (Code.Length != before)
        {
            spool.AddLeaf(index, name);
        }

        return start + offset;
    }

    /// <summary>Takes a record of the process's ring.</summary>
    public void Take(ushort kind, ReadOnlySpan<byte> record)
    {
        bool isGood = kind switch
        {
            CaptureRecord.Code => TryAddCode(record, isOutside: false),
            CaptureRecord.Sample => TryAdd(record),
            CaptureRecord.Native => TryAddNative(record),
            CaptureRecord.ThreadEnd => TryAddEnd(record),
            _ => false,
        };
        Unknown += isGood ? 0UL : 1UL;
    }

    /// <summary>Reads what is left of its ring, and gives that back, once nobody writes to it any more.</summary>
    /// <returns>False if somebody may.</returns>
    public bool TryRelease()
    {
        if (!process.HasEnded)
        {
            return false;
        }

        _ = TakeAll();
        if (_system.Count > 0)
        {
            return false; // they are fetched first
        }

        process.Ring.Release();
        return true;
    }

    /// <summary>The signals of a thread.</summary>
    public ThreadSignals Thread(int tid)
    {
        if (!_threads.TryGetValue(tid, out var thread))
        {
            _threads.Add(tid, thread = new ThreadSignals());
        }

        return thread;
    }

    /// <summary>A thread begins.</summary>
    public void Begin(int tid) => Thread(tid).BeginAnew();

    /// <summary>A thread has ended.</summary>
    public void End(int tid)
    {
        _ = TakeAll(); // its last record
        var thread = Thread(tid);
        thread.HasEnded = true;
        KernelTime.End(thread);
        _native.Remove(tid);
    }

    /// <inheritdoc/>
    public void Dispose() => process.Dispose();

    private bool TakeAll()
    {
        bool any = false;
        long left = process.Ring.Bytes; // who writes faster than this reads does not hold up others
        while (left > 0 && process.Ring.TryTake(out ushort kind, out var record))
        {
            any = true;
            left -= record.Length;
            Take(kind, record);
        }

        return any;
    }

    private bool TryAddCode(ReadOnlySpan<byte> record, bool isOutside)
    {
        ulong before = Code.Length;
        bool isGood = Code.TryAdd(record, AddressBytes, isOutside);
        if (Code.Length != before)
        {
            spool.Add(index, record, isOutside);
        }

        return isGood;
    }

    private bool TryAdd(ReadOnlySpan<byte> record)
    {
        int head = Marshal.SizeOf<CaptureSample>();
        if (record.Length < head)
        {
            return false;
        }

        var sample = MemoryMarshal.Read<CaptureSample>(record);
        var frames = MemoryMarshal.Cast<byte, CaptureFrame>(record[head..]);
        if (sample.Frames > (uint)frames.Length)
        {
            return false;
        }

        if (sample.Dropped != _dropped)
        {
            AddGap(sample.Time);
            _dropped = sample.Dropped;
        }

        _lastTime = Math.Max(_lastTime, sample.Time);
        frames = frames[..(int)sample.Frames];
        var words = Thread((int)sample.Thread).Add(sample.Time, sample.LastEnd, sample.Head.Flags, sample.CpuTime, sample.Instruction, frames.Length);
        for (int i = 0; i < frames.Length; i++)
        {
            words[i] = WordOf(frames[i]);
        }

        if ((sample.Head.Flags & CaptureSample.InKernel) != 0 && (sample.Head.Flags & CaptureSample.Skipped) == 0
            && _native.Remove((int)sample.Thread, out byte[]? native)
            && MemoryMarshal.Read<CaptureNative>(native) is var known && known.Time == sample.Time)
        {
            bool holdsGil = (sample.Head.Flags & CaptureSample.HoldsGil) != 0;
            _system.Enqueue(new SystemSample(process, (int)sample.Thread, sample.Time, sample.CpuTime, known.Weight, native, words.ToArray(), holdsGil));
        }

        return true;
    }

    private bool TryAddNative(ReadOnlySpan<byte> record)
    {
        if (record.Length < Marshal.SizeOf<CaptureNative>() || record.Length > MostNative)
        {
            return false;
        }

        if (_native.Count == MostThreads)
        {
            _native.Clear();
        }

        _native[(int)MemoryMarshal.Read<CaptureNative>(record).Thread] = record.ToArray();
        return true;
    }

    private bool TryAddEnd(ReadOnlySpan<byte> record)
    {
        if (record.Length < Marshal.SizeOf<CaptureThreadEnd>())
        {
            return false;
        }

        var end = MemoryMarshal.Read<CaptureThreadEnd>(record);
        Thread((int)end.Thread).EndCpuTime = end.CpuTime;
        return true;
    }

    private ulong WordOf(in CaptureFrame frame, bool isOutside = false)
    {
        ulong last = (frame.Position & CaptureFrame.LastOfRun) != 0 ? ThreadSignals.LastOfRun : 0;
        uint position = frame.Position & ~CaptureFrame.LastOfRun;
        if (frame.Code == 0)
        {
            return last;
        }

        return last | (Code.TryFind(frame.Code, position, out ulong offset, isOutside) ? start + offset : 0);
    }

    private void AddGap(ulong end)
    {
        if (_gaps.Count == MostGaps)
        {
            _gaps.Dequeue();
        }

        _gaps.Enqueue((_lastTime, end));
    }
}
