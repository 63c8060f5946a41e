using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>
/// The order of a histogram's entries: by the columns asked for, weights descending and names ascending, then by
/// keys and addresses, so that no two runs differ.
/// </summary>
internal sealed class HistogramOrder(HistogramOptions options) : IComparer<HistogramEntry>
{
    /// <inheritdoc/>
    public int Compare(HistogramEntry? x, HistogramEntry? y)
    {
        if (x is null || y is null || ReferenceEquals(x, y))
        {
            return x is null ? (y is null ? 0 : -1) : y is null ? 1 : 0;
        }

        foreach (var column in options.Order)
        {
            int order = By(column, x, y);
            if (order != 0)
            {
                return order;
            }
        }

        int byDso = ByDso(x, y);
        return byDso != 0 ? byDso
            : x.Function.Start != y.Function.Start ? x.Function.Start.CompareTo(y.Function.Start)
            : x.Index.CompareTo(y.Index);
    }

    private int By(HistogramColumn column, HistogramEntry x, HistogramEntry y) => column switch
    {
        HistogramColumn.Children => ByChildren(x, y),
        HistogramColumn.Self or HistogramColumn.Period => y.SelfPeriod.CompareTo(x.SelfPeriod),
        HistogramColumn.SelfKernel => y.SelfKernelPeriod.CompareTo(x.SelfKernelPeriod),
        HistogramColumn.SelfUser => y.SelfUserPeriod.CompareTo(x.SelfUserPeriod),
        HistogramColumn.Samples => y.SelfSamples.CompareTo(x.SelfSamples),
        HistogramColumn.Comm => string.CompareOrdinal(x.Comm, y.Comm),
        HistogramColumn.Process => x.Pid.CompareTo(y.Pid),
        HistogramColumn.Thread => x.Tid.CompareTo(y.Tid),
        HistogramColumn.Dso => ByDso(x, y),
        HistogramColumn.Symbol => BySymbol(x, y),
        HistogramColumn.Cpu => x.Cpu.CompareTo(y.Cpu),
        HistogramColumn.SourceLine => string.CompareOrdinal(x.SourceLine, y.SourceLine),
        _ => 0,
    };

    /// <summary>
    /// Of entries that weigh the same the caller comes first, since its chains towards callees are longer; leaves,
    /// whose chains are whole, come before them all. Towards callers it is the other way round.
    /// </summary>
    private int ByChildren(HistogramEntry x, HistogramEntry y)
    {
        int order = y.ChildrenPeriod.CompareTo(x.ChildrenPeriod);
        return order != 0 || !options.DeepestFirst ? order
            : options.CallersFirst ? y.MaxDepth.CompareTo(x.MaxDepth)
            : x.MaxDepth.CompareTo(y.MaxDepth);
    }

    /// <summary>By name; what lies in no module comes last.</summary>
    private static int ByDso(HistogramEntry x, HistogramEntry y)
    {
        int order = (x.Module.Kind == ModuleKind.Unknown).CompareTo(y.Module.Kind == ModuleKind.Unknown);
        return order != 0 ? order : string.CompareOrdinal(x.Module.Name, y.Module.Name);
    }

    /// <summary>By name; what has none comes last.</summary>
    private static int BySymbol(HistogramEntry x, HistogramEntry y) =>
        x.Function.IsNamed && y.Function.IsNamed ? string.CompareOrdinal(x.Function.Name, y.Function.Name)
        : y.Function.IsNamed.CompareTo(x.Function.IsNamed);
}
