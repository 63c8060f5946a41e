using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>
/// The signal handler: the thread writes down its own Python frames. Nothing in it allocates, waits or calls CPython, but to
/// ask for the thread's state, which reads a thread-local variable.
/// </summary>
internal static unsafe class SampleHandler
{
    /// <summary>Frames that a record takes.</summary>
    private const int MostFrames = 4096;

    /// <summary>So many are walked at any rate: those that CPython's own limit of recursion allows.</summary>
    private const int FewFrames = 1000;

    /// <summary>Time from one walk to the next: four times what it takes, or more.</summary>
    private const ulong NanosecondsPerFrame = 200;

    private const ulong NanosecondsPerMicrosecond = 1000;
    private const ushort LongestTime = 0xffff;

    /// <summary>The part of the last walk's time that the thread had for itself since, or the handler comes too soon.</summary>
    private const ulong LeastOwnPart = 4;

    /// <summary>One may come too soon because the thread was interrupted in the handler before it; this many in a row do not.</summary>
    private const byte MostCloseHandlers = 2;

    /// <summary>Memory for so many handlers at once: threads that are interrupted in theirs.</summary>
    private const int Scratches = 64;

    private static Scratch* s_scratch;
    private static ulong s_signalData;
    private static int s_processId;
    private static bool s_measuresCpuTime;
    private static byte* s_gil;
    private static CaptureRing s_ring;
    private static KnownCode s_known;
    private static CodeWriter s_codes;
    private static FrameLayout s_layout;
    private static RunningThread s_thread;
    private static TaskFinder s_tasks;

    /// <summary>
    /// True if this process is sampled. The child of a vfork has its parent's memory and is not.
    /// </summary>
    public static bool IsSampled => s_processId != 0 && Syscall.GetProcessId() == s_processId;

    /// <summary>Prepares for signals of a process; there are none before.</summary>
    /// <returns>False where there is no memory.</returns>
    public static bool TryPrepare(in FrameLayout layout, in CodeWriter codes, in KnownCode known, in RunningThread thread)
    {
        s_scratch = (Scratch*)Syscall.MapMemory((nuint)(Scratches * sizeof(Scratch)), Syscall.PROT_READ | Syscall.PROT_WRITE, out int error);
        s_layout = layout;
        s_codes = codes;
        s_known = known;
        s_thread = thread;
        return error == 0;
    }

    /// <summary>Has samples say whether their thread held the interpreter's lock.</summary>
    /// <param name="gil">The lock; null where it was not found.</param>
    public static void KnowGil(byte* gil) => s_gil = gil;

    /// <summary>Has tasks followed to those that await them, from now on.</summary>
    public static void FollowTasks(in TaskFinder tasks) => s_tasks = tasks;

    /// <summary>What takes the records.</summary>
    public static CaptureRing Ring => s_ring;

    /// <summary>Begins to answer signals.</summary>
    /// <param name="ring">Takes the records.</param>
    /// <param name="signalData">What our signals carry.</param>
    /// <param name="measuresCpuTime">True to write down threads' CPU times.</param>
    public static void Begin(in CaptureRing ring, ulong signalData, bool measuresCpuTime)
    {
        s_measuresCpuTime = measuresCpuTime;
        for (int i = 0; i < Scratches; i++)
        {
            s_scratch[i].IsTaken = 0; // by threads that a fork left behind
        }

        s_ring = ring;
        s_signalData = signalData;
        s_processId = Syscall.GetProcessId();
    }

    /// <summary>Ends it, in a forked child: the ring is its parent's.</summary>
    /// <returns>The ring.</returns>
    public static CaptureRing End()
    {
        var ring = s_ring;
        s_ring = default;
        s_processId = 0;
        s_signalData = 0;
        return ring;
    }

