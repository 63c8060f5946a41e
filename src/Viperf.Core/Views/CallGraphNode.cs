namespace Viperf.Core.Views;

/// <summary>Which parts of a call graph are kept.</summary>
public enum CallGraphShape : byte
{
    /// <summary>A tree whose branches weigh at least <see cref="CallGraphCut.MinPeriod"/> (perf's graph).</summary>
    Tree,

    /// <summary>A tree whose branches have at least a part of their parent's weight (perf's fractal).</summary>
    RelativeTree,

    /// <summary>
    /// Whole chains that weigh at least <see cref="CallGraphCut.MinPeriod"/>, one by one (perf's flat and folded).
    /// </summary>
    Chains,
}

/// <summary>How a call graph is cut to what is worth showing.</summary>
/// <param name="Shape">Tree or chains.</param>
/// <param name="MinPeriod">The least weight of what is shown, but for relative trees.</param>
/// <param name="MinPart">The least part of the parent's weight, from 0 to 1, for relative trees.</param>
public readonly record struct CallGraphCut(CallGraphShape Shape, ulong MinPeriod, double MinPart);

/// <summary>
/// Links that follow one another without any branch between them, and what comes after: one node of a call graph.
/// </summary>
public sealed class CallGraphNode
{
    /// <summary>
    /// The links, named by <see cref="Histogram.NameOfLink"/>; for <see cref="CallGraphShape.Chains"/> the whole chain.
    /// </summary>
    public required IReadOnlyList<int> Links { get; init; }

    /// <summary>What comes after that was not cut off, the heaviest first.</summary>
    public required IReadOnlyList<CallGraphNode> Children { get; init; }

    /// <summary>Period of the chains that end here.</summary>
    public required ulong OwnPeriod { get; init; }

    /// <summary>Number of samples whose chains end here.</summary>
    public required ulong OwnSamples { get; init; }

    /// <summary>Period of the chains that go on, those cut off included.</summary>
    public required ulong ChildrenPeriod { get; init; }

    /// <summary>Number of samples whose chains go on, those cut off included.</summary>
    public required ulong ChildrenSamples { get; init; }

    /// <summary>Period of all chains that come through here.</summary>
    public ulong TotalPeriod => OwnPeriod + ChildrenPeriod;

    /// <summary>Number of samples whose chains come through here.</summary>
    public ulong TotalSamples => OwnSamples + ChildrenSamples;
}
