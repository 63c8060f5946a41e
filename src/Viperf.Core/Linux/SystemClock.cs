using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>The kernel's clocks (<c>clock_gettime(2)</c>), by their numbers.</summary>
public static unsafe partial class SystemClock
{
    /// <summary>CLOCK_REALTIME: the wall clock.</summary>
    public const int Realtime = 0;

    /// <summary>CLOCK_MONOTONIC: what jitdumps have their times from.</summary>
    public const int Monotonic = 1;

    /// <summary>CLOCK_MONOTONIC_COARSE: the same, which goes on with the kernel's tick.</summary>
    public const int MonotonicCoarse = 6;

    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Nanoseconds of the kernel's tick, with which CLOCK_MONOTONIC_COARSE goes on; 0 if there is no such clock.</summary>
    public static ulong Tick { get; } = Resolution(MonotonicCoarse) ?? 0;

    /// <summary>The time of a clock in nanoseconds; null if the kernel has no such clock.</summary>
    public static ulong? Now(int clock)
    {
        long* time = stackalloc long[2]; // struct timespec: seconds, nanoseconds
        return GetTime(clock, time) == 0 ? Nanoseconds(time) : null;
    }

    /// <summary>The resolution of a clock in nanoseconds; null if the kernel has no such clock.</summary>
    public static ulong? Resolution(int clock)
    {
        long* time = stackalloc long[2];
        return GetResolution(clock, time) == 0 ? Nanoseconds(time) : null;
    }

    /// <summary>Sleeps until CLOCK_MONOTONIC has a time; a signal may end it.</summary>
    public static void SleepUntil(ulong nanoseconds)
    {
        const int TIMER_ABSTIME = 1;
        long* time = stackalloc long[2];
        time[0] = (long)(nanoseconds / NanosecondsPerSecond);
        time[1] = (long)(nanoseconds % NanosecondsPerSecond);
        _ = Sleep(Monotonic, TIMER_ABSTIME, time, null);
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int Sleep(int clock, int flags, long* time, long* rest);

    private static ulong Nanoseconds(long* time) => (ulong)time[0] * NanosecondsPerSecond + (ulong)time[1];

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, long* time);

    [LibraryImport("libc", EntryPoint = "clock_getres")]
    private static partial int GetResolution(int clock, long* time);
}
