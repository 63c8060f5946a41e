using System.Runtime.InteropServices;

namespace Viperf.Agent.Linux;

/// <summary>
/// A timer of the running thread's CPU time, which signals that thread (<c>timer_create(2)</c>). The kernel looks at such timers
/// on its tick, however short they are. They end with the process, at exec too, and no child of a fork has them; but not with the
/// thread.
/// </summary>
internal static unsafe class CpuTimer
{
    private const int CLOCK_THREAD_CPUTIME_ID = 3;
    private const int SIGEV_THREAD_ID = 4;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Starts one.</summary>
    /// <param name="signal">The signal that it sends.</param>
    /// <param name="data">What the signal carries.</param>
    /// <param name="interval">Nanoseconds of CPU time between two signals.</param>
    /// <param name="first">The same until the first one; not 0.</param>
    /// <param name="timer">Its number.</param>
    /// <returns>0 or a negative error number.</returns>
    public static int Start(int signal, ulong data, ulong interval, ulong first, out int timer)
    {
        SignalEvent wanted = new() { Data = data, Signal = signal, Notify = SIGEV_THREAD_ID, Thread = Syscall.GetThreadId() };
        int number = 0;
        int error = Syscall.CreateTimer(CLOCK_THREAD_CPUTIME_ID, &wanted, &number);
        timer = number;
        if (error != 0)
        {
            return error;
        }

        ulong* setting = stackalloc ulong[] // struct itimerspec: interval and first time, each in seconds and nanoseconds
        {
            interval / NanosecondsPerSecond, interval % NanosecondsPerSecond, first / NanosecondsPerSecond, first % NanosecondsPerSecond,
        };
        error = Syscall.SetTimer(timer, setting);
        if (error != 0)
        {
            Syscall.DeleteTimer(timer);
        }

        return error;
    }

    /// <summary>Ends one, of any thread.</summary>
    public static void End(int timer) => Syscall.DeleteTimer(timer);

    /// <summary><c>struct sigevent</c> of 64-bit machines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct SignalEvent
    {
        [FieldOffset(0)]
        public ulong Data;

        [FieldOffset(8)]
        public int Signal;

        [FieldOffset(12)]
        public int Notify;

        [FieldOffset(16)]
        public int Thread;
    }
}
