using Viperf.Cli.Web;
using Viperf.Core;
using Xunit;

namespace Viperf.Tests.Web;

public sealed class PageFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-page-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("perf.data", "profile.html")]
    [InlineData("a/perf.data", "a/profile.html")]
    [InlineData("app.data", "app.html")]
    [InlineData("/tmp/app", "/tmp/app.html")]
    [InlineData("a.b/app", "a.b/app.html")]
    public void A_page_lies_beside_its_recording(string recording, string page) => Assert.Equal(page, PageFile.Beside(recording));

    [Fact]
    public void A_page_takes_the_place_of_a_page_behind_a_link_too()
    {
        string page = Path.Combine(_directory, "page.html"), link = Path.Combine(_directory, "link.html");
        File.CreateSymbolicLink(link, page);
        PageFile.Write(page, [1, 2, 3], "view");
        Assert.False(PageFile.IsTaken(page));

        PageFile.Write(link, new byte[200_000], "view");

        Assert.Equal(page, new FileInfo(link).LinkTarget);
        Assert.True(new FileInfo(page).Length > 200_000);
        Assert.Equal([link, page], Directory.GetFileSystemEntries(_directory).Order());
    }

    [Fact]
    public void What_is_no_page_is_known_as_such()
    {
        string other = Path.Combine(_directory, "other.html");
        Assert.False(PageFile.IsTaken(other));
        File.WriteAllText(other, "<html>mine</html>");
        Assert.True(PageFile.IsTaken(other));
        Assert.True(PageFile.IsTaken(_directory));
    }

    [Fact]
    public void A_device_stays_a_device()
    {
        PageFile.Write("/dev/null", [1], "view");
        Assert.True((File.GetAttributes("/dev/null") & FileAttributes.Directory) == 0 && new FileInfo("/dev/null").Length == 0);
    }

    [Fact]
    public void What_cannot_be_written_is_said_with_its_reason_and_leaves_nothing()
    {
        var problem = Assert.Throws<UserErrorException>(() => PageFile.Write(Path.Combine(_directory, "none", "page.html"), [1], "view"));
        Assert.Equal($"cannot write {_directory}/none/page.html: there is no such directory", problem.Message);
        Assert.Equal("cannot write /dev/full: No space left on device", Assert.Throws<UserErrorException>(() => PageFile.Write("/dev/full", [1], "view")).Message);
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }
}
