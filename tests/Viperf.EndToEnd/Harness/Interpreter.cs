using Xunit;

namespace Viperf.EndToEnd.Harness;

/// <summary>A CPython on this machine.</summary>
/// <param name="Path">Its executable.</param>
/// <param name="Version">Its version, such as 3.12.1.</param>
internal sealed record Interpreter(string Path, Version Version)
{
    /// <summary>Versions that pyenv may have; those that it has not are skipped.</summary>
    public static readonly string[] PyenvVersions = ["3.8.18", "3.9.18", "3.10.13", "3.11.7", "3.12.1", "3.13.0"];

    /// <summary>Versions of these whose Python functions perf can name: <c>-X perf</c> came with 3.12.</summary>
    public static readonly string[] PerfVersions = ["3.12.1", "3.13.0"];

    /// <summary>Rows for a theory over every version that the tests know.</summary>
    public static TheoryData<string> All => [.. PyenvVersions];

    /// <summary>Rows for a theory over the versions with <c>-X perf</c>.</summary>
    public static TheoryData<string> WithPerfSupport => [.. PerfVersions];

    /// <summary>The interpreter of that version that pyenv built; skips the test if there is none.</summary>
    public static Interpreter Pyenv(string version)
    {
        string root = Environment.GetEnvironmentVariable("PYENV_ROOT")
            ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv");
        string path = System.IO.Path.Combine(root, "versions", version, "bin", "python3");
        Assert.SkipUnless(File.Exists(path), $"Python {version} is not there: {path}");
        return new(path, Version.Parse(version));
    }

    /// <summary>The one of a version of pyenv's, or the system's where that is what is named.</summary>
    public static Interpreter Of(string version) => version == "system" ? OfSystem() : Pyenv(version);

    /// <summary>The system's own interpreter, which every user can reach; skips the test if there is none.</summary>
    public static Interpreter OfSystem()
    {
        const string Path = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(Path), $"the system has no Python: {Path}");
        string version = new Tool { File = Path }
            .Run("-c", "import platform; print(platform.python_version())").Succeeded().Output.Trim();
        return new(Path, Version.Parse(version));
    }

    /// <summary>Runs a program or module with it.</summary>
    public ToolResult Run(params IEnumerable<string> args) => new Tool { File = Path }.Run(args);
}
