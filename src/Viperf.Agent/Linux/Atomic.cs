using System.Runtime;
using System.Runtime.CompilerServices;

namespace Viperf.Agent.Linux;

/// <summary>What threads and signal handlers do to memory that they share. Each orders what lies before and after it.</summary>
internal static unsafe class Atomic
{
    /// <summary>Stores a value; what was there.</summary>
    [RuntimeImport("viperf_exchange")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Exchange(int* place, int value);

    /// <summary>Stores a value if the expected one is there; what was there.</summary>
    [RuntimeImport("viperf_compare_exchange")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong CompareExchange(ulong* place, ulong value, ulong expected);

    /// <summary>Sets bits.</summary>
    public static void Or(ulong* place, ulong bits)
    {
        ulong before;
        do
        {
            before = *place;
        }
        while (CompareExchange(place, before | bits, before) != before);
    }

    /// <summary>Clears all bits; those that were set.</summary>
    public static ulong Take(ulong* place)
    {
        ulong before;
        do
        {
            before = *place;
        }
        while (CompareExchange(place, 0, before) != before);
        return before;
    }
}
