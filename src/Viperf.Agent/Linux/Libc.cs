using System.Runtime;
using System.Runtime.CompilerServices;

namespace Viperf.Agent.Linux;

/// <summary>
/// Functions of the host's C library, looked up by name: the agent is linked against no library and no version of one,
/// so that it loads with every libc, and into programs that have none of what it looks for.
/// </summary>
internal static unsafe class Libc
{
    private const int CLOCK_REALTIME = 0;
    private const int CLOCK_MONOTONIC = 1;
    private const int CLOCK_THREAD_CPUTIME_ID = 3;
    private const int CLOCK_BOOTTIME = 7;

    private const int RTLD_LAZY = 1;
    private const int RTLD_NOLOAD = 4;

    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>The library that has CPython's functions where the global scope has not; null for the global scope.</summary>
    private static void* s_scope;

    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<int, TimeSpec*, int> s_clock;

    /// <summary>A function or variable of the program or its libraries; null if there is none.</summary>
    public static void* Find(ReadOnlySpan<byte> name) => FindSymbol(s_scope, name.Pointer);

    /// <summary>
    /// Looks for a function in every loaded library, where programs that embed Python may keep it to themselves, and
    /// from then on looks into that library first.
    /// </summary>
    public static bool SearchLibrariesFor(ReadOnlySpan<byte> name)
    {
        if (FindSymbol(null, name.Pointer) != null)
        {
            return true;
        }

        var iterate = (delegate* unmanaged[Cdecl, SuppressGCTransition]<
            delegate* unmanaged<LoadedLibrary*, nuint, void*, int>, void*, int>)FindSymbol(null, "dl_iterate_phdr"u8.Pointer);
        return iterate != null && iterate(&HasSymbol, name.Pointer) != 0;
    }

    /// <summary>The value of an environment variable, which is not to be kept; null if there is none.</summary>
    public static byte* GetEnvironment(ReadOnlySpan<byte> name)
    {
        var get = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, byte*>)FindSymbol(null, "getenv"u8.Pointer);
        return get == null ? null : get(name.Pointer);
    }

    /// <summary>Nanoseconds of CLOCK_MONOTONIC, as jitdumps have them.</summary>
    public static ulong MonotonicTime() => Time(CLOCK_MONOTONIC);

    /// <summary>Nanoseconds of CPU time, user's and system's, that the running thread has used.</summary>
    public static ulong ThreadCpuTime() => Time(CLOCK_THREAD_CPUTIME_ID);

    /// <summary>Nanoseconds since 1970.</summary>
    public static ulong RealTime() => Time(CLOCK_REALTIME);

    /// <summary>Nanoseconds since the machine started, of which processes' starting times are told.</summary>
    public static ulong BootTime() => Time(CLOCK_BOOTTIME);

    private static ulong Time(int clock)
    {
        if (s_clock == null)
        {
            s_clock = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int, TimeSpec*, int>)
                FindSymbol(null, "clock_gettime"u8.Pointer);
        }

        TimeSpec time = default;
        return s_clock != null && s_clock(clock, &time) == 0
            ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds
            : 0;
    }

    [System.Runtime.InteropServices.UnmanagedCallersOnly]
    private static int HasSymbol(LoadedLibrary* library, nuint size, void* name)
    {
        var open = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, int, void*>)FindSymbol(null, "dlopen"u8.Pointer);
        if (open == null || library->Name == null || *library->Name == 0)
        {
            return 0;
        }

        void* handle = open(library->Name, RTLD_LAZY | RTLD_NOLOAD);
        if (handle == null || FindSymbol(handle, (byte*)name) == null)
        {
            return 0;
        }

        s_scope = handle; // never closed: CPython cannot be unloaded
        return 1;
    }

    [RuntimeImport("viperf_find_symbol")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* FindSymbol(void* scope, byte* name);

    private struct TimeSpec
    {
        public ulong Seconds;
        public ulong Nanoseconds;
    }

    /// <summary><c>struct dl_phdr_info</c>, as far as it is looked at.</summary>
    private struct LoadedLibrary
    {
        public void* Base;
        public byte* Name;
    }
}
