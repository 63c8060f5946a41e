using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>
/// Where the recorder may open no perf events, or none that sample the kernel's part: each thread has a timer of its CPU time,
/// which signals it. What the kernel would record with an event's sample the handler writes down itself.
/// </summary>
/// <remarks>
/// Beside events the recorder knows what the kernel's part is, and the timers tell what it belongs to. Alone, a sample stands for the CPU time since the thread's last. After the last one a thread runs on for half a period on average,
/// which no sample stands for; the first one stands for a whole period instead, where it came after half of one on average. So
/// what short threads use comes out right, too: those that are not sampled at all are made up for by those that are.
/// </remarks>
internal static unsafe class ThreadTimers
{
    /// <summary>
    /// Nanoseconds in which nothing is read, though there is something, and signals meanwhile: the recorder was killed. Time alone
    /// passes for a stopped job too (Ctrl-Z), and of many threads many signals come at once.
    /// </summary>
    private const ulong Patience = 10_000_000_000;

    private const uint MostUnread = 1024;

    private static ulong s_interval;
    private static ulong s_tick;
    private static ulong s_signalData;
    private static nuint s_stackBytes;
    private static bool s_areAlone;
    private static ulong s_readUpTo;
    private static ulong s_readSince;
    private static uint s_unread;

    /// <summary>Nanoseconds of CPU time between two signals that come.</summary>
    private static ulong Period => s_interval > s_tick ? s_interval : s_tick;

    /// <summary>Prepares, in a process with one thread.</summary>
    /// <param name="answer">What the recorder wants.</param>
    /// <returns>False where the C library does not tell of threads.</returns>
    public static bool TryPrepare(in CaptureAnswer answer)
    {
        s_interval = answer.TimerInterval;
        s_tick = answer.Tick;
        s_signalData = answer.SignalData;
        TrapSignal.ExpectTimers(s_signalData);
        s_stackBytes = (nuint)answer.StackBytes;
        s_areAlone = answer.MeasuresCpuTime == 0;
        s_readSince = 0;
        ThreadBlock.OfThisThread()->TimerState = TimerState.None; // what a forked child has of it is its parent's
        return NewThreads.TryWatch(&OnThreadStart, &OnThreadEnd);
    }

    /// <summary>Begins with the running thread.</summary>
    public static void Begin() => OnThreadStart();

    /// <summary>Ends, in a forked child, which has no timers.</summary>
    public static void End() => s_interval = 0;

    /// <summary>True if threads of this process have timers, and no events.</summary>
    public static bool AreAlone => s_interval != 0 && s_areAlone;

    /// <summary>In the handler: writes down the interrupted thread's registers and stack, and what they stand for.</summary>
    /// <param name="ring">Takes the record.</param>
    /// <param name="time">When the handler began.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="context">The signal's <c>ucontext_t</c>.</param>
    /// <returns>False if there was no room: the next record stands for this one, too.</returns>
    public static bool TryWrite(in CaptureRing ring, ulong time, uint thread, void* context)
    {
        var block = ThreadBlock.OfThisThread();
        ulong now = Libc.ThreadCpuTime();
        ulong weight = now - block->SampledTime;
        if (block->TimerState == TimerState.New && weight < 2 * Period)
        {
            weight = Period;
        }

        if (!NativeState.TryWrite(ring, time, weight, thread, context, s_stackBytes))
        {
            return false;
        }

        block->SampledTime = now;
        if (block->TimerState == TimerState.New)
        {
            block->TimerState = TimerState.Running;
        }

        return true;
    }

    /// <summary>In the handler: stops the thread's timer if nobody reads any more.</summary>
    /// <param name="ring">What is to be read.</param>
    /// <param name="time">When the handler began.</param>
    /// <returns>False if so.</returns>
    public static bool GoOn(in CaptureRing ring, ulong time)
    {
        ulong tail = ring.Tail;
        if (tail != s_readUpTo || tail == ring.Head || s_readSince == 0)
        {
            s_readUpTo = tail;
            s_readSince = time;
            s_unread = 0;
        }

        bool isOver = ring.IsOver || (++s_unread > MostUnread && time > s_readSince + Patience);
        if (isOver)
        {
            Stop(ThreadBlock.OfThisThread());
        }

        return !isOver;
    }

    private static void OnThreadStart()
    {
        if (s_interval == 0)
        {
            return;
        }

        var block = ThreadBlock.OfThisThread();
        if (block->StackEnd == 0 && ThreadStack.TryFind(out nuint lowest, out nuint end))
        {
            block->StackLow = lowest;
            block->StackEnd = end;
        }

        NewThreads.WatchEnd();
        block->SampledTime = Libc.ThreadCpuTime();
        block->TimerState = s_areAlone ? TimerState.New : TimerState.Running;
        if (CpuTimer.Start(TrapSignal.SIGTRAP, s_signalData, s_interval, FirstInterval(), out block->Timer) != 0)
        {
            block->TimerState = TimerState.None;
            SampleHandler.Ring.Count(CaptureLoss.NoTimer);
        }
    }

    /// <summary>
    /// Nanoseconds until the first signal, by chance, so that no time of a thread's life is sampled less than others. It comes half
    /// a tick later on average; where the tick alone decides that is chance enough.
    /// </summary>
    private static ulong FirstInterval()
    {
        ulong chance = (Libc.MonotonicTime() * 0x9e37_79b9_7f4a_7c15) >> 40; // 24 bits; times an interval of minutes it fits
        ulong chosen = s_interval > s_tick ? (chance * s_interval) >> 24 : 0;
        return chosen > s_tick / 2 ? chosen - (s_tick / 2) : 1;
    }

    [UnmanagedCallersOnly]
    private static void OnThreadEnd(void* value)
    {
        var block = ThreadBlock.OfThisThread();
        if (block->TimerState == TimerState.None)
        {
            return;
        }

        Stop(block);
        ulong now = Libc.ThreadCpuTime();
        SampleHandler.WriteThreadEnd(TrapSignal.IsBlocked ? now - block->SampledTime : 0, now);
    }

    private static void Stop(ThreadBlock* block)
    {
        if (block->TimerState != TimerState.None)
        {
            block->TimerState = TimerState.None;
            CpuTimer.End(block->Timer);
        }
    }
}
