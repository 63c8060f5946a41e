using System.Globalization;
using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Record;

/// <summary>Python programs where the kernel refuses perf events: timers sample them, and nobody need notice.</summary>
[Collection(nameof(MachineOfItsOwn))]
public partial class TimerCaptureTests
{
    private static readonly string[] s_versions = ["3.8.18", "3.11.7", "3.13.0"];

    private static readonly int s_lineA = 1 + Array.FindIndex(File.ReadAllLines(Workload.PathOf("costs.py")), line => line.EndsWith("# A", StringComparison.Ordinal));

    public static TheoryData<string> Versions => [.. s_versions];

    /// <summary>What costs.py can do, with the frame and line of the greater part, on every version.</summary>
    public static TheoryData<string, string, string> Costs
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (string version in s_versions)
            {
                rows.Add(version, "lines", $"costs.py:{s_lineA}");
                rows.Add(version, "threads", "py::greater:");
                rows.Add(version, "system", "py::system:");
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Functions_lines_and_callers_are_those_of_the_program(string version)
    {
        using var refused = new RefusedPerf();

        var result = Record(refused, RefusedPerf.NotPermitted, Interpreter.Pyenv(version).Path, Workload.Calls, "200").Succeeded();
        var samples = SamplesOf(refused);

        Assert.Matches(NoticePattern(), result.Error);
        Assert.NotEmpty(samples);
        var frames = samples.SelectMany(sample => sample.Frames).Where(frame => frame.Contains("calls.py:", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(frames);
        string[] source = File.ReadAllLines(Workload.Calls);
        Assert.All(frames, frame =>
        {
            var match = Regex.Match(frame, @"py::([\w.<>]+):\S*calls\.py +calls\.py:(\d+)$");
            Assert.True(match.Success, frame);
            var (first, last) = LinesOf(source, match.Groups[1].Value);
            Assert.InRange(int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), first, last);
        });
    }

    [Theory]
    [MemberData(nameof(Costs))]
    public void Shares_and_the_whole_are_the_CPU_time_that_the_program_used(string version, string what, string greater)
    {
        using var refused = new RefusedPerf();

        var result = Record(
            refused, RefusedPerf.NotPermitted, Interpreter.Pyenv(version).Path, Workload.PathOf("costs.py"), what, "3").Succeeded();
        double[] used = [.. result.Output.Split().Where(word => word.Length > 0).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        var samples = SamplesOf(refused).Where(sample => sample.Frames.Any(frame => frame.Contains("costs.py", StringComparison.Ordinal))).ToList();

        double whole = samples.Sum(sample => sample.Seconds);
        Assert.InRange(whole, 0.9 * used[1], 1.1 * used[1]);
        double share = samples.Where(sample => sample.Frames.Any(frame => frame.Contains(greater, StringComparison.Ordinal))).Sum(sample => sample.Seconds) / whole;
        double truth = used[0] / used[1];
        double error = Math.Sqrt(Math.Max(truth * (1 - truth), 0.01) / samples.Count);
        Assert.InRange(share, truth - (4 * error), truth + (4 * error));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_process_of_the_tree_that_is_Python_is_there_and_others_are_counted(string version)
    {
        using var refused = new RefusedPerf();
        string program = refused.Directory.Write("tree.py", $"import runpy, subprocess\nsubprocess.run(['/bin/true'])\nrunpy.run_path({Quoted(Workload.Processes)}, run_name='__main__')\n");

        var result = Record(refused, RefusedPerf.NoSuchCall, Interpreter.Pyenv(version).Path, program).Succeeded();
        var samples = SamplesOf(refused);

        Assert.Contains("programs that are no Python are not sampled so: 1", result.Error, StringComparison.Ordinal);
        var processes = new[] { "in_fork", "in_pool", "in_parent", "in_subprocess" }
            .Select(function => samples.Where(sample => sample.Frames.Any(frame => frame.Contains($"py::{function}:", StringComparison.Ordinal)))
                .Select(sample => sample.Process).ToHashSet()).ToArray();
        Assert.All(processes, Assert.NotEmpty);
        Assert.Equal(processes.Sum(pids => pids.Count), processes.SelectMany(pids => pids).Distinct().Count());
    }

    [Fact]
    public void An_ordinary_user_gets_the_same()
    {
        using var user = OrdinaryUser.Become();
        using var refused = new RefusedPerf();
        string[] command = refused.Command(RefusedPerf.Denied, user.Directory.File("viperf"));
        string program = user.Directory.Write("app.py", "def work():\n    return sum(i for i in range(8_000_000))\nwork()\n");

        var result = user.Start(command[0], [.. command[1..], "run", "--python", "capture", "--interpreter", Interpreter.OfSystem().Path, program]).Succeeded();

        Assert.Matches(NoticePattern(), result.Error);
        Assert.Matches(@" work +app\.py:1 +2 ", result.Error);
    }

    [Fact]
    public void perf_reads_the_recording()
    {
        using var refused = new RefusedPerf();
        Record(refused, RefusedPerf.NotPermitted, Interpreter.Pyenv("3.13.0").Path, Workload.Calls, "200").Succeeded();

        var report = PerfTool.Run("report", "-i", refused.Directory.File("perf.data"), "--no-children", "--sort", "sym,srcline", "-g", "none").Succeeded();

        Assert.Matches(@"py::unroll:\S*calls\.py +calls\.py:\d+", report.Output);
    }

    [Fact]
    public void The_programs_streams_and_exit_status_are_its_own()
    {
        using var refused = new RefusedPerf();
        string[] command = refused.Command(RefusedPerf.NotPermitted, ViperfBinary.Path);
        var tool = new Tool { File = command[0], WorkingDirectory = refused.Directory.Path, Input = "to capitals\n" };

        var result = tool.Run([.. command[1..], "run", "--python", "capture", "--interpreter", Interpreter.OfSystem().Path, Workload.Echo, "-x"]);

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("TO CAPITALS\n", result.Output);
    }

    [Fact]
    public void Who_does_not_ask_for_capture_hears_of_the_refusal_as_before()
    {
        using var refused = new RefusedPerf();

        var result = refused.Run(RefusedPerf.NotPermitted, "record", "-e", "cpu-clock", "--python", "off", "true");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("no permission to record", result.Error, StringComparison.Ordinal);
    }

    private static ToolResult Record(RefusedPerf refused, int errno, params IEnumerable<string> command) =>
        refused.Run(errno, ["record", "--python", "capture", "--call-graph", "dwarf,16384", "-F", "999", "--", .. command]);

    /// <summary>The lines of a function of calls.py: from its def to the next line that is indented no more, numbered from 1.</summary>
    private static (int First, int Last) LinesOf(string[] source, string function)
    {
        string name = function[(function.LastIndexOf('.') + 1)..];
        if (name == "<module>")
        {
            return (1, source.Length);
        }

        name = name == "<genexpr>" ? "main" : name; // the only one that has any
        int def = Array.FindIndex(source, line => line.TrimStart().StartsWith($"def {name}(", StringComparison.Ordinal));
        Assert.True(def >= 0, function);
        int indent = source[def].Length - source[def].TrimStart().Length;
        int end = Array.FindIndex(source, def + 1, line => line.Length > 0 && line.Length - line.TrimStart().Length <= indent);
        return (def + 1, end < 0 ? source.Length : end);
    }

    private static string Quoted(string path) => $"'{path}'";

    private static List<Sample> SamplesOf(RefusedPerf refused)
    {
        var samples = new List<Sample>();
        var result = ViperfBinary.RunIn(refused.Directory, "script", "-F", "pid,period,ip,sym,srcline").Succeeded();
        foreach (string line in result.Output.Split('\n'))
        {
            if (line.Length > 0 && line[0] != '\t' && line.Trim() is var head && HeadPattern().Match(head) is { Success: true } match)
            {
                samples.Add(new Sample(match.Groups[1].Value, double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) / 1e9, []));
            }
            else if (line.Length > 0 && line[0] == '\t')
            {
                samples[^1].Frames.Add(line.Trim());
            }
            else if (line.Length > 0)
            {
                samples[^1].Frames[^1] += " " + line.Trim(); // its source line
            }
        }

        return samples;
    }

    [GeneratedRegex(@"^(\d+) +(\d+) *:?$")]
    private static partial Regex HeadPattern();

    [GeneratedRegex(@"the kernel refuses perf events \(.+\): threads of Python are sampled by timers, \d+ samples per second of CPU time came of 999 asked for")]
    private static partial Regex NoticePattern();

    /// <summary>A sample.</summary>
    /// <param name="Process">Its process.</param>
    /// <param name="Seconds">CPU time that it stands for.</param>
    /// <param name="Frames">Address, symbol and source line, leaf first.</param>
    private sealed record Sample(string Process, double Seconds, List<string> Frames);
}
