using Viperf.Core.Export.Pprof;
using Viperf.Core.Export.Pstats;
using Viperf.Core.Export.Rows;

namespace Viperf.Core.Export;

/// <summary>One format that profiles are written in.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Extension">What its files' names end with, dot included.</param>
/// <param name="Description">Who reads it, in a few words.</param>
/// <param name="IsText">False if it is not for terminals.</param>
/// <param name="NeedsSeries">True if it lists samples, so that the profile has to have its <see cref="Profiles.SampleSeries"/>.</param>
/// <param name="Write">Writes a whole file; the stream need not seek.</param>
public sealed record Exporter(
    string Name, string Extension, string Description, bool IsText, bool NeedsSeries, Action<ExportSource, Stream> Write)
{
    /// <summary>True if it says which CPU a sample was on, so that samples of different ones must not be summed up.</summary>
    public bool NeedsCpu { get; init; }

    /// <summary>All formats, in the order in which the help lists them.</summary>
    public static IReadOnlyList<Exporter> All { get; } =
    [
        new("collapsed", ".folded", "a line a stack, for flamegraph.pl, speedscope and inferno", IsText: true, NeedsSeries: false, CollapsedFormat.Write),
        new("pprof", ".pb.gz", "for go tool pprof and what reads its profiles", IsText: false, NeedsSeries: false, PprofFormat.Write),
        new("pstats", ".pstats", "for Python's pstats, snakeviz and gprof2dot", IsText: false, NeedsSeries: false, PstatsFormat.Write),
        new("jsonl", ".jsonl", "a JSON object a sample, for jq and notebooks", IsText: true, NeedsSeries: true, JsonLinesFormat.Write) { NeedsCpu = true },
        new("csv", ".csv", "a line a sample, for notebooks and spreadsheets", IsText: true, NeedsSeries: true, CsvFormat.Write) { NeedsCpu = true },
        new("parquet", ".parquet", "a row a sample in columns, for pandas, polars and DuckDB", IsText: false, NeedsSeries: true, ParquetFormat.Write) { NeedsCpu = true },
    ];
}
