using System.IO.Compression;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Export;

/// <summary><c>export</c>'s own: where files come to lie, and what it refuses.</summary>
public sealed class ExportCommandTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public void A_file_lies_beside_the_recording_under_its_name()
    {
        Record();

        var result = ViperfBinary.RunIn(_directory, "export", "--format", "speedscope").Succeeded();

        Assert.Equal("viperf export: wrote perf.speedscope.json\n", result.Error);
        Assert.Equal("", result.Output);
        Assert.Equal(["perf.data", "perf.speedscope.json"], Files());
    }

    [Fact]
    public void A_name_that_ends_with_gz_gets_a_compressed_file()
    {
        Record();
        ViperfBinary.RunIn(_directory, "export", "--format", "flamegraph", "-o", "a.svg.gz").Succeeded();

        using var text = new StreamReader(new GZipStream(File.OpenRead(_directory.File("a.svg.gz")), CompressionMode.Decompress));
        Assert.Equal(ViperfBinary.RunIn(_directory, "export", "--format", "flamegraph", "-o", "-").Output, text.ReadToEnd());
    }

    [Theory]
    [InlineData("--format: give one of collapsed, ")]
    [InlineData("--format svg: give one of collapsed, ", "--format", "svg")]
    [InlineData("--event cycles: perf.data has cpu-clock", "--format", "collapsed", "--event", "cycles")]
    [InlineData("perf.data is the recording itself", "--format", "collapsed", "-o", "perf.data")]
    [InlineData("link is the recording itself", "--format", "collapsed", "-o", "link")]
    [InlineData("cannot write nowhere/file: there is no such directory", "--format", "collapsed", "-o", "nowhere/file")]
    [InlineData("cannot write /dev/full: No space left on device", "--format", "collapsed", "-o", "/dev/full")]
    [InlineData("failed to open other.data: no such file", "--format", "collapsed", "-i", "other.data")]
    public void What_cannot_be_done_is_said_in_one_line_and_leaves_nothing(string message, params string[] options)
    {
        Record();
        File.CreateSymbolicLink(_directory.File("link"), "perf.data");

        var result = ViperfBinary.RunIn(_directory, ["export", .. options]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.StartsWith($"viperf export: {message}", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(["link", "perf.data"], Files());
    }

    [Fact]
    public void A_reader_that_goes_ends_it_without_a_word()
    {
        Record();

        var result = new Tool { File = "/bin/bash", WorkingDirectory = _directory.Path }.Run(
            "-c", $"'{ViperfBinary.Path}' export --format flamegraph -o - | true; echo ${{PIPESTATUS[0]}}");

        Assert.Equal("", result.Error);
        Assert.Contains(result.Output.Trim(), (string[])["141", "0"]); // it had written all before the reader was gone
    }

    public void Dispose() => _directory.Dispose();

    private void Record() => ViperfBinary.RunIn(_directory, "record", "-e", "cpu-clock", "-g", "sleep", "0.05").Succeeded();

    private string[] Files() => [.. Directory.GetFileSystemEntries(_directory.Path).Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