    /// <summary>The handler.</summary>
    [UnmanagedCallersOnly]
    public static void OnSignal(int signal, TrapSignal.SignalInfo* info, void* context)
    {
        if (!TrapSignal.IsOwn(info))
        {
            TrapSignal.PassOn(signal, info, context);
            return;
        }

        if (info->PerfData == s_signalData && IsSampled)
        {
            if (info->Code == TrapSignal.SignalInfo.SI_TIMER)
            {
                SampleTimed(context);
            }
            else
            {
                ulong time = Libc.MonotonicTime();
                bool hasWaited = (info->PerfFlags & TrapSignal.SignalInfo.TRAP_PERF_FLAG_ASYNC) != 0;
                Sample(time, FlagsOf(hasWaited, context), instruction: 0);
            }
        }

        TrapSignal.Leave(context);
    }

    /// <summary>What is known of an event's signal that may have waited; takes note of where it came.</summary>
    private static ushort FlagsOf(bool hasWaited, void* context)
    {
        var block = ThreadBlock.OfThisThread();
        InterruptedCall call = new(context);
        bool isSame = block->LastPlace == call.Place && block->LastStack == call.Stack;
        block->LastPlace = call.Place;
        block->LastStack = call.Stack;
        if (!hasWaited)
        {
            return 0;
        }

        // To a system call that lets signals through the thread may come again and again, and do much in between.
        return isSame && !call.IsAtCall ? (ushort)(CaptureSample.Waited | CaptureSample.Still) : CaptureSample.Waited;
    }

    /// <summary>Tells that the running thread ends.</summary>
    /// <param name="unsampled">Nanoseconds of CPU time that no sample stands for.</param>
    /// <param name="cpuTime">Nanoseconds of CPU time that it has used.</param>
    public static void WriteThreadEnd(ulong unsampled, ulong cpuTime)
    {
        var ring = s_ring;
        if (!IsSampled)
        {
            return;
        }

        var record = (CaptureThreadEnd*)ring.Reserve((uint)sizeof(CaptureThreadEnd));
        if (record == null)
        {
            return;
        }

        record->Head.Kind = CaptureRecord.ThreadEnd;
        record->Head.Flags = 0;
        record->Time = Libc.MonotonicTime();
        record->Thread = (ulong)ThreadBlock.ThreadId(s_processId);
        record->Unsampled = unsampled;
        record->CpuTime = cpuTime;
        CaptureRing.Commit(&record->Head, (uint)sizeof(CaptureThreadEnd));
    }

    /// <summary>A timer's signal. Beside events the native stack matters where the kernel ran for the thread.</summary>
    /// <param name="context">The signal's <c>ucontext_t</c>.</param>
    private static void SampleTimed(void* context)
    {
        ulong time = Libc.MonotonicTime();
        if (!ThreadTimers.GoOn(s_ring, time))
        {
            return;
        }

        uint thread = (uint)ThreadBlock.ThreadId(s_processId);
        if (ThreadTimers.AreAlone)
        {
            if (ThreadTimers.TryWrite(s_ring, time, thread, context))
            {
                Sample(time, flags: 0, instruction: 0);
            }

            return;
        }

        // What events' samples need has the room before it.
        InterruptedCall call = new(context);
        bool isInKernel = call.IsAtCall && !s_ring.IsHalfFull && ThreadTimers.TryWrite(s_ring, time, thread, context);
        Sample(time, (ushort)(CaptureSample.Timed | (isInKernel ? CaptureSample.InKernel : 0)), (uint)call.Place);
    }

    /// <param name="time">When the handler began.</param>
    /// <param name="flags">What is known of the signal (<see cref="CaptureSample"/>).</param>
    /// <param name="instruction">Where a timer's signal came; else 0.</param>
    private static void Sample(ulong time, ushort flags, uint instruction)
    {
        var block = ThreadBlock.OfThisThread();
        var scratch = MayWalk(block, time) ? Take() : null;
        if (scratch == null)
        {
            s_ring.Count(CaptureLoss.Busy);
            Write(time, block, null, 0, (ushort)(flags | CaptureSample.Skipped), instruction);
            return;
        }

        int count = 0;
        int cost = 0;
        byte* state = s_thread.State(out bool holdsLock);
        if (state == null)
        {
            flags |= CaptureSample.NoPython;
        }
        else
        {
            count = Walk(state, holdsLock, scratch->Frames, out cost, out bool isCut);
            flags |= isCut ? CaptureSample.Cut : (ushort)0;
            flags |= GilLayout.IsHeldBy(s_gil, state) ? CaptureSample.HoldsGil : (ushort)0;
        }

        Write(time, block, scratch->Frames, count, flags, instruction);
        block->LastFrames = cost;
        Atomic.Exchange(&scratch->IsTaken, 0);
        ulong end = Libc.MonotonicTime();
        block->LastHandlerEnd = end;
        ulong took = (end - time) / NanosecondsPerMicrosecond;
        block->LastHandlerTime = took < LongestTime ? (ushort)took : LongestTime;
    }

