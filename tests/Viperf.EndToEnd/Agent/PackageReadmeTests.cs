using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

public class PackageReadmeTests
{
    [Fact]
    public void Every_command_and_program_of_the_packages_readme_works()
    {
        _ = PerfTool.Path; // skips the test where there is none
        using var tmp = AgentTmp.For("3.11.7");
        File.CreateSymbolicLink(tmp.Directory.File("viperf"), ViperfBinary.Path);
        foreach (string name in (string[])["python", "examples"])
        {
            Directory.CreateSymbolicLink(tmp.Directory.File(name), Repository.PathOf(name));
        }

        string[] variables = ["PYTHONPATH=", "PIP_NO_INDEX=1", "PIP_DISABLE_PIP_VERSION_CHECK=1"];
        tmp.With(variables, "-m", "venv", "/tmp/venv").Succeeded();

        Assert.Equal(7, Lines("sh").Count());
        Assert.All(Lines("sh"), command => tmp.Start(variables, "/bin/sh", "-c", $"PATH=/tmp/venv/bin:$PATH; {command}").Succeeded());

        string program = string.Join('\n', Lines("python"));
        tmp.Directory.Write("perftest.py", $"def work(): pass\n{program}\n");
        Assert.Equal(new ToolResult(0, "False\n", ""), tmp.Start(variables, "/tmp/venv/bin/python", "/tmp/perftest.py"));
        Assert.Single(tmp.Maps, map => AgentTmp.NamesOf(map).Contains("py::work:perftest.py"));
    }

    /// <summary>The lines of the blocks of one language.</summary>
    private static IEnumerable<string> Lines(string language)
    {
        string? block = null;
        foreach (string line in File.ReadLines(Path.Combine(InstalledPackage.Source, "README.md")))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                block = block is null ? line[3..] : null;
            }
            else if (block == language)
            {
                yield return line;
            }
        }
    }
}
