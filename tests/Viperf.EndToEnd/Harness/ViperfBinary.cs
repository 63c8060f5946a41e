namespace Viperf.EndToEnd.Harness;

/// <summary>The published program under test.</summary>
internal static class ViperfBinary
{
    /// <summary>Its path: VIPERF_BINARY, or where the launcher puts it.</summary>
    public static string Path { get; } = Find();

    /// <summary>Runs it to its end, in the tests' own directory.</summary>
    public static ToolResult Run(params IEnumerable<string> args) => new Tool { File = Path }.Run(args);

    /// <summary>Runs it to its end in the given directory.</summary>
    public static ToolResult RunIn(TempDirectory directory, params IEnumerable<string> args) =>
        new Tool { File = Path, WorkingDirectory = directory.Path }.Run(args);

    private static string Find()
    {
        string path = Environment.GetEnvironmentVariable("VIPERF_BINARY") is { Length: > 0 } given
            ? given
            : Repository.PathOf("artifacts", "viperf", "viperf");
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"no published viperf at {path}; ./check builds one and runs the tests");
    }
}
