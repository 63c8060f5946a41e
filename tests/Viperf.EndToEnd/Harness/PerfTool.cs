using Xunit;

namespace Viperf.EndToEnd.Harness;

/// <summary>The real perf, for comparison.</summary>
internal static class PerfTool
{
    /// <summary>Its path; skips the test where there is none.</summary>
    public static string Path
    {
        get
        {
            string? path = Tool.PathOf("perf");
            Assert.SkipWhen(path is null, "perf is not installed (Debian: linux-perf, Fedora: perf)");
            return path!;
        }
    }

    /// <summary>Runs it to its end; skips the test where there is none.</summary>
    public static ToolResult Run(params IEnumerable<string> args) => new Tool { File = Path }.Run(args);
}
