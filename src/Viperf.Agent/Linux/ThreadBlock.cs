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

    /// <summary>Frames that it walked.</summary>
    public int LastFrames;

    private int _processId;
    private int _threadId;

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
