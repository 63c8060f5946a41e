using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd;

public class EvlistTests
{
    [Theory]
    [InlineData("file.data")]
    [InlineData("pipe.data")]
    [InlineData("zstd.data")]
    public void Names_and_frequencies_are_those_that_perf_prints(string file)
    {
        string path = Repository.PathOf("tests", "fixtures", "perf-data-6.1", file);
        foreach (string[] options in (string[][])[[], ["-F"]])
        {
            string expected = PerfTool.Run(["evlist", .. options, "-i", path]).Succeeded().Output;
            Assert.Equal(expected, ViperfBinary.Run(["evlist", .. options, "-i", path]).Succeeded().Output);
        }
    }

    [Fact]
    public void A_recording_of_a_newer_perf_is_listed_in_full()
    {
        var result = ViperfBinary.Run(
            "evlist", "-v", "-i", Repository.PathOf("tests", "fixtures", "perf-data-7.2", "file.data")).Succeeded();
        Assert.Equal(2, result.Lines.Length);
        Assert.StartsWith("cpu-clock:u: type: 1, size: 144, ", result.Lines[0], StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData(1, "evlist", "-i", "/nonexistent/perf.data")]
    [InlineData(1, "evlist", "-i", "/etc/passwd")]
    [InlineData(1, "evlist", "-i", "/tmp")]
    [InlineData(1, "evlist", "-i", "/dev/null")]
    [InlineData(1, "evlist", "-i", "-")]
    [InlineData(2, "evlist", "--trace-fields")]
    public void What_cannot_be_listed_is_said_in_one_line(int exitCode, params string[] args)
    {
        var result = ViperfBinary.Run(args);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.StartsWith("viperf evlist: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_may_be_a_pipe()
    {
        string path = Repository.PathOf("tests", "fixtures", "perf-data-6.1", "pipe.data");
        var result = new Tool { File = "bash" }.Run(
            "-c", "\"$0\" evlist -i <(cat \"$1\")", ViperfBinary.Path, path).Succeeded();
        Assert.Equal("cpu-clock:ppp\n", result.Output);
    }

    [Fact]
    public void A_header_is_printed_without_reading_the_samples()
    {
        var result = ViperfBinary.Run(
            "script", "--header-only", "-i", Repository.PathOf("tests", "fixtures", "perf-data-6.1", "file.data")).Succeeded();
        Assert.Equal("# ========", result.Lines[0]);
        Assert.All(result.Lines, line => Assert.StartsWith("#", line, StringComparison.Ordinal));
        Assert.Contains("# perf version : 6.1.187", result.Lines);
        Assert.Empty(result.Error);
    }
}
