using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd;

public class StartTests
{
    [Fact]
    public void The_version_is_that_of_viperf()
    {
        var result = ViperfBinary.Run("--version").Succeeded();
        Assert.Equal("viperf 0.1.0\n", result.Output);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public void Under_the_name_perf_it_answers_in_perfs_words()
    {
        using var directory = new TempDirectory();
        string perf = directory.File("perf");
        File.CreateSymbolicLink(perf, ViperfBinary.Path);
        var tool = new Tool { File = perf };

        string[] words = tool.Run("--version").Succeeded().Output.TrimEnd('\n').Split(' ');

        Assert.Equal(["perf", "version"], words[..2]);
        Assert.All(words[2].Split('.'), part => Assert.True(int.TryParse(part, out _), part));
        Assert.Contains("perf.data", tool.Run("--help").Succeeded().Output);
    }

    [Theory]
    [InlineData("bogus", "viperf: unknown command bogus (see viperf --help)")]
    [InlineData("--bogus", "viperf: unknown option --bogus (see viperf --help)")]
    public void Wrong_usage_costs_one_line_and_status_2(string argument, string line)
    {
        var result = ViperfBinary.Run(argument);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal([line], result.ErrorLines);
        Assert.Equal("", result.Output);
    }
}
