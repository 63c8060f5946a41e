using Viperf.Core.Python;
using Xunit;

namespace Viperf.Tests.Python;

public class SourcePathsTests
{
    [Theory]
    [InlineData("/srv/app/.venv/lib/python3.13/site-packages/jinja2/environment.py", "jinja2/environment.py")]
    [InlineData("/usr/lib/python3/dist-packages/numpy/core/fromnumeric.py", "numpy/core/fromnumeric.py")]
    [InlineData("/usr/lib/python3.11/json/__init__.py", "json/__init__.py")]
    [InlineData("/opt/python/lib64/python3.14t/enum.py", "enum.py")]
    [InlineData("/opt/python313.zip/encodings/utf_8.py", "encodings/utf_8.py")]
    [InlineData("/home/me/lib/python3.12/lib/python3.13/os.py", "os.py")]
    [InlineData("/home/python3.12/app.py", "/home/python3.12/app.py")]
    [InlineData("/usr/lib/python3.11/", "/usr/lib/python3.11/")]
    [InlineData("/somewhere/site-packages/", "/somewhere/site-packages/")]
    [InlineData("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>")]
    [InlineData("./app.py", "app.py")]
    [InlineData("./", "./")]
    [InlineData("", "")]
    public void Files_are_named_from_where_modules_are_found(string file, string name) =>
        Assert.Equal(name, new SourcePaths([], "/").NameOf(file));

    [Theory]
    [InlineData("/work/app.py", "/work/pkg/mod.py", "pkg/mod.py", "viperf", "record", "python3", "/work/app.py")]
    [InlineData("/work/tools/app.py", "/work/pkg/mod.py", "pkg/mod.py", "viperf", "run", "./tools/app.py")]
    [InlineData("/work/pkg/__main__.py", "/work/pkg/mod.py", "pkg/mod.py", "viperf", "run", "-m", "pkg")]
    [InlineData("/work/app.py", "/elsewhere/mod.py", "/elsewhere/mod.py", "viperf", "run", "app.py")]
    [InlineData("/work/app.py", "/home/me/x.py", "x.py", "viperf", "run", "app.py")]
    public void The_programs_own_modules_lie_where_the_command_line_found_it(
        string program, string file, string name, params string[] commandLine)
    {
        var paths = new SourcePaths(commandLine, "/home/me");
        paths.NameOf(program);
        Assert.Equal(name, paths.NameOf(file));
    }

    [Fact]
    public void A_program_in_the_root_directory_makes_nothing_relative()
    {
        var paths = new SourcePaths(["/app.py"], "/");
        Assert.Equal("/app.py", paths.NameOf("/app.py"));
        Assert.Equal("/etc/x.py", paths.NameOf("/etc/x.py"));
    }

    [Fact]
    public void Two_files_never_have_one_name()
    {
        var paths = new SourcePaths([], "/");
        const string Second = "/b/lib/python3.12/site-packages/six.py";
        Assert.Equal("six.py", paths.NameOf("/a/lib/python3.12/site-packages/six.py"));
        Assert.Equal(Second, paths.NameOf(Second));
        Assert.Equal("six.py", paths.NameOf("/a/lib/python3.12/site-packages/six.py"));
        Assert.Equal(Second, paths.NameOf(Second));
    }
}
