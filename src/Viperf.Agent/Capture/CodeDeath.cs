using System.Runtime.InteropServices;
using Viperf.Agent.CPython;

namespace Viperf.Agent.Capture;

/// <summary>Hears of code objects that die: their type's destructor, which CPython calls with its lock held, goes this way.</summary>
internal static unsafe class CodeDeath
{
    /// <summary>From a type to <c>tp_dealloc</c> (cpython/object.h).</summary>
    private const int Destructor = 48;

    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void> s_original;
    private static KnownCode s_known;

    /// <summary>Has dying code removed from a table.</summary>
    public static void Watch(KnownCode known)
    {
        s_known = known;
        if (s_original != null)
        {
            return;
        }

        void** place = (void**)((byte*)PythonApi.CodeType + Destructor);
        s_original = (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void>)*place;
        *place = (delegate* unmanaged<void*, void>)&OnDeath;
    }

    [UnmanagedCallersOnly]
    private static void OnDeath(void* code)
    {
        s_known.Remove(code);
        s_original(code);
    }
}
