namespace Viperf.Core.Views;

/// <summary>What of two frames must be equal for them to be one in a call graph.</summary>
public enum CallGraphKey : byte
{
    /// <summary>The function, or the address where nothing names it.</summary>
    Function,

    /// <summary>The address; the line of source is shown beside it.</summary>
    Address,

    /// <summary>The line of source, or the function where no line is known.</summary>
    SourceLine,
}

/// <summary>How a histogram of a profile is made.</summary>
public sealed record HistogramOptions
{
    /// <summary>perf's default keys, sorted by what was called and by self.</summary>
    public static IReadOnlyList<HistogramColumn> DefaultOrder { get; } =
    [
        HistogramColumn.Children, HistogramColumn.Self,
        HistogramColumn.Comm, HistogramColumn.Dso, HistogramColumn.Symbol,
    ];

    /// <summary>
    /// What entries are sorted by, the most important first. The keys among these are what entries are told apart by.
    /// </summary>
    public IReadOnlyList<HistogramColumn> Order { get; init; } = DefaultOrder;

    /// <summary>Whether callers get entries too, and every entry is charged with what it called.</summary>
    public bool Children { get; init; } = true;

    /// <summary>Whether call graphs start at the outermost caller rather than at the entry.</summary>
    public bool CallersFirst { get; init; } = true;

    /// <summary>
    /// Whether callers come before callees where both weigh the same (perf does so where it draws call graphs).
    /// </summary>
    public bool DeepestFirst { get; init; } = true;

    /// <summary>What makes frames one in a call graph.</summary>
    public CallGraphKey CallGraphKey { get; init; }

    /// <summary>Whether frames without a symbol, and samples with such a leaf, are as if never recorded.</summary>
    public bool HideUnresolved { get; init; }

    /// <summary>Which samples are shown. Those that are not still count in the totals.</summary>
    public SampleFilter Filter { get; init; } = SampleFilter.All;

    /// <summary>
    /// Text of a frame's line of source, or null where none is known; needed where a line is a key of entries or
    /// of call graphs.
    /// </summary>
    public Func<int, string?>? SourceLineOf { get; init; }

    /// <summary>True if <paramref name="column"/> is among the keys.</summary>
    internal bool HasKey(HistogramColumn column) => Order.Contains(column);
}
