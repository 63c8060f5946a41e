using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd;

public class ReadmeTests
{
    /// <summary>Commands for this test alone to leave out: those that would start it again.</summary>
    private static readonly string[] s_leftOut = ["./check"];

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void Every_command_that_the_readme_shows_as_working_works(string version)
    {
        var python = Interpreter.Pyenv(version);
        string[] commands = [.. Commands("sh").Except(s_leftOut)];
        Assert.Contains("./viperf record -F 9999 -g -o perf.data python ./examples/example.py", commands);
        using var directory = Checkout(python);

        Assert.All(commands, command =>
        {
            var result = Run(directory, command);
            // grep finds nothing where the interpreter has no frame pointers; that is its answer.
            Assert.True(result.ExitCode == 0 || command.Contains("| grep", StringComparison.Ordinal), $"{command}: {result}");
        });
    }

    /// <summary>What the blocks of one language have as commands of viperf or of python.</summary>
    private static IEnumerable<string> Commands(string language)
    {
        string? block = null;
        foreach (string line in File.ReadLines(Repository.PathOf("README.md")))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                block = block is null ? line[3..] : null;
            }
            else if (block == language && (line.Contains("./", StringComparison.Ordinal) || line.StartsWith("python", StringComparison.Ordinal)))
            {
                yield return line;
            }
        }
    }

    /// <summary>What the README's commands find in a checkout, and an interpreter called python.</summary>
    private static TempDirectory Checkout(Interpreter python)
    {
        var directory = new TempDirectory();
        File.CreateSymbolicLink(directory.File("viperf"), ViperfBinary.Path);
        Directory.CreateSymbolicLink(directory.File("examples"), Repository.PathOf("examples"));
        Directory.CreateDirectory(directory.File("bin"));
        foreach (string name in (string[])["python", "python3"])
        {
            // A script, not a link: an interpreter finds its library by its own place.
            string path = directory.Write($"bin/{name}", $"#!/bin/sh\nexec {python.Path} \"$@\"\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return directory;
    }

    private static ToolResult Run(TempDirectory directory, string command) => new Tool
    {
        File = "/bin/sh",
        WorkingDirectory = directory.Path,
        Environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{directory.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}",
            ["VIRTUAL_ENV"] = null,
        },
    }.Run("-c", command);
}
