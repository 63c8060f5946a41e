using Viperf.Abi;

namespace Viperf.Agent.Trampolines;

/// <summary>The names of backends, which are CPython's.</summary>
internal static unsafe class Backends
{
    /// <summary>Reads a name.</summary>
    public static bool TryParse(byte* name, out Backend backend)
    {
        backend = Equals(name, AgentEnvironment.JitDump) ? Backend.JitDump : Backend.PerfMap;
        return backend == Backend.JitDump || Equals(name, AgentEnvironment.PerfMap);
    }

    /// <summary>True if two names, each with a zero byte behind it, are the same.</summary>
    public static bool Equals(byte* name, ReadOnlySpan<byte> other)
    {
        for (int i = 0; i <= other.Length; i++) // the zero byte behind both included
        {
            if (name[i] != other.Pointer[i])
            {
                return false;
            }
        }

        return true;
    }
}
