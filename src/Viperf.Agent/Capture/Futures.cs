using Viperf.Agent.CPython;

namespace Viperf.Agent.Capture;

/// <summary>Tells asyncio's futures and tasks, those that C implements, from other objects.</summary>
internal static unsafe class Futures
{
    /// <summary>Classes of programs that extend them.</summary>
    private const int MostBases = 5;

    // Those of the first interpreter that had them; another's are known by their names.
    private static byte* s_task;
    private static byte* s_future;

    /// <summary>What an object is.</summary>
    public static FutureKind KindOf(byte* value, ref ObjectReader reader)
    {
        byte* type = reader.TypeOf(value);
        for (int i = 0; i < MostBases && type != null; i++)
        {
            if (Is(type, ref s_task, "_asyncio.Task"u8, ref reader))
            {
                return FutureKind.Task;
            }

            if (Is(type, ref s_future, "_asyncio.Future"u8, ref reader))
            {
                return FutureKind.Future;
            }

            type = reader.BaseOf(type);
        }

        return FutureKind.None;
    }

    private static bool Is(byte* type, ref byte* known, ReadOnlySpan<byte> name, ref ObjectReader reader)
    {
        if (type == known)
        {
            return true;
        }

        bool isNamed = reader.IsNamed(type, name);
        if (isNamed)
        {
            known = type;
        }

        return isNamed;
    }
}

/// <summary>What an object is to those who wait.</summary>
internal enum FutureKind
{
    /// <summary>Neither.</summary>
    None,

    /// <summary>A future that is no task.</summary>
    Future,

    /// <summary>A task.</summary>
    Task,
}
