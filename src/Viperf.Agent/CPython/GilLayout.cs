using Viperf.Abi;
using Viperf.Agent.Linux;

namespace Viperf.Agent.CPython;

/// <summary>
/// Where this interpreter keeps its lock (<c>struct _gil_runtime_state</c>). It lies in CPython's state, without a name; what is
/// in it while the running thread holds it lies nowhere else.
/// </summary>
internal static unsafe class GilLayout
{
    /// <summary>Its first word, in microseconds, as long as no program has changed it (<c>sys.setswitchinterval</c>).</summary>
    private const ulong Interval = 5000;

    /// <summary>CPython 3.13's state has 400 KB.</summary>
    private const int SearchedBytes = 2 * 1024 * 1024;

    private const int PageBytes = 4096;

    /// <summary>Finds the lock that the running thread holds; null if it is not found.</summary>
    /// <param name="state">Its thread state.</param>
    public static byte* Find(byte* state)
    {
        byte* at = (byte*)(((nuint)PythonApi.Runtime + 7) & ~(nuint)7);
        byte* end = at + SearchedBytes;
        byte* readable = at;
        ReadableMemory memory = default;
        for (; at != null && at < end; at += sizeof(ulong))
        {
            if (at + CaptureLayout.GilIsLocked + sizeof(int) > readable)
            {
                if (!memory.Contains(at, PageBytes))
                {
                    return null;
                }

                readable = at + PageBytes;
            }

            if (*(ulong*)at == Interval && *(byte**)(at + CaptureLayout.GilHolder) == state && *(int*)(at + CaptureLayout.GilIsLocked) == 1)
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>True if a thread holds the lock.</summary>
    /// <param name="gil">The lock; null for one that is not known.</param>
    /// <param name="state">The thread's state.</param>
    public static bool IsHeldBy(byte* gil, byte* state) =>
        gil != null && *(byte**)(gil + CaptureLayout.GilHolder) == state && *(int*)(gil + CaptureLayout.GilIsLocked) != 0;
}
