using Viperf.EndToEnd.Harness;
using Viperf.EndToEnd.Script;
using Xunit;

namespace Viperf.EndToEnd;

/// <summary>Copies that <c>viperf inject</c> makes, as the real perf reads them.</summary>
public class InjectTests
{
    private static readonly string[] s_fields = ["-F", "pid,tid,time,ip,sym,symoff,dso"];

    [Theory]
    [InlineData("perf")]
    [InlineData("viperf")]
    public void Perf_shows_of_our_copy_what_it_shows_of_its_own(string recorder)
    {
        using var directory = new TempDirectory();
        string file = Record(recorder, directory, "-k", "mono", Interpreter.Pyenv("3.13.0").Path, "-X", "perf_jit", Workload.Calls, "300");
        string theirs = directory.File("theirs.data");
        PerfTool.Run("inject", "--jit", "-i", file, "-o", theirs).Succeeded();
        string ours = directory.File("ours.data");
        var result = ViperfBinary.Run("inject", "--jit", "-i", file, "-o", ours).Succeeded();
        Assert.Empty(result.Error);
        Assert.Empty(result.Output);

        var expected = Script(theirs);
        var actual = Script(ours);
        int pid = int.Parse(expected[0].Head[..expected[0].Head.IndexOf('/', StringComparison.Ordinal)]);
        string[] perfsFiles = Directory.GetFiles("/tmp", $"jitted-{pid}-*.so");
        string[] ourFiles = Directory.GetFiles(directory.Path, $"jitted-{pid}-*.so");
        foreach (string path in perfsFiles.Append($"/tmp/jit-{pid}.dump"))
        {
            File.Delete(path);
        }

        Assert.Equal(perfsFiles.Select(Path.GetFileName).Order(), ourFiles.Select(Path.GetFileName).Order());
        Assert.Contains(actual.SelectMany(s => s.Frames), frame => frame.IsPython);
        Assert.Equal(expected.Select(Describe), actual.Select(Describe));
        Assert.Equal(Header(file), Header(ours));
    }

    [Fact]
    public void Without_a_jitdump_the_copy_is_the_recording()
    {
        using var directory = new TempDirectory();
        string file = Record("perf", directory, Interpreter.OfSystem().Path, Workload.Nested, "300000");
        string copy = directory.File("copy.data");
        Assert.Empty(ViperfBinary.Run("inject", "-j", "-i", file, "-o", copy).Succeeded().Error);

        Assert.Equal(PerfTool.Run("script", "-i", file).Succeeded().Output, PerfTool.Run("script", "-i", copy).Succeeded().Output);
        Assert.Equal(Header(file), Header(copy));
        Assert.Empty(Directory.GetFiles(directory.Path, "*.so"));
    }

    [Fact]
    public void Code_sampled_by_another_clock_is_refused_and_nothing_written()
    {
        using var directory = new TempDirectory();
        string file = Record("perf", directory, Interpreter.Pyenv("3.13.0").Path, "-X", "perf_jit", Workload.Nested, "300000");
        var result = ViperfBinary.Run("inject", "--jit", "-i", file, "-o", directory.File("out.data"));

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.ErrorLines);
        Assert.Contains("-k 1", line, StringComparison.Ordinal);
        Assert.False(File.Exists(directory.File("out.data")));
        File.Delete(line[(line.LastIndexOf('(') + 1)..^1]);
    }

    [Fact]
    public void Copies_of_stacks_become_the_chains_that_they_are_unwound_to()
    {
        using var directory = new TempDirectory();
        string file = Record(
            "viperf", directory, "--call-graph", "dwarf,65528", "--unwind", "post", Interpreter.Pyenv("3.13.0").Path, "-X", "perf_jit", Workload.Calls, "300");
        string converted = directory.File("converted.data");
        string named = directory.File("named.data");
        Assert.Empty(ViperfBinary.Run("inject", "--convert-callchain", "-i", file, "-o", converted).Succeeded().Error);
        Assert.Empty(ViperfBinary.Run("inject", "--jit", "--convert-callchain", "-i", file, "-o", named).Succeeded().Error);

        string unwound = ViperfBinary.Run("script", "-F", "+stackend", "-i", file).Succeeded().Output;
        Assert.Contains("py::ackermann:", unwound, StringComparison.Ordinal);
        Assert.Equal(unwound, ViperfBinary.Run("script", "-F", "+stackend", "-i", converted).Succeeded().Output);
        Assert.True(new FileInfo(named).Length * 10 < new FileInfo(file).Length);

        // perf needs no stack any more, and of jitted code the files that lie beside the copy.
        string[] fields = [.. s_fields, "--no-inline", "--max-stack", "10000"];
        var expected = ScriptSample.Parse(ViperfBinary.Run(["script", "--no-inline", "-i", converted, .. s_fields]).Succeeded().Output);
        var actual = ScriptSample.Parse(PerfTool.Run(["script", "-i", named, .. fields]).Succeeded().Output);
        Assert.Equal(expected.Select(PythonOf), actual.Select(PythonOf));
        File.Delete(actual.SelectMany(s => s.Frames).Where(frame => frame.IsPython).Select(frame => JitDumpOf(frame.File)).First());

        static string PythonOf(ScriptSample sample) =>
            $"{sample.Head} {sample.Frames.Count} {string.Join(' ', sample.Frames.Where(frame => frame.IsPython).Select(frame => frame.Symbol))}";

        static string JitDumpOf(string jitted) => $"/tmp/jit-{Path.GetFileName(jitted).Split('-')[1]}.dump";
    }

    [Theory]
    [InlineData(2, "inject", "--sched-stat")]
    [InlineData(2, "inject", "-b")]
    [InlineData(2, "inject", "--itrace")]
    [InlineData(1, "inject", "-i", "/nonexistent/perf.data", "-o", "/dev/null")]
    public void What_cannot_be_done_is_said_in_one_line(int exitCode, params string[] args)
    {
        var result = ViperfBinary.Run(args);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.StartsWith("viperf inject: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    private static string Record(string recorder, TempDirectory directory, params string[] arguments)
    {
        string file = directory.File("perf.data");
        string[] all = ["record", "-e", "cpu-clock", "-F", "999", "-g", "-o", file, .. arguments];
        (recorder == "perf" ? PerfTool.Run(all) : ViperfBinary.Run(all)).Succeeded();
        return file;
    }

    private static List<ScriptSample> Script(string file) =>
        ScriptSample.Parse(PerfTool.Run(["script", "-i", file, .. s_fields]).Succeeded().Output);

    /// <summary>A sample without the addresses in files of jitted code, which lie at another place in ours.</summary>
    private static string Describe(ScriptSample sample) =>
        $"{sample.Head} {string.Join(' ', sample.Frames.Select(frame => $"{frame.Symbol} {Path.GetFileName(frame.File)}"))}";

    /// <summary>The header as perf prints it, without what tells of the file itself.</summary>
    private static string[] Header(string file) =>
        [.. PerfTool.Run("report", "--header-only", "-i", file).Succeeded().Lines
            .Where(line => !line.StartsWith("# captured on", StringComparison.Ordinal)
                && !line.StartsWith("# data ", StringComparison.Ordinal)
                && !line.StartsWith("# feat offset", StringComparison.Ordinal))];
}
