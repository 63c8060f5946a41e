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
    /// <summary>All formats, in the order in which the help lists them.</summary>
    public static IReadOnlyList<Exporter> All { get; } =
    [
        new("collapsed", ".folded", "a line a stack, for flamegraph.pl, speedscope and inferno", IsText: true, NeedsSeries: false, CollapsedFormat.Write),
        new("speedscope", ".speedscope.json", "for speedscope.app", IsText: true, NeedsSeries: true, SpeedscopeFormat.Write),
        new("firefox", ".firefox.json", "for profiler.firefox.com", IsText: true, NeedsSeries: true, FirefoxFormat.Write),
        new("flamegraph", ".svg", "a flame graph to open in a browser", IsText: true, NeedsSeries: false, FlameGraphFormat.Write),
    ];
}
