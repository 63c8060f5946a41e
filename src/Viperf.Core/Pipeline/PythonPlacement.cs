using Viperf.Core.Unwinding;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Puts Python frames into a native call chain, each run of them in place of the call of the evaluator that ran it. Where the
/// native chain lacks calls of the evaluator the frames still stand in their order, as close to their place as is known.
/// </summary>
internal static class PythonPlacement
{
    /// <summary>Merges.</summary>
    /// <param name="native">The chain, with its markers; from <paramref name="userStart"/> on it is the user's.</param>
    /// <param name="userStart">Index of the user's first marker; the chain's length if there is none.</param>
    /// <param name="roles">By index in the chain, what each frame is.</param>
    /// <param name="isComplete">True if the chain reaches the thread's start, so that its outermost call of the evaluator is
    /// that of the outermost run.</param>
    /// <param name="python">The frames, as of <see cref="ThreadSignals"/>.</param>
    /// <param name="merged">Gets the new chain.</param>
    public static void Merge(
        ReadOnlySpan<ulong> native, int userStart, ReadOnlySpan<NativeRole> roles, bool isComplete, ReadOnlySpan<ulong> python,
        CallChain merged)
    {
        merged.Add(native[..userStart]);
        if (userStart == native.Length)
        {
            merged.Add(CallchainContext.PERF_CONTEXT_USER);
        }

        int runs = RunsOf(python);
        int evaluators = roles.Count(NativeRole.Evaluator);
        bool hasPython = runs > 0;

        // Of a complete chain the outermost belong together, and what runs have no evaluator are innermost: where code has just
        // been entered, or has no name. Of one that is cut the innermost do, and the rest is what was cut.
        int early = isComplete ? Math.Max(runs - evaluators, 0) : 0;
        int skipped = isComplete ? Math.Max(evaluators - runs, 0) : 0;
        for (int i = userStart; i < native.Length; i++)
        {
            if (roles[i] == NativeRole.Trampoline && hasPython)
            {
                continue; // what it names is among the frames
            }

            if (roles[i] != NativeRole.Evaluator || skipped-- > 0 || python.IsEmpty)
            {
                merged.Add(native[i]);
                continue;
            }

            bool any = false;
            for (early++; early > 0 && !python.IsEmpty; early--)
            {
                any |= AddRun(ref python, merged);
            }

            early = 0;
            if (!any)
            {
                merged.Add(native[i]);
            }
        }

        while (!python.IsEmpty)
        {
            AddRun(ref python, merged);
        }
    }

    /// <summary>Adds the innermost run that is left.</summary>
    /// <returns>False if it is empty.</returns>
    private static bool AddRun(ref ReadOnlySpan<ulong> python, CallChain merged)
    {
        int before = merged.Count;
        bool isLast = false;
        int i = 0;
        while (i < python.Length && !isLast)
        {
            ulong word = python[i++];
            isLast = (word & ThreadSignals.LastOfRun) != 0;
            ulong address = word & ~ThreadSignals.LastOfRun;
            if (address != 0)
            {
                Add(merged, address);
            }
        }

        python = python[i..];
        return merged.Count > before;
    }

    /// <summary>Behind a marker stands the instruction that runs; all others are return addresses, which readers take one from.</summary>
    private static void Add(CallChain merged, ulong address)
    {
        bool isLeaf = merged.Count == 0 || merged.Entries[^1] >= CallchainContext.PERF_CONTEXT_MAX;
        merged.Add(isLeaf ? address : address + 1);
    }

    private static int RunsOf(ReadOnlySpan<ulong> python)
    {
        int runs = 0;
        foreach (ulong word in python)
        {
            runs += (word & ThreadSignals.LastOfRun) != 0 ? 1 : 0;
        }

        return runs;
    }
}
