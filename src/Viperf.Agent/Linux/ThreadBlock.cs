using System.Runtime;
using System.Runtime.CompilerServices;

namespace Viperf.Agent.Linux;

/// <summary>What each thread has of its own, in the library's thread-local storage (Entry.*.S).</summary>
internal unsafe struct ThreadBlock
{
    /// <summary>The limit of a new thread, for which it was not asked yet.</summary>
    public const ulong Unknown = 0xffff_ffff_ffff_ffff;

    /// <summary>The lowest stack pointer with which a call may begin; generated evaluators read it at offset 0.</summary>
    public nuint StackLimit;

    /// <summary>When the thread's last handler of a sampling signal ended; nanoseconds of CLOCK_MONOTONIC, 0 for never.</summary>
    public ulong LastHandlerEnd;

    /// <summary>The instruction that it interrupted.</summary>
    public nuint LastPlace;

    /// <summary>The stack pointer there.</summary>
    public nuint LastStack;

    /// <summary>Frames that it walked, or could have in the time.</summary>
    public int LastFrames;

    private int _processId;
    private int _threadId;

    /// <summary>How long it took, microseconds; 65,535 for more.</summary>
    public ushort LastHandlerTime;

    /// <summary>Handlers in a row that had come too soon after the one before.</summary>
    public byte CloseHandlers;

    /// <summary>The lowest byte of the thread's stack; 0 where it is not known.</summary>
    public nuint StackLow;

    /// <summary>The byte behind its highest.</summary>
    public nuint StackEnd;

    /// <summary>The thread's CPU time up to which samples stand for it; nanoseconds.</summary>
    public ulong SampledTime;

    /// <summary>The timer that signals it, as <see cref="TimerState"/> says.</summary>
    public int Timer;

    /// <summary>Whether there is a timer.</summary>
    public TimerState TimerState;

    /// <summary>The running thread's number.</summary>
    /// <param name="processId">The process: a fork gives its one thread another number.</param>
    public static int ThreadId(int processId)
    {
        var block = OfThisThread();
        if (block->_processId != processId)
        {
            block->_processId = processId;
            block->_threadId = Syscall.GetThreadId();
        }

        return block->_threadId;
    }

    [RuntimeImport("viperf_thread_block")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ThreadBlock* OfThisThread();

    /// <summary>From the thread pointer to the block, the same in all threads; bytes.</summary>
    [RuntimeImport("viperf_thread_block_offset")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nint Offset();
}

/// <summary>A thread's timer.</summary>
internal enum TimerState
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>It has not signalled the thread yet.</summary>
    New,

    /// <summary>It has.</summary>
    Running,
}
