using System.IO.Compression;
using Viperf.Core;
using Viperf.Core.Export;
using Viperf.Core.Linux;
using Xunit;

namespace Viperf.Tests.Export;

public sealed class ExportFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-test-").FullName;

    private string File => Path.Combine(_directory, "file");

    [Fact]
    public void A_file_is_there_when_it_is_complete()
    {
        System.IO.File.WriteAllText(File, "before");

        ExportFile.Write(File, stream =>
        {
            stream.Write("after"u8);
            Assert.Equal("before", System.IO.File.ReadAllText(File));
        });

        Assert.Equal("after", System.IO.File.ReadAllText(File));
        Assert.Single(Directory.GetFiles(_directory));
    }

    [Fact]
    public void What_cannot_be_written_leaves_the_old_file_and_nothing_else()
    {
        System.IO.File.WriteAllText(File, "before");

        var error = Assert.Throws<UserErrorException>(() => ExportFile.Write(File, static stream =>
        {
            stream.Write("aft"u8);
            throw new IOException("full", Errno.ENOSPC);
        }));

        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Equal("before", System.IO.File.ReadAllText(File));
        Assert.Single(Directory.GetFiles(_directory));
    }

    [Fact]
    public void A_link_stays_one_and_what_it_leads_to_is_written()
    {
        string link = Path.Combine(_directory, "link");
        System.IO.File.CreateSymbolicLink(link, "file");
        System.IO.File.WriteAllText(File, "before");

        ExportFile.Write(link, static stream => stream.Write("after"u8));

        Assert.Equal("file", new FileInfo(link).LinkTarget);
        Assert.Equal("after", System.IO.File.ReadAllText(File));
        Assert.True(WholeFile.IsSame(link, File));
        Assert.False(WholeFile.IsSame(link, _directory));
    }

    [Theory]
    [InlineData("/dev/full", "No space left on device")]
    [InlineData("/proc/viperf", "no file can be made there")]
    [InlineData("/nowhere/file", "there is no such directory")]
    [InlineData("/tmp", "it is a directory")]
    public void Places_where_nothing_can_be_written_are_said_in_one_line(string path, string reason) =>
        Assert.StartsWith(
            $"cannot write {path}: {reason}",
            Assert.Throws<UserErrorException>(() => ExportFile.Write(path, static stream => stream.Write("text"u8))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void A_name_that_says_so_is_compressed_once(bool isCompressed, int times)
    {
        string path = File + ".json.gz";
        ExportFile.Write(path, static stream => stream.Write("text"u8), isCompressed);

        using Stream stream = System.IO.File.OpenRead(path);
        using var text = new StreamReader(times == 1 ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        Assert.Equal("text", text.ReadToEnd());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
