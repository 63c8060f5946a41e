using System.Runtime;
using System.Runtime.CompilerServices;

namespace Viperf.Agent.Linux;

/// <summary>
/// Tells of threads that begin and end: the library's <c>pthread_create</c> stands before the C library's. A thread begins in
/// Entry.*.S, which has it told and jumps to the program's routine: no frame of the agent stays on its stack.
/// </summary>
internal static unsafe class NewThreads
{
    private const int EAGAIN = 11;

    private static void* s_next;
    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, Routine*> s_allocate;
    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<Routine*, void> s_free;
    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<uint, void*, int> s_setSpecific;
    private static delegate*<void> s_onStart;
    private static uint s_key;

    /// <summary>Has each thread that begins from now on told, by itself, and its end.</summary>
    /// <param name="onStart">Called before the thread's routine.</param>
    /// <param name="onEnd">Called when it ends, in whatever way.</param>
    /// <returns>False where the C library does not tell.</returns>
    public static bool TryWatch(delegate*<void> onStart, delegate* unmanaged<void*, void> onEnd)
    {
        if (s_onStart != null)
        {
            return true;
        }

        var createKey = (delegate* unmanaged[Cdecl, SuppressGCTransition]<uint*, delegate* unmanaged<void*, void>, int>)
            Libc.Find("pthread_key_create"u8);
        s_setSpecific = (delegate* unmanaged[Cdecl, SuppressGCTransition]<uint, void*, int>)Libc.Find("pthread_setspecific"u8);
        s_allocate = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, Routine*>)Libc.Find("malloc"u8);
        s_free = (delegate* unmanaged[Cdecl, SuppressGCTransition]<Routine*, void>)Libc.Find("free"u8);
        uint key = 0;
        if (createKey == null || s_setSpecific == null || s_allocate == null || s_free == null || createKey(&key, onEnd) != 0)
        {
            return false;
        }

        s_key = key;
        s_onStart = onStart;
        return true;
    }

    /// <summary>Looks up what this stands before.</summary>
    public static void Resolve() => NextSymbol.Resolve(ref s_next, "pthread_create"u8);

    /// <summary>Has the running thread's end told, too.</summary>
    public static void WatchEnd() => _ = s_setSpecific(s_key, ThreadBlock.OfThisThread()); // any value that is not null

    [RuntimeExport("pthread_create")]
    private static int Create(nint* thread, void* attributes, void* routine, void* argument)
    {
        Resolve();
        var next = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint*, void*, void*, void*, int>)s_next;
        if (next == null)
        {
            return EAGAIN;
        }

        Routine* start = s_onStart != null ? s_allocate((nuint)sizeof(Routine)) : null;
        if (start == null)
        {
            return next(thread, attributes, routine, argument);
        }

        start->Start = routine;
        start->Argument = argument;
        int error = next(thread, attributes, StartAddress(), start);
        if (error != 0)
        {
            s_free(start);
        }

        return error;
    }

    /// <summary>Called by Entry.*.S in a thread that begins.</summary>
    [RuntimeExport("viperf_begin_thread")]
    private static void Begin(Routine* start, Routine* copy)
    {
        *copy = *start;
        s_free(start);
        s_onStart();
    }

    [RuntimeImport("viperf_start_thread_address")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* StartAddress();

    /// <summary>What the program wants to run in a new thread.</summary>
    private struct Routine
    {
        public void* Start;
        public void* Argument;
    }
}
