using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>
/// How a call chain in a file tells that it was unwound, and why it ends where it ends: by how many markers of user space
/// stand behind its last address. Readers of call chains step over markers, so every reader still reads it; chains that the
/// kernel made by frame pointers never end in one.
/// </summary>
internal static class ChainMarks
{
    /// <summary>Marks for the first reason; a stack with a guessed frame has one more.</summary>
    private const int PerEnd = 2;

    /// <summary>The most marks that a chain gets.</summary>
    public const int Most = (int)StackEnd.Overload * PerEnd;

    /// <summary>Adds the marks of an unwound stack.</summary>
    /// <param name="chain">The chain; markers that it ends in already announce nothing and are dropped.</param>
    /// <param name="result">What became of it.</param>
    public static void Add(CallChain chain, in UnwindResult result)
    {
        while (chain.Entries is [.., CallchainContext.PERF_CONTEXT_USER])
        {
            chain.Truncate(chain.Count - 1);
        }

        int marks = ((int)result.End * PerEnd) - 1 + (result.IsGuessed ? 1 : 0);
        for (int i = 0; i < marks; i++)
        {
            chain.Add(CallchainContext.PERF_CONTEXT_USER);
        }
    }

    /// <summary>What a chain's marks say; <see cref="StackEnd.Unknown"/> without any.</summary>
    public static UnwindResult Read(ReadOnlySpan<ulong> chain)
    {
        int marks = 0;
        while (marks < chain.Length && chain[^(marks + 1)] == CallchainContext.PERF_CONTEXT_USER)
        {
            marks++;
        }

        // A whole chain of markers, or more of them than there are reasons, is not ours.
        return marks == 0 || marks == chain.Length || marks > Most
            ? default
            : new UnwindResult((StackEnd)((marks + 1) / PerEnd), (marks + 1) % PerEnd != 0, Last: 0);
    }
}
