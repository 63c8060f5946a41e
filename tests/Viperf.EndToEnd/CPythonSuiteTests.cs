using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd;

public partial class CPythonSuiteTests
{
    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void CPythons_own_tests_of_perf_pass_with_viperf_as_perf(string version)
    {
        var python = Interpreter.Pyenv(version);
        using var directory = new TempDirectory();
        File.CreateSymbolicLink(directory.File("perf"), ViperfBinary.Path);
        var tool = new Tool
        {
            File = python.Path,
            WorkingDirectory = directory.Path,
            Environment = new Dictionary<string, string?>
            {
                ["PATH"] = $"{directory.Path}:{Environment.GetEnvironmentVariable("PATH")}",
            },
        };
        Assert.SkipUnless(
            tool.Run("-c", "import test.test_perf_profiler").ExitCode == 0,
            $"Python {version} was installed without its tests");

        var result = tool.Run("-m", "test", "-v", "test_perf_profiler");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Matches(AnyPassed(), result.Output + result.Error);
        // Found no perf at all: then nothing of viperf was tested.
        Assert.DoesNotContain("perf command doesn't work", result.Output + result.Error);
    }

    [GeneratedRegex(@"\.\.\. ok\n")]
    private static partial Regex AnyPassed();
}
