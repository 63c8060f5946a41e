using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Report;

public sealed class ReportTests(ReportTests.Recording recording) : IClassFixture<ReportTests.Recording>
{
    /// <summary>Lines that may differ in a report whose entries are leaves: the leaves of one sample in 200.</summary>
    private const double FewLines = 0.005;

    /// <summary>Lines that may differ in a report with callers.</summary>
    private const double SomeLines = 0.05;

    public static MatrixTheoryData<string, string> Programs => new(
        Interpreter.PerfVersions, [Workload.Nested, Workload.Calls, Workload.Threads, Workload.Processes, Workload.Native]);

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_programs_report_is_perfs(string version, string program)
    {
        using var directory = new TempDirectory();
        string file = directory.File("perf.data");
        PerfTool.Run("record", "-N", "-F", "1999", "-g", "-o", file, Interpreter.Pyenv(version).Path, "-Xperf", program).Succeeded();

        AssertAlike(file, SomeLines);
        AssertAlike(file, SomeLines, "-g", "none");
        AssertAlike(file, SomeLines, "--no-children", "-g", "none");
    }

    [Fact]
    public void The_documentations_commands_show_functions_that_a_perf_map_names()
    {
        using var directory = new TempDirectory();
        string file = directory.File("perf.data");
        string python = Interpreter.OfSystem().Path;
        ViperfBinary.Run("record", "-F", "9999", "-g", "-o", file, python, Workload.Jitted).Succeeded();

        var result = ViperfBinary.Run("report", "-g", "-i", file).Succeeded();

        Assert.Equal("", result.Error);
        Assert.StartsWith("# To display the perf.data header info", result.Output);
        Assert.Contains("[.] py::spin:jitted.py", result.Output);
        Assert.Contains("[.] py::spin:jitted.py", PerfTool.Run("report", "--stdio", "-g", "-i", file).Succeeded().Output);
    }

    [Theory]
    [InlineData("--no-children")]
    [InlineData("--no-children", "-g", "caller")]
    [InlineData("--no-children", "-g", "flat")]
    [InlineData("--no-children", "-g", "fractal")]
    [InlineData("--no-children", "-s", "dso,sym", "-n")]
    [InlineData("--no-children", "-s", "pid,sym", "-g", "none")]
    [InlineData("--no-children", "-s", "sym", "--percent-limit", "1")]
    [InlineData("--no-children", "--max-stack", "3")]
    [InlineData("--no-children", "-w", "5,12,30")]
    [InlineData("--no-children", "--show-total-period", "--show-cpu-utilization", "-g", "none")]
    [InlineData("--no-children", "--time", "10%-60%")]
    [InlineData("--no-children", "--comms", "python3,other")]
    [InlineData("--no-children", "--dsos", "[kernel.kallsyms],libpython3.13.so.1.0")]
    public void Leaves_are_perfs(params string[] options) => AssertAlike(recording.File, FewLines + SomeLines / 5, options);

    [Theory]
    [InlineData]
    [InlineData("-g", "callee")]
    [InlineData("-gcaller")]
    [InlineData("--call-graph=fractal,2")]
    [InlineData("-g", "graph,0.5,3,caller,function,period")]
    [InlineData("-g", "flat,1,count")]
    [InlineData("-s", "sym")]
    [InlineData("-s", "comm,dso")]
    [InlineData("-s", "+cpu", "-g", "none")]
    [InlineData("-F", "overhead_children,overhead,sample,period,dso,sym")]
    [InlineData("-F", "+period")]
    [InlineData("-F", "overhead,sym")]
    [InlineData("-q")]
    [InlineData("-G")]
    [InlineData("--no-children", "-g", "folded")]
    [InlineData("--no-children", "-U", "-g", "count", "-F", "sample,dso,sym")] // a stub that viperf alone names changes all percentages
    public void Callers_are_perfs(params string[] options) => AssertAlike(recording.File, SomeLines, options);