    /// <summary>Writes down frames; how many.</summary>
    private static int Walk(byte* state, bool holdsLock, CaptureFrame* frames, out int cost, out bool isCut)
    {
        TaskWalk tasks;
        TaskWalk* followed = null;
        if (s_tasks.IsOf(state))
        {
            tasks = new TaskWalk(s_tasks, s_layout, holdsLock);
            followed = &tasks;
        }

        fixed (FrameLayout* layout = &s_layout)
        fixed (CodeWriter* codes = &s_codes)
        {
            var walk = new FrameWalk(layout, codes, s_known, s_ring, frames, MostFrames, followed);
            int count = walk.Run(state);
            cost = walk.Cost;
            isCut = walk.IsCut;
            return count;
        }
    }

    private static void Write(ulong time, ThreadBlock* block, CaptureFrame* frames, int count, ushort flags, uint instruction)
    {
        uint bytes = (uint)(sizeof(CaptureSample) + (count * sizeof(CaptureFrame)));
        uint dropped = s_ring.Dropped;
        var record = (CaptureSample*)s_ring.Reserve(bytes);
        if (record == null)
        {
            return;
        }

        record->Head.Kind = CaptureRecord.Sample;
        record->Head.Flags = flags;
        record->Time = time;
        record->LastEnd = block->LastHandlerEnd;
        record->Thread = (uint)ThreadBlock.ThreadId(s_processId);
        record->Dropped = dropped;
        record->Frames = (uint)count;
        record->Instruction = instruction;
        record->CpuTime = s_measuresCpuTime ? Libc.ThreadCpuTime() : 0;
        var to = (ulong*)(record + 1);
        for (int i = 0; i < count; i++)
        {
            to[i] = ((ulong*)frames)[i];
        }

        CaptureRing.Commit(&record->Head, bytes);
    }

    /// <summary>
    /// False where a thread would do little else than walk its many frames: it may for about a quarter of its time. And where walks
    /// take nearly as long as samples are apart, as may be on a slow machine, the thread has each third sample's time for itself.
    /// </summary>
    private static bool MayWalk(ThreadBlock* block, ulong time)
    {
        ulong own = time - block->LastHandlerEnd;
        if (own * LeastOwnPart >= block->LastHandlerTime * NanosecondsPerMicrosecond)
        {
            block->CloseHandlers = 0;
        }
        else if (++block->CloseHandlers == MostCloseHandlers)
        {
            block->CloseHandlers = 0;
            return false;
        }

        return block->LastFrames <= FewFrames || own >= (ulong)block->LastFrames * NanosecondsPerFrame;
    }

    private static Scratch* Take()
    {
        for (int i = 0; i < Scratches; i++)
        {
            if (s_scratch[i].IsTaken == 0 && Atomic.Exchange(&s_scratch[i].IsTaken, 1) == 0)
            {
                return s_scratch + i;
            }
        }

        return null;
    }

    /// <summary>Memory of one handler; too much for the stack of a small thread.</summary>
    private struct Scratch
    {
        private const int WordBytes = 8;

        public int IsTaken;
        private fixed ulong _frames[MostFrames * WordBytes / sizeof(ulong)];

        public CaptureFrame* Frames
        {
            get
            {
                fixed (ulong* first = _frames)
                {
                    return (CaptureFrame*)first;
                }
            }
        }
    }
}
