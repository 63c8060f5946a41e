using System.Runtime;

namespace Viperf.Agent.Runtime;

/// <summary>
/// What compiled code calls when it changes between managed and native code. There is no runtime and nothing to change,
/// so each of them returns at once. RhpFallbackFailFast, for a stack that was overwritten, is in Entry.*.S.
/// </summary>
internal static unsafe class RuntimeHooks
{
    [RuntimeExport("RhpReversePInvoke")]
    private static void ReversePInvoke(void* frame)
    {
    }

    [RuntimeExport("RhpReversePInvokeReturn")]
    private static void ReversePInvokeReturn(void* frame)
    {
    }

    [RuntimeExport("RhpPInvoke")]
    private static void PInvoke(void* frame)
    {
    }

    [RuntimeExport("RhpPInvokeReturn")]
    private static void PInvokeReturn(void* frame)
    {
    }

    [RuntimeExport("RhpGcPoll")]
    private static void GcPoll()
    {
    }

    /// <summary>Read as an int that says whether a collection waits; its first bytes are never looked at here.</summary>
    [RuntimeExport("RhpTrapThreads")]
    private static void TrapThreads()
    {
    }
}
