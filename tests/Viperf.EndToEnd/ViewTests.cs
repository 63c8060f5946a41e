using Viperf.EndToEnd.Harness;
using Viperf.Tests.Export;
using Xunit;

namespace Viperf.EndToEnd;

/// <summary>Pages: those that run leaves, and those that view writes.</summary>
public class ViewTests
{
    private const string Recording = "perf-data-6.1/file.data";

    [Theory]
    [InlineData("3.11.7")]
    [InlineData("3.13.0")]
    public void Run_leaves_a_page_with_every_sample_all_modes_and_the_sources(string version)
    {
        using var directory = new TempDirectory();

        var result = ViperfBinary.RunIn(directory, "run", "--interpreter", Interpreter.Pyenv(version).Path, "-o", "calls.data", Workload.Calls, "300").Succeeded();

        Assert.Equal("Its page for the browser is calls.html", result.ErrorLines[^1]);
        string text = File.ReadAllText(directory.File("calls.html"));
        var page = PageContents.OfPage(text);
        Assert.Equal("calls.py", page.Header.GetProperty("title").GetString());
        Assert.Equal(["python", "mixed", "native"], page.Modes);
        long total = page["sample.weight"].Sum();
        Assert.All(page.Modes, mode => Assert.Equal(total, page.Stacks(mode).Values.Sum()));
        Assert.All(page["sample.time"].Zip(page["sample.time"].Skip(1)), static pair => Assert.True(pair.First <= pair.Second));
        Assert.Equal(0, page["sample.time"][0]);
        Assert.Matches("viperf run: .* " + page["sample.time"].Length.ToString("N0") + " samples", result.Error);

        // lines of Python, in a source that is there
        var (lines, source) = (File.ReadAllLines(Workload.Calls), page.Files.Single(static file => file.GetProperty("name").GetString()!.EndsWith("calls.py", StringComparison.Ordinal)));
        Assert.Equal(Workload.Calls, source.GetProperty("path").GetString());
        Assert.Equal(lines, source.GetProperty("text").GetString()!.Split('\n'));
        string hottest = page.Stacks("python").Where(static stack => stack.Key.Contains(";ackermann:", StringComparison.Ordinal)).MaxBy(static stack => stack.Value).Key;
        int defined = Array.FindIndex(lines, static line => line.StartsWith("def ackermann", StringComparison.Ordinal)) + 1;
        Assert.InRange(int.Parse(hottest[(hottest.LastIndexOf(':') + 1)..]), defined, defined + 8);
        Assert.Equal(defined, page["function.line"][Array.IndexOf(page.FunctionNames, "ackermann")]);
        int dataStart = text.IndexOf("id=\"profile\">", StringComparison.Ordinal) + 13;
        Assert.InRange(text.Length - (text.IndexOf('<', dataStart) - dataStart), 1, 1_000_000);
    }

