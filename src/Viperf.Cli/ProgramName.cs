namespace Viperf.Cli;

/// <summary>The name under which the program was started: <c>viperf</c>, or <c>perf</c> through a link.</summary>
internal static class ProgramName
{
    /// <summary>
    /// The perf whose behaviour viperf shows to a caller that asks perf for its version. Callers take it apart into
    /// integers and switch on abilities by it: from 6.6 on CPython's tests expect <c>inject --jit</c>; before 6.8 perf had
    /// faults in that, of which CPython's documentation warns.
    /// </summary>
    public const string PerfVersion = "6.8.0";

    /// <summary>Whether the program was started under the name perf, by somebody who wants perf.</summary>
    public static bool IsPerf => Current == "perf";

    /// <summary>The name for messages and help: <c>perf</c> or <c>viperf</c>.</summary>
    public static string Current { get; } =
        Path.GetFileName(Environment.GetCommandLineArgs()[0]) == "perf" ? "perf" : "viperf";

    /// <summary>The line that <c>--version</c> prints.</summary>
    public static string VersionLine => IsPerf ? $"perf version {PerfVersion}" : $"viperf {Version}";

    private static string Version =>
        typeof(ProgramName).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";
}