    [Fact]
    public void Several_events_report_one_after_another_and_empty_ones_not()
    {
        using var directory = new TempDirectory();
        string file = directory.File("perf.data");
        PerfTool.Run(
            "record", "-N", "-F", "1999", "-e", "cpu-clock,task-clock,alignment-faults", "-o", file,
            Interpreter.OfSystem().Path, Workload.Nested, "300000").Succeeded();

        // perf 6.1 shows inlined functions in stacks that it unwinds, not in those that the kernel walks.
        string report = ViperfBinary.Run("report", "--no-inline", "-i", file).Succeeded().Output;

        Assert.Equal(2, report.Split("of event '").Length - 1);
        ReportLines.AssertAlike(PerfTool.Run("report", "--stdio", "-i", file).Succeeded().Output, report, FewLines);
    }

    [Fact]
    public void A_recording_without_call_chains_has_no_graph_to_ask_for()
    {
        using var directory = new TempDirectory();
        string file = directory.File("perf.data");
        PerfTool.Run("record", "-N", "-F", "1999", "-o", file, Interpreter.OfSystem().Path, Workload.Nested, "300000").Succeeded();

        Assert.Contains("# Overhead  Command", ViperfBinary.Run("report", "-i", file).Succeeded().Output);
        var result = ViperfBinary.Run("report", "-g", "-i", file);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("has no call chains", Assert.Single(result.ErrorLines));
    }

    [Theory]
    [InlineData("-s", "comm,bogus", "unknown key 'bogus'")]
    [InlineData("-F", "bogus", "unknown key 'bogus'")]
    [InlineData("-g", "bogus", "'bogus' is none of")]
    [InlineData("--time", "tomorrow", "--time tomorrow")]
    [InlineData("--percentage", "bogus", "expected absolute or relative")]
    [InlineData("--max-stack", "0", "--max-stack")]
    [InlineData("-w", "x", "'x' is not a width")]
    [InlineData("--pids", "x", "'x' is not a number")]
    [InlineData("-k", "vmlinux", "perf's option -k is not supported by viperf")]
    public void A_wrong_value_costs_one_line(string option, string value, string says)
    {
        var result = ViperfBinary.Run("report", "-i", recording.File, option, value);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(says, Assert.Single(result.ErrorLines));
        Assert.Equal("", result.Output);
    }

    [Fact]
    public void What_cannot_be_reported_costs_one_line()
    {
        using var directory = new TempDirectory();
        directory.Write("empty.data", "");

        foreach (var (name, says) in new[] { ("nowhere.data", "viperf record"), ("empty.data", "empty.data") })
        {
            var result = ViperfBinary.RunIn(directory, "report", "-i", name);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains(says, Assert.Single(result.ErrorLines));
            Assert.Equal("", result.Output);
        }

        var none = ViperfBinary.Run("report", "-i", recording.File, "--time", "1,2");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("has no samples in 1,2", Assert.Single(none.ErrorLines));
        Assert.Equal("", none.Output);
    }

    [Fact]
    public void Colours_are_for_those_who_ask()
    {
        string[] command = ["report", "-i", recording.File, "--no-children", "-g", "none"];

        Assert.DoesNotContain("\e[", ViperfBinary.Run(command).Succeeded().Output);
        Assert.Contains("\e[31m", ViperfBinary.Run([.. command, "--stdio-color=always"]).Succeeded().Output);
    }

    private static void AssertAlike(string file, double part, params string[] options) => ReportLines.AssertAlike(
        PerfTool.Run(["report", "--stdio", "-i", file, .. options]).Succeeded().Output,
        ViperfBinary.Run(["report", "--stdio", "--no-inline", "-i", file, .. options]).Succeeded().Output,
        part);

    /// <summary>A recording of perf's that all of these tests read.</summary>
    public sealed class Recording : IDisposable
    {
        private readonly TempDirectory _directory = new();

        public Recording()
        {
            File = _directory.File("perf.data");
            // Long enough that the dynamic linker's start, whose callers perf names otherwise, stays below every limit.
            PerfTool.Run(
                "record", "-N", "-F", "1999", "-g", "-o", File,
                Interpreter.Pyenv("3.13.0").Path, "-Xperf", Workload.Calls, "5000").Succeeded();
        }

        public string File { get; }

        public void Dispose() => _directory.Dispose();
    }
}
