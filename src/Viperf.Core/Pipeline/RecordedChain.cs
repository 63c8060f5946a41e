using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>
/// What of a call chain is used where there is a copy of the stack as well. The kernel's part always is; a user's part, which
/// the kernel found by frame pointers, unless it had to stop at its limit.
/// </summary>
internal readonly ref struct RecordedChain
{
    /// <summary>kernel.perf_event_max_stack as kernels come with it.</summary>
    private const int DefaultLimit = 127;

    /// <summary>Takes a chain apart.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="attr">The event that it was recorded with.</param>
    public RecordedChain(ReadOnlySpan<ulong> chain, in PerfEventAttr attr)
    {
        int user = chain.IndexOf(CallchainContext.PERF_CONTEXT_USER);
        int limit = attr.sample_max_stack == 0 ? DefaultLimit : attr.sample_max_stack;
        int markers = user > 0 ? 2 : 1;
        HasUser = user >= 0 && user < chain.Length - 1 && chain.Length - markers < limit;
        Used = user < 0 || HasUser ? chain : chain[..user];
    }

    /// <summary>True if the user's part needs no unwinding.</summary>
    public bool HasUser { get; }

    /// <summary>The chain, up to where unwinding goes on.</summary>
    public ReadOnlySpan<ulong> Used { get; }
}
