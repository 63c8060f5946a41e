using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd;

public partial class CPythonSuiteTests
{
    /// <summary>Since when the suite has tests of <c>-X perf_jit</c>, which run <c>perf inject</c>.</summary>
    private static readonly Version s_withJit = new(3, 13);

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void CPythons_own_tests_of_perf_pass_with_viperf_as_perf(string version)
    {
        var python = Interpreter.Pyenv(version);
        Assert.SkipUnless(
            python.Run("-c", "import test.test_perf_profiler").ExitCode == 0,
            $"Python {version} was installed without its tests");
        // The suite removes whatever perf map and jitdump came to /tmp meanwhile, other programs' too.
        using var temp = PrivateTmp.Create();
        File.Copy(ViperfBinary.Path, temp.Directory.File("perf"));

        var result = temp.Run(python.Path, "-m", "test", "-v", "test_perf_profiler");

        Assert.True(result.ExitCode == 0, result.ToString());
        string said = result.Output + result.Error;
        Assert.Matches(AnyPassed(), said);
        // Found no perf at all: then nothing of viperf was tested.
        Assert.DoesNotContain("perf command doesn't work", said);
        string[] ofJit = [.. OfJit().Matches(said).Select(match => match.Groups["outcome"].Value)];
        Assert.Equal(python.Version >= s_withJit, ofJit.Length != 0);
        Assert.All(ofJit, outcome => Assert.Equal("ok", outcome));
    }

    [GeneratedRegex(@"\.\.\. ok\n")]
    private static partial Regex AnyPassed();

    [GeneratedRegex(@"\.TestPerfProfilerWithDwarf\.\w+\) \.\.\. (?<outcome>[^\n]*)\n")]
    private static partial Regex OfJit();
}
