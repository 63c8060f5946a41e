using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Capture;

/// <summary>Runs a program of the tests with its frames captured, ten thousand times a second.</summary>
internal sealed class CaptureRun : IDisposable
{
    private readonly TempDirectory _directory = new();

    /// <summary>The recording.</summary>
    public string Data => _directory.File("perf.data");

    /// <summary>The path of one of the tests' programs for capturing.</summary>
    public static string Program(string name) => Repository.PathOf("tests", "workloads", "capture", name);

    /// <summary>Runs a Python program of the tests.</summary>
    public ToolResult Run(string version, string program, params IEnumerable<string> args) =>
        Start(Interpreter.Pyenv(version).Path, ["-W", "ignore", Program(program), .. args]);

    /// <summary>Runs any command.</summary>
    public ToolResult Start(string command, params IEnumerable<string> args) => Start([], command, args);

    /// <summary>Runs any command, with more of the recorder's options.</summary>
    public ToolResult Start(IEnumerable<string> options, string command, params IEnumerable<string> args) => ViperfBinary.RunIn(
        _directory, ["record", "-F", "9999", "--call-graph", "dwarf", "--python", "capture", .. options, "-o", Data, "--", command, .. args]);

    /// <summary>Runs a program that is to print one line and to end well.</summary>
    /// <returns>What the recorder said.</returns>
    public string RunsAsEver(string line, string version, string program, params IEnumerable<string> args)
    {
        var result = Run(version, program, args);
        Assert.True(
            result.ExitCode == 0 && result.Output == line + "\n",
            $"exit status {result.ExitCode}\nstdout: {result.Output}\nstderr: {result.Error}");
        return result.Error;
    }

    /// <summary>The processes that samples with a given Python function are of.</summary>
    public int ProcessesIn(string function) => ViperfBinary.Run("script", "-i", Data, "-F", "pid,ip,sym").Succeeded().Output
        .Split("\n\n").Where(sample => sample.Contains(function, StringComparison.Ordinal))
        .Select(sample => sample.Trim().Split([' ', '\n'], 2)[0]).Distinct().Count();

    /// <summary>Removes the recording.</summary>
    public void Dispose() => _directory.Dispose();
}