    [Fact]
    public void View_writes_the_same_page_to_a_file_and_to_standard_output()
    {
        using var directory = new TempDirectory();
        string recording = Repository.PathOf("tests", "fixtures", Recording);

        var written = ViperfBinary.RunIn(directory, "view", recording, "--html", "page.html").Succeeded();
        var printed = ViperfBinary.RunIn(directory, "view", "-i", recording, "--html", "-").Succeeded();

        Assert.Equal(File.ReadAllText(directory.File("page.html")), printed.Output);
        Assert.Equal("viperf view: wrote page.html", written.ErrorLines[^1]);
        var page = PageContents.OfPage(printed.Output);
        Assert.True(page["sample.time"].Length > 0);
        Assert.Contains(page.Header.GetProperty("facts").EnumerateArray(), static fact => fact[0].GetString() == "Kernel");
        Assert.Equal([directory.File("page.html")], Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void Without_sources_no_line_of_them_is_in_the_page()
    {
        using var directory = new TempDirectory();
        directory.Write("app.py", "def f():\n    return sum(range(10**7)) # sesame\n\nf()\n");
        string python = Interpreter.Pyenv("3.13.0").Path;

        ViperfBinary.RunIn(directory, "run", "--interpreter", python, "app.py").Succeeded();
        Assert.Contains("sesame", Header("profile.html"));
        ViperfBinary.RunIn(directory, "view", "--no-source", "--html", "view.html").Succeeded();
        ViperfBinary.RunIn(directory, "run", "--no-source", "--interpreter", python, "app.py").Succeeded();

        foreach (string page in (string[])["view.html", "profile.html"])
        {
            Assert.DoesNotContain("sesame", Header(page));
            var files = PageContents.OfPage(File.ReadAllText(directory.File(page))).Files;
            Assert.All(files, static file => Assert.Contains("--no-source", file.GetProperty("note").GetString()));
        }

        string Header(string page) => PageContents.OfPage(File.ReadAllText(directory.File(page))).Header.GetRawText();
    }

    [Fact]
    public void A_file_that_no_source_is_stays_out_of_the_page_whatever_the_recording_says()
    {
        using var directory = new TempDirectory();
        string secret = directory.Write("id_key", "sesame\n");
        string code = $"exec(compile('def f():\\n    return sum(range(10**7))\\nf()', '{secret}', 'exec'))";

        ViperfBinary.RunIn(directory, "run", "--interpreter", Interpreter.Pyenv("3.13.0").Path, "-c", code).Succeeded();

        var page = PageContents.OfPage(File.ReadAllText(directory.File("profile.html")));
        Assert.DoesNotContain("sesame", page.Header.GetRawText());
        Assert.Contains(page.Files, file => file.GetProperty("path").GetString() == secret);
    }

    [Fact]
    public void A_page_that_cannot_be_written_costs_one_line_and_not_the_exit_status()
    {
        using var user = OrdinaryUser.Become();
        string python = Interpreter.OfSystem().Path;

        var closed = user.Run("run", "--html", "/page.html", "--interpreter", python, "-c", "import sys; sys.exit(3)");
        Assert.Equal(3, closed.ExitCode);
        Assert.Contains("viperf run: cannot write /page.html: Permission denied: no page (--html FILE puts it elsewhere)", closed.ErrorLines);
        Assert.StartsWith("The recording is perf.data", closed.ErrorLines[^1]);

        using var directory = new TempDirectory();
        directory.Write("profile.html", "<p>mine</p>");
        var taken = ViperfBinary.RunIn(directory, "run", "--interpreter", python, "-c", "0").Succeeded();
        Assert.Contains(taken.ErrorLines, static line => line.StartsWith("viperf run: profile.html is there, and no page of viperf's", StringComparison.Ordinal));
        Assert.Equal("<p>mine</p>", File.ReadAllText(directory.File("profile.html")));

        ViperfBinary.RunIn(directory, "run", "--no-html", "-o", "app.data", "--interpreter", python, "-c", "0").Succeeded();
        Assert.False(File.Exists(directory.File("app.html")));
    }

    [Fact]
    public void The_browser_is_opened_on_request_and_a_missing_one_is_said()
    {
        using var directory = new TempDirectory();
        string browser = directory.Write("browser", "#!/bin/sh\necho noise; echo noise >&2; printf %s \"$1\" > opened.new; mv opened.new opened\n");
        File.SetUnixFileMode(browser, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string recording = Repository.PathOf("tests", "fixtures", Recording);

        var opened = View(browser);
        for (int i = 0; i < 100 && !File.Exists(directory.File("opened")); i++)
        {
            Thread.Sleep(100);
        }

        Assert.Equal(directory.File("page.html"), File.ReadAllText(directory.File("opened")));
        Assert.Equal("viperf view: wrote page.html", Assert.Single(opened.ErrorLines));
        Assert.Contains("viperf view: no browser: nosuch is not there", View("nosuch").Error);

        ToolResult View(string program) => new Tool
        {
            File = ViperfBinary.Path,
            WorkingDirectory = directory.Path,
            Environment = new Dictionary<string, string?> { ["BROWSER"] = program },
        }.Run("view", recording, "--html", "page.html", "--open").Succeeded();
    }
}
