using System.Runtime.InteropServices;
using Viperf.Agent.Linux;

namespace Viperf.Agent.CPython;

/// <summary>
/// How the agent gets to run in a program that was not changed: an audit hook (PEP 578), which may be added before the
/// interpreter exists, and is told when the first Python code is about to run.
/// </summary>
/// <remarks>
/// While there is a hook, id(), sys._getframe() and many others cost more, so the agent takes its own out of CPython's list
/// once it has been called. There is no function for that: the list's head is a word of _PyRuntime.
/// </remarks>
internal static unsafe class AuditHook
{
    /// <summary>The list's head lies in this many first bytes of _PyRuntime: at 648 in 3.9, at 10,424 in 3.13.</summary>
    private const int SearchedBytes = 32 * 1024;

    /// <summary>Other libraries may have added hooks first.</summary>
    private const int MostHooksBefore = 4;

    /// <summary>Nothing is mapped below (vm.mmap_min_addr).</summary>
    private const uint LowestPointer = 64 * 1024;

    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<int> s_isInitialized;
    private static delegate*<void> s_onStart;
    private static bool s_started;

    private static void* Own => (delegate* unmanaged<byte*, void*, void*, int>)&OnEvent;

    /// <summary>Waits for the first Python code to run in this process.</summary>
    /// <param name="add"><c>PySys_AddAuditHook</c>.</param>
    /// <param name="onStart">Called then, once, with the interpreter's lock held.</param>
    public static void Install(void* add, delegate*<void> onStart)
    {
        s_isInitialized = (delegate* unmanaged[Cdecl, SuppressGCTransition]<int>)Libc.Find("Py_IsInitialized"u8);
        if (s_isInitialized == null || s_isInitialized() != 0)
        {
            return; // loaded by a program that runs already: it calls the agent itself
        }

        s_onStart = onStart;
        var addHook = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void*, int>)add;
        _ = addHook(Own, null);
    }

    [UnmanagedCallersOnly]
    private static int OnEvent(byte* name, void* arguments, void* data)
    {
        if (!s_started && IsStart(name) && s_isInitialized() != 0)
        {
            s_started = true;
            if (!TryRemove())
            {
                Notes.Add("an audit hook stays in the program: CPython's list of hooks was not found"u8);
            }

            s_onStart();
        }

        return 0; // anything else would raise an error in the program
    }

    /// <summary>
    /// The events of <c>python FILE</c>, <c>-c</c>, <c>-m</c> and standard input; exec is the first of programs that embed
    /// Python, and of site's.
    /// </summary>
    private static bool IsStart(byte* name) => StartsWith(name, "cpython.run_"u8) || StartsWith(name, "exec\0"u8);

    private static bool StartsWith(byte* text, ReadOnlySpan<byte> start)
    {
        for (int i = 0; i < start.Length; i++)
        {
            if (text[i] != start.Pointer[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes the hook's entry out of the list. The entry itself stays: the caller goes on from it.</summary>
    private static bool TryRemove()
    {
        if (!PythonApi.TryResolve() || PythonApi.Runtime == null)
        {
            return false;
        }

        for (int offset = 0; offset < SearchedBytes; offset += sizeof(void*))
        {
            Entry** link = (Entry**)(PythonApi.Runtime + offset);
            for (int before = 0; before <= MostHooksBefore && TryRead(*link, out var entry); before++)
            {
                if (entry.Hook == Own)
                {
                    *link = entry.Next;
                    return true;
                }

                link = &(*link)->Next;
            }
        }

        return false;
    }

    /// <summary>Reads what may be an entry: most words that are tried are something else, or no pointers at all.</summary>
    private static bool TryRead(Entry* place, out Entry entry)
    {
        entry = default;
        if ((nuint)place < LowestPointer || ((nuint)place & (nuint)(sizeof(void*) - 1)) != 0)
        {
            return false;
        }

        fixed (Entry* copy = &entry)
        {
            return Syscall.TryReadMemory(place, copy, (nuint)sizeof(Entry)) && entry.Hook != null;
        }
    }

    /// <summary><c>struct _Py_AuditHookEntry</c> (pycore_runtime.h), the same in all versions.</summary>
    private struct Entry
    {
        public Entry* Next;
        public void* Hook;
        public void* Data;
    }
}
