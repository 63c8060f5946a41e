using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>The Python thread state of the thread that was interrupted.</summary>
internal readonly unsafe struct RunningThread
{
    /// <summary>glibc's <c>struct pthread</c> has the number in its first 1 KB, musl's in its first 64 bytes.</summary>
    private const int SearchedBytes = 1024;

    private readonly int _threadId;
    private readonly int _bytes;
    private readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint> _self;

    public RunningThread(in FrameLayout layout)
    {
        _threadId = layout.ThreadId;
        _bytes = layout.ThreadId + sizeof(nuint);
        _self = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint>)Libc.Find("pthread_self"u8);
    }

    /// <summary>False where the C library lacks what is needed.</summary>
    public bool IsUsable => _self != null;

    /// <summary>
    /// From what the C library knows a thread by to the thread's number, which lies behind it; 0 where it is not found.
    /// </summary>
    /// <param name="number">The running thread's.</param>
    public int FindNumber(int number)
    {
        byte* self = (byte*)_self();
        ReadableMemory memory = default;
        for (int i = sizeof(nuint); i < SearchedBytes && memory.Contains(self + i, sizeof(int)); i += sizeof(int))
        {
            if (*(int*)(self + i) == number)
            {
                return i;
            }
        }

        return 0;
    }

    /// <summary>
    /// The state; null where the thread runs no Python. A thread may have one in each of several interpreters: then the one
    /// that runs counts, or else the one it had first.
    /// </summary>
    /// <param name="holdsLock">True if the thread holds its interpreter's lock.</param>
    public byte* State(out bool holdsLock)
    {
        holdsLock = false;
        void* first = PythonApi.GetThreadState();
        if (first == null)
        {
            return null; // and no look at thread-local variables of CPython's, which might have to be made
        }

        void* running = PythonApi.GetRunningState();
        holdsLock = running == first || (running != null && IsOwn((byte*)running));
        return holdsLock ? (byte*)running : (byte*)first;
    }

    private bool IsOwn(byte* state)
    {
        ReadableMemory memory = default;
        return memory.Contains(state, _bytes) && *(nuint*)(state + _threadId) == _self();
    }
}
