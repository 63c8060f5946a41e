using Viperf.Core.Sources;
using Xunit;

namespace Viperf.Tests.Sources;

public sealed class SourceFinderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("viperf-test-").FullName;

    [Fact]
    public void A_directory_that_was_named_comes_first_with_any_end_of_the_path()
    {
        string there = Write("there/app.py", "there");
        Write("copy/package/app.py", "copy of package");
        Write("copy/app.py", "copy");

        Assert.Equal("copy", Read("copy", "", there));
        Assert.Equal("copy of package", Read("copy", "", "/srv/package/app.py"));
        Assert.Equal("copy", Read("copy", "", "/srv/other/app.py"));
        Assert.Equal("there", Read(null, "", there));
    }

    [Fact]
    public void Below_another_root_nothing_of_ours_is_taken()
    {
        string ours = Write("ours.py", "ours");
        Write("root/srv/app.py", "theirs");

        Assert.Equal("theirs", Read(null, "root", "/srv/app.py"));
        Assert.Null(Read(null, "root", ours));
        Assert.Null(Read(null, "root", "ours.py"));
    }

    [Theory]
    [InlineData("<frozen os>", "no file")]
    [InlineData("/nowhere/at/all.py", "not there")]
    [InlineData("/dev/zero", "not a regular file")]
    [InlineData("", "not there")]
    [InlineData("/a\0b", "not there")]
    public void What_is_not_to_be_had_is_said(string file, string problem)
    {
        Assert.Null(new SourceFinder(null, "").TryRead(file, isPython: true, out string? said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_leads_out_of_the_directory_that_was_named()
    {
        Write("secret.py", "secret");
        Directory.CreateDirectory(Path.Combine(_folder, "copy"));
        Assert.Null(Read("copy", "", "nowhere/../../secret.py"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string? Read(string? folder, string root, string file) => new SourceFinder(
        folder is null ? null : Path.Combine(_folder, folder), root.Length == 0 ? "" : Path.Combine(_folder, root))
        .TryRead(file, isPython: true, out _)?.Lines[0];

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
