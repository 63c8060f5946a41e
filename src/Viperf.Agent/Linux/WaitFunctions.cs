using System.Runtime;

namespace Viperf.Agent.Linux;

/// <summary>
/// The functions that wait for signals which the thread blocks. They stand before the C library's: one of ours that waited for
/// the thread to let it through is not what they were to wait for.
/// </summary>
internal static unsafe class WaitFunctions
{
    private const int EINVAL = 22;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    private static void* s_wait;
    private static void* s_waitTimed;

    /// <summary>Looks up what these stand before.</summary>
    public static void Resolve()
    {
        NextSymbol.Resolve(ref s_wait, "sigwait"u8);
        NextSymbol.Resolve(ref s_waitTimed, "sigtimedwait"u8);
    }

    [RuntimeExport("sigwaitinfo")]
    private static int WaitInfo(void* signals, TrapSignal.SignalInfo* info) => WaitTimed(signals, info, null);

    [RuntimeExport("sigtimedwait")]
    private static int WaitTimed(void* signals, TrapSignal.SignalInfo* info, TimeSpan* time)
    {
        Resolve();
        var next = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, TrapSignal.SignalInfo*, TimeSpan*, int>)s_waitTimed;
        if (next == null)
        {
            return -1;
        }

        TrapSignal.SignalInfo own;
        info = info == null ? &own : info;
        ulong end = time == null ? 0 : Libc.MonotonicTime() + ((ulong)time->Seconds * NanosecondsPerSecond) + (ulong)time->Nanoseconds;
        int signal = next(signals, info, time);
        while (TrapSignal.IsOurs(signal, info))
        {
            ulong now = Libc.MonotonicTime();
            ulong left = end > now ? end - now : 0;
            TimeSpan rest = new() { Seconds = (long)(left / NanosecondsPerSecond), Nanoseconds = (long)(left % NanosecondsPerSecond) };
            signal = next(signals, info, time == null ? null : &rest);
        }

        return signal;
    }

    [RuntimeExport("sigwait")]
    private static int Wait(void* signals, int* signal)
    {
        Resolve();
        var next = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, int*, int>)s_wait;
        if (next == null)
        {
            return EINVAL;
        }

        if (!TrapSignal.IsTaken)
        {
            return next(signals, signal);
        }

        TrapSignal.SignalInfo info;
        do
        {
            *signal = WaitTimed(signals, &info, null);
        }
        while (*signal < 0); // unlike the others it does not end with EINTR

        return 0;
    }

    /// <summary><c>struct timespec</c>.</summary>
    private struct TimeSpan
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
