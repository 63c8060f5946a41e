using Viperf.Core.Views;

namespace Viperf.Cli.Text;

/// <summary>How a report's call graphs are drawn.</summary>
internal enum CallGraphStyle : byte
{
    /// <summary>Trees with parts of all samples.</summary>
    Graph,

    /// <summary>Every chain on lines of its own.</summary>
    Flat,

    /// <summary>Trees with parts of the caller's, or callee's, samples.</summary>
    Fractal,

    /// <summary>Every chain on one line.</summary>
    Folded,

    /// <summary>None.</summary>
    None,
}

/// <summary>What stands beside a branch of a call graph.</summary>
internal enum CallGraphValue : byte
{
    /// <summary>A part of the samples' period.</summary>
    Percent,

    /// <summary>The period.</summary>
    Period,

    /// <summary>The number of samples.</summary>
    Count,
}

/// <summary>A column of a report and the name it has there.</summary>
/// <param name="Column">What it shows.</param>
/// <param name="Title">Its heading, padded as perf pads it.</param>
internal sealed record ReportColumn(HistogramColumn Column, string Title);

/// <summary>Everything that decides how a report's text looks.</summary>
internal sealed record ReportLayout
{
    /// <summary>The columns from left to right.</summary>
    public required IReadOnlyList<ReportColumn> Columns { get; init; }

    /// <summary>Names and values of columns left out since a filter lets one value through.</summary>
    public IReadOnlyList<(string Name, string Value)> Constants { get; init; } = [];

    /// <summary>Widths asked for, from left to right.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [];

    /// <summary>What separates columns instead of padding, or null.</summary>
    public string? Separator { get; init; }

    /// <summary>Whether heading and comment lines are left out.</summary>
    public bool Quiet { get; init; }

    /// <summary>Whether modules are shown with their paths.</summary>
    public bool LongNames { get; init; }

    /// <summary>Whether percentages are of the samples shown rather than of all.</summary>
    public bool RelativePercentages { get; init; }

    /// <summary>Entries under so many percent are left out.</summary>
    public double PercentLimit { get; init; }

    /// <summary>How call graphs are drawn.</summary>
    public CallGraphStyle Style { get; init; } = CallGraphStyle.None;

    /// <summary>What stands beside branches.</summary>
    public CallGraphValue Value { get; init; }

    /// <summary>Branches under so many percent are left out.</summary>
    public double CallGraphPercentLimit { get; init; }

    /// <summary>At most so many branches beside one another; 0 for all.</summary>
    public int BranchLimit { get; init; }

    /// <summary>Whether a chain's first link is left out since the entry's line has it already.</summary>
    public bool OmitFirstLink { get; init; }

    /// <summary>The time slice as the user wrote it, or null.</summary>
    public string? TimeSlice { get; init; }

    /// <summary>Whether percentages are coloured as perf colours them.</summary>
    public bool Colors { get; init; }
}
