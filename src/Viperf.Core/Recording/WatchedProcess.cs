using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>One process whose threads are looked at from outside.</summary>
internal sealed class WatchedProcess
{
    /// <summary>New threads are looked for so often, in nanoseconds, or less often where that takes long.</summary>
    private const ulong ListInterval = 10_000_000;

    /// <summary>To look for them takes one part in so many of the time.</summary>
    private const ulong ListShare = 40;

    private readonly RemotePython _python;
    private readonly Dictionary<int, WatchedThread> _threads = [];
    private readonly byte[] _stack;
    private ulong _listed;
    private ulong _listInterval = ListInterval;

    /// <summary>Prepares.</summary>
    /// <param name="process">The process, which has just begun to be sampled.</param>
    /// <param name="stackBytes">Bytes of stacks that are copied at most.</param>
    public WatchedProcess(CapturedProcess process, int stackBytes)
    {
        Process = process;
        _python = new RemotePython(process.Pid, process.Layout);
        _stack = new byte[stackBytes];
    }

    /// <summary>The process.</summary>
    public CapturedProcess Process { get; }

    /// <summary>How often a thread went on while it was looked at.</summary>
    public ulong Moved { get; private set; }

    /// <summary>How often a thread's frames could not be read.</summary>
    public ulong Unread { get; private set; }

    /// <summary>Looks at all threads whose time has come.</summary>
    public void Look(ulong interval, Action<StandingThread> tell)
    {
        ulong now = Now();
        if (now - _listed >= _listInterval)
        {
            List(now);
        }

        foreach (var (tid, thread) in _threads)
        {
            if (thread.NextLook <= now && !thread.Look(Now(), interval, tell))
            {
                _threads.Remove(tid);
            }
        }
    }

    /// <summary>Tells what has not been told yet: no more looks follow.</summary>
    public void Finish(Action<StandingThread> tell)
    {
        foreach (var thread in _threads.Values)
        {
            thread.Leave(Now(), tell);
        }
    }

    /// <summary>A thread went on while it was looked at.</summary>
    public void CountMoved() => Moved++;

    /// <summary>Takes the code that was met since it was taken last, also where a thread went on and nobody was told of it.</summary>
    public IReadOnlyList<byte[]> TakeNewCode() => _python.Code.TakeNews();

    /// <summary>Reads how a thread stands.</summary>
    public StandingThread See(int tid, ulong now, in ThreadPlace place)
    {
        var frames = _python.Read(tid, now, out bool holdsGil, out bool isTooEarly);
        Unread += frames is null ? 1UL : 0;
        int copied = ProcessMemory.ReadUpTo(Process.Pid, place.StackPointer, _stack) & ~(sizeof(ulong) - 1);
        var reason = place.SystemCall < 0 ? StandReason.Fault
            : SystemCalls.IsFutex(place.SystemCall) && _python.IsGil(place.Argument) ? StandReason.Gil
            : StandReason.SystemCall;
        return new StandingThread(Process, tid, now, 0, reason)
        {
            SystemCall = place.SystemCall,
            HoldsGil = holdsGil,
            IsTentative = isTooEarly,
            Frames = frames,
            StackPointer = place.StackPointer,
            Instruction = place.Instruction,
            Stack = _stack.AsSpan(0, copied).ToArray(),
        };
    }

    private static ulong Now() => SystemClock.Now(SystemClock.Monotonic) ?? 0;

    /// <summary>A thread that is new has begun at some time since the last look.</summary>
    private void List(ulong now)
    {
        ulong start = _listed == 0 ? Process.Start : now - ((now - _listed) / 2);
        foreach (int tid in ProcFs.Threads(Process.Pid))
        {
            if (!_threads.ContainsKey(tid) && ThreadStatus.TryReadTimes(Process.Pid, tid, out var times))
            {
                _threads.Add(tid, new WatchedThread(this, tid, start, times));
            }
        }

        _listed = now;
        _listInterval = Math.Max(ListInterval, ListShare * (Now() - now));
    }
}
