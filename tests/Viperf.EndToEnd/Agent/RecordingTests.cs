using System.Globalization;
using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Viperf.EndToEnd.Script;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>
/// Recordings of plain commands, into which <c>record</c> and <c>run</c> bring the agent: the stacks hold Python's functions
/// and the native ones below them, whatever the interpreter's version.
/// </summary>
public sealed partial class RecordingTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    /// <summary>
    /// Stacks of the interpreter's start may lack callers: the kernel does not copy pages that were not touched yet, and
    /// programs' start code has no call frame information. They are a few of each process.
    /// </summary>
    private const int IncompleteOfAStart = 6;

    public static TheoryData<string> Versions => [.. Interpreter.PyenvVersions, System];

    private const string System = "Debian's";

    /// <summary>Of foo's loop: far more time than the interpreter's start takes.</summary>
    private const string Rounds = "8000000";

    private string Data => _directory.File("perf.data");

    [Theory]
    [MemberData(nameof(Versions))]
    public void Python_and_native_frames_of_a_plain_command_are_in_complete_stacks(string version)
    {
        Record("--call-graph", "dwarf,65528", PythonOf(version), Workload.Nested, Rounds).Succeeded();

        var samples = Samples();
        var inFoo = samples.Where(sample => sample.Frames.Any(frame => frame.Symbol == $"py::foo:{Workload.Nested}")).ToList();
        Assert.True(inFoo.Count > samples.Count / 2, $"{inFoo.Count} of {samples.Count} samples are in foo");
        Assert.All(inFoo, sample => Assert.Equal(
            ["py::foo", "py::bar", "py::baz", "py::<module>"],
            sample.Frames.Where(frame => frame.Symbol.EndsWith(Workload.Nested, StringComparison.Ordinal))
                .Select(frame => frame.Symbol.Split(':')[2]).Select(name => $"py::{name}")));
        Assert.All(inFoo, sample => Assert.Equal("_start", sample.Frames[^1].Symbol));
        Assert.True(Incomplete() <= IncompleteOfAStart, $"{Incomplete()} of {samples.Count} stacks are not complete");
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Time_in_C_counts_for_the_functions_that_called_it(string version)
    {
        Record("--call-graph", "dwarf,65528", PythonOf(version), Workload.Native, "1").Succeeded();

        var samples = Samples();
        foreach (string function in (string[])["sort", "compress"])
        {
            Assert.Contains(samples, sample => !sample.Frames[0].IsPython
                && sample.Frames.Any(frame => frame.IsPython && frame.Symbol.Contains(function, StringComparison.Ordinal)));
        }
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Every_process_of_a_tree_shows_its_functions(string version)
    {
        Record("--call-graph", "dwarf,65528", PythonOf(version), Workload.Processes).Succeeded();

        var processes = Samples()
            .SelectMany(sample => sample.Frames.Where(frame => frame.IsPython)
                .Select(frame => (Pid: ProcessOf(sample.Head), Name: frame.Symbol.Split(':')[2])))
            .ToLookup(found => found.Name, found => found.Pid);
        string[] functions = ["in_parent", "in_fork", "in_pool", "in_subprocess"];
        Assert.All(functions, name => Assert.NotEmpty(processes[name]));
        string[] pids = [.. functions.Where(name => name != "in_pool").Select(name => Assert.Single(processes[name].Distinct()))];
        Assert.Equal(pids.Length, pids.Distinct().Count());
        Assert.Equal(2, processes["in_pool"].Distinct().Count());
    }

    [Fact]
    public void Perf_shows_the_functions_of_viperfs_file()
    {
        Record("--call-graph", "dwarf,65528", PythonOf("3.11.7"), Workload.Nested, Rounds).Succeeded();

        string report = PerfTool.Run("report", "-i", Data, "--stdio", "--children", "-g", "none").Succeeded().Output;

        Assert.Matches(@" py::foo:\S+nested\.py", report);
        Assert.Matches(@" py::baz:\S+nested\.py", report);
    }

    [Fact]
    public void Copies_of_stacks_come_with_unwind_information_that_perf_unwinds_by()
    {
        Record("-k", "mono", "--call-graph", "dwarf,65528", "--unwind", "post", PythonOf("3.10.13"), Workload.Nested, Rounds)
            .Succeeded();
        string injected = _directory.File("injected.data");
        PerfTool.Run("inject", "-j", "-i", Data, "-o", injected).Succeeded();

        foreach (var samples in new[]
        {
            ScriptSample.Parse(PerfTool.Run("script", "-i", injected).Succeeded().Output),
            Samples(),
        })
        {
            var inFoo = samples.Where(sample => sample.Frames.Any(frame => frame.Symbol == $"py::foo:{Workload.Nested}")).ToList();
            Assert.True(inFoo.Count > samples.Count / 2, $"{inFoo.Count} of {samples.Count} samples are in foo");
            Assert.All(inFoo, sample => Assert.Equal("_start", sample.Frames[^1].Symbol));
        }
    }

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void A_program_that_has_CPythons_trampolines_gets_no_others(string version)
    {
        Record("--call-graph", "dwarf,65528", PythonOf(version), "-X", "perf", Workload.Nested, Rounds).Succeeded();

        var inFoo = Samples().Where(sample => sample.Frames.Any(frame => frame.Symbol == $"py::foo:{Workload.Nested}")).ToList();
        Assert.NotEmpty(inFoo);
        Assert.All(inFoo, sample => Assert.Single(sample.Frames, frame => frame.Symbol == $"py::foo:{Workload.Nested}"));
    }

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void A_program_that_switches_CPythons_trampolines_on_by_itself_has_its_way(string version)
    {
        var recorded = Record("--call-graph", "dwarf,65528", PythonOf(version), Repository.PathOf("examples", "example.py"));

        Assert.Equal((0, 0), (recorded.ExitCode, recorded.ErrorLines.Count(line => line.Contains("Error", StringComparison.Ordinal))));
        string[] names = [.. Samples().SelectMany(sample => sample.Frames).Select(frame => frame.Symbol)];
        Assert.Contains(names, name => name.StartsWith("py::shown:", StringComparison.Ordinal));
        Assert.DoesNotContain(names, name => name.StartsWith("py::hidden:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("off", false)]
    [InlineData("builtin", true)]
    [InlineData("agent", true)]
    public void The_user_decides_who_makes_trampolines(string support, bool hasNames)
    {
        Record("--python", support, "--call-graph", "dwarf,65528", PythonOf("3.12.1"), Workload.Nested, Rounds).Succeeded();

        Assert.Equal(hasNames, Samples().Any(sample => sample.Frames.Any(frame => frame.Symbol == $"py::foo:{Workload.Nested}")));
        // CPython's own trampolines are called by a function that the agent's do without.
        Assert.Equal(support == "builtin", Samples().Any(sample => sample.Frames.Any(frame => frame.Symbol == "py_trampoline_evaluator")));
    }

    [Fact]
    public void What_only_tells_how_long_to_record_is_left_alone()
    {
        string output = Record("-a", "printenv", "LD_PRELOAD").Output;

        Assert.Equal("", output);
    }

    [Fact]
    public void As_perf_viperf_does_nothing_to_the_command()
    {
        string perf = _directory.File("perf");
        File.CreateSymbolicLink(perf, ViperfBinary.Path);
        var result = new Tool { File = perf, WorkingDirectory = _directory.Path }
            .Run("record", "-e", "cpu-clock", "-g", "printenv", "LD_PRELOAD");

        Assert.Equal("", result.Output);
    }

    [Theory]
    [InlineData("fp")]
    [InlineData("dwarf")]
    public void A_Python_with_an_emptied_environment_is_named(string mode)
    {
        string python = PythonOf("3.9.18");
        var result = Record(
            ["--call-graph", mode, python, "-c", "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**6))'], env={})"]);

        string line = Assert.Single(result.ErrorLines, line => line.Contains("the agent was not loaded", StringComparison.Ordinal));
        Assert.Matches(@"^viperf record: process \d+: no Python functions, as the agent was not loaded: the environment was emptied", line);
    }

    [Fact]
    public void What_the_users_own_preloaded_libraries_do_they_do_still()
    {
        string source = _directory.Write("own.c", "#include <stdlib.h>\n__attribute__((constructor)) static void own(void) { setenv(\"OWN\", \"was here\", 1); }\n");
        string library = _directory.File("own.so");
        new Tool { File = "gcc" }.Run("-shared", "-fPIC", "-o", library, source).Succeeded();

        var result = new Tool
        {
            File = ViperfBinary.Path,
            WorkingDirectory = _directory.Path,
            Environment = new Dictionary<string, string?> { ["LD_PRELOAD"] = library },
        }.Run("record", "-e", "cpu-clock", "-g", PythonOf("3.8.18"), "-c", "import os; print(os.environ.get('OWN'), os.environ['LD_PRELOAD'].count(':'))");

        Assert.Equal("was here 1\n", result.Output);
    }

    [Fact]
    public void An_ordinary_user_gets_the_same()
    {
        using var user = OrdinaryUser.Become();
        string python = Interpreter.OfSystem().Path;
        string data = user.Directory.File("user.data");

        user.Run("record", "-e", "cpu-clock", "--call-graph", "dwarf,65528", "-o", data, python, "-c", "def spin():\n  for i in range(3000000): pass\nspin()")
            .Succeeded();

        string script = user.Run("script", "-i", data).Succeeded().Output;
        Assert.Contains(" py::spin:<string>", script, StringComparison.Ordinal);
    }

    /// <summary>Removes the recording, and what its processes wrote to /tmp.</summary>
    public void Dispose()
    {
        if (File.Exists(Data))
        {
            foreach (string pid in Samples().Select(sample => ProcessOf(sample.Head)).Distinct())
            {
                File.Delete($"/tmp/perf-{pid}.map");
                File.Delete($"/tmp/jit-{pid}.dump");
            }
        }

        _directory.Dispose();
    }

    private static string PythonOf(string version) => version == System ? Interpreter.OfSystem().Path : Interpreter.Pyenv(version).Path;

    private ToolResult Record(params IEnumerable<string> args) =>
        ViperfBinary.RunIn(_directory, ["record", "-e", "cpu-clock", "-F", "999", "-g", "-o", Data, .. args]);

    private List<ScriptSample> Samples() => ScriptSample.Parse(ViperfBinary.Run("script", "-F", "+pid", "-i", Data).Succeeded().Output);

    private int Incomplete()
    {
        string heading = ViperfBinary.Run("report", "-i", Data).Succeeded().Lines
            .Single(line => line.StartsWith("# Stacks: ", StringComparison.Ordinal));
        var parts = Complete().Match(heading);
        return parts.Success ? int.Parse(parts.Groups["count"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 0;
    }

    private static string ProcessOf(string head) => ProcessAndThread().Match(head).Groups[1].Value;

    /// <summary>The first reason's number; the others are fewer.</summary>
    [GeneratedRegex("complete; (?<count>[0-9,]+) ")]
    private static partial Regex Complete();

    [GeneratedRegex(@" (\d+)/\d+ ")]
    private static partial Regex ProcessAndThread();
}
