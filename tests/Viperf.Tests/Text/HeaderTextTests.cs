using System.Text;
using Viperf.Cli.Text;
using Viperf.Core.Pipeline;
using Viperf.Formats.PerfData;
using Viperf.Tests.PerfData;
using Xunit;

namespace Viperf.Tests.Text;

public class HeaderTextTests
{
    [Fact]
    public void The_header_is_that_of_perf_line_by_line()
    {
        using var recording = RecordingFile.Open(Fixtures.PathOf("perf-data-6.1", "file.data"));
        string expected = File.ReadAllText(Fixtures.PathOf("perf-data-6.1", "file.header.txt"));

        // The date is the file's, which is another one in each checkout.
        string[] lines = Text(recording, details: true).Split('\n');
        Assert.Matches("^# captured on    : [A-Z][a-z]{2} [A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} [0-9]{4}$", lines[1]);
        Assert.Equal(expected, string.Join('\n', lines.Where((_, index) => index != 1)));
    }

    [Fact]
    public void Long_features_are_only_named_without_details()
    {
        using var recording = RecordingFile.Open(Fixtures.PathOf("perf-data-6.1", "file.data"));
        string text = Text(recording, details: false);
        foreach (string feature in (string[])["CPU_TOPOLOGY", "NUMA_TOPOLOGY", "CACHE", "MEM_TOPOLOGY"])
        {
            Assert.Contains($"\n# {feature} info available, use -I to display\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Features_of_a_pipe_follow_the_header_block()
    {
        using var recording = RecordingFile.Open(Fixtures.PathOf("perf-data-6.1", "pipe.data"));
        string text = Text(recording, details: false);
        Assert.Contains("# data offset    : 0\n# data size      : 0\n# feat offset    : 0\n# ========\n#\n# hostname : ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("missing features", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("zstd")]
    public void Attrs_are_told_as_perf_tells_them(string file)
    {
        using var recording = RecordingFile.Open(Fixtures.PathOf("perf-data-6.1", $"{file}.data"));
        string[] expected = File.ReadAllLines(Fixtures.PathOf("perf-data-6.1", $"{file}.evlist.txt"));
        Assert.Equal(expected, recording.Reader.Events.Select(e =>
            $"{e.Name}: {string.Join(", ", AttrText.Fields(e.Attr).Select(field => $"{field.Name}: {field.Value}"))}"));
    }

    [Fact]
    public void Names_from_the_file_cannot_break_out_of_their_line()
    {
        using var file = new TemporaryFile(
            new PerfDataBuilder().Event().Sample(time: 1).Feature(HeaderFeature.HOSTNAME, "a\nb\u001b[2J").File());
        using var recording = RecordingFile.Open(file.Path);
        Assert.Contains("\n# hostname : a?b?[2J\n", Text(recording, details: false), StringComparison.Ordinal);
    }

    private static string Text(RecordingFile recording, bool details)
    {
        using var stream = new MemoryStream();
        using var output = new Utf8Output(stream);
        HeaderText.Write(recording, details, output);
        return Encoding.UTF8.GetString(output.Take());
    }

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(byte[] bytes)
        {
            Path = System.IO.Path.GetTempFileName();
            File.WriteAllBytes(Path, bytes);
        }

        public string Path { get; }

        public void Dispose() => File.Delete(Path);
    }
}
