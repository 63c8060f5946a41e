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

    [Fact]
    public void A_reader_that_leaves_ends_a_long_output_quietly()
    {
        using var directory = new TempDirectory();
        ViperfBinary.RunIn(directory, "record", "-q", "-F", "9999", "-g", "--", "sh", "-c", "for i in $(seq 200000); do :; done").Succeeded();
        var shell = new Tool { File = "/bin/bash", WorkingDirectory = directory.Path };

        var result = shell.Run("-c", $"{ViperfBinary.Path} script | head -n 1; echo status ${{PIPESTATUS[0]}}").Succeeded();

        Assert.Equal("", result.Error);
        Assert.Equal("status 141", result.Lines[^1]);
    }

    [Fact]
    public void A_full_disk_is_an_error()
    {
        using var directory = new TempDirectory();
        ViperfBinary.RunIn(directory, "record", "-q", "--", "true").Succeeded();
        var shell = new Tool { File = "/bin/sh", WorkingDirectory = directory.Path };

        var result = shell.Run("-c", $"{ViperfBinary.Path} evlist > /dev/full");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("viperf evlist: cannot write to standard output: No space left on device", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public void A_recording_that_finds_no_room_says_so_in_one_line()
    {
        using var directory = new TempDirectory();
        ViperfBinary.RunIn(directory, "record", "-q", "--", "true").Succeeded();
        foreach (string[] command in (string[][])[["record", "--", "true"], ["run", "-c", "pass"], ["archive"], ["inject", "--jit"]])
        {
            var result = ViperfBinary.RunIn(directory, [command[0], "-o", "/dev/full", .. command[1..]]);

            Assert.Equal(1, result.ExitCode);
            Assert.Equal(
                $"viperf {command[0]}: cannot write /dev/full: No space left on device (make room, or name a file elsewhere with -o)",
                Assert.Single(result.ErrorLines));
        }
    }

    [Fact]
    public void A_recording_that_was_cut_short_says_so_to_whoever_reads_it()
    {
        const int DataOffset = 40;
        using var directory = new TempDirectory();
        ViperfBinary.RunIn(directory, "record", "-q", "--", "true").Succeeded();
        using (var file = File.Open(directory.File("perf.data"), FileMode.Open))
        {
            byte[] header = new byte[DataOffset + sizeof(long)];
            file.ReadExactly(header);
            file.SetLength(BitConverter.ToInt64(header, DataOffset) + 20);
        }

        Assert.Collection(
            ViperfBinary.RunIn(directory, "report").ErrorLines,
            line => Assert.Matches(@"^viperf report: perf\.data: cut short: \d+ bytes of records announced, 20 left$", line),
            line => Assert.Equal("viperf report: perf.data has no samples", line));
        Assert.Equal(
            "viperf archive: cannot add names to perf.data: cut short, or never finished (a copy can have them: name it with -o)",
            Assert.Single(ViperfBinary.RunIn(directory, "archive").ErrorLines));
    }
}
