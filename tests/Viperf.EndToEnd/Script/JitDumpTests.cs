using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Script;

/// <summary>Jitted code of which a jitdump tells, without <c>inject</c>.</summary>
public class JitDumpTests
{
    private static readonly string[] s_fields = ["-F", "pid,tid,time,ip,sym,symoff,dso"];

    public static MatrixTheoryData<string, string> Recordings => new(
        ["perf", "viperf"], [Workload.Calls, Workload.Threads, Workload.Native]);

    [Theory]
    [MemberData(nameof(Recordings))]
    public void CPythons_functions_are_named_as_perf_names_them_after_inject(string recorder, string program)
    {
        var python = Interpreter.Pyenv("3.13.0");
        using var directory = new TempDirectory();
        string file = Record(directory, recorder, "-k", "mono", "-F", "9999", "-g", "--", python.Path, "-Xperf_jit", program);

        var theirs = Inject(directory, file);
        var result = ViperfBinary.Run(["script", "-i", file, .. s_fields]).Succeeded();
        var ours = ScriptSample.Parse(result.Output);

        Assert.Equal("", result.Error);
        Assert.Equal(theirs.Select(s => s.Head), ours.Select(s => s.Head));
        int leaves = 0;
        foreach (var (their, our) in theirs.Zip(ours).Where(pair => pair.First.Frames.Count > 0))
        {
            if (their.Frames[0].IsPython || our.Frames[0].IsPython)
            {
                Assert.Equal(their.Leaf, our.Leaf);
                leaves++;
            }

            // perf also names stale stack words that point at a function's start, which no call returns to; the kernel does.
            int interrupted = their.Frames.TakeWhile(f => f.IsKernel).Count();
            Assert.Equal(
                their.Frames.Index().Skip(1).Where(f => f.Item.IsPython && (!f.Item.IsStart || f.Index == interrupted)).Select(f => f.Item.Symbol),
                our.Frames.Skip(1).Where(f => f.IsPython).Select(f => f.Symbol));
        }

        Assert.True(leaves > 0 || program != Workload.Calls, "no sample of calls.py is in a trampoline");
        RemoveJitDumps(ours);
    }

    [Theory]
    [InlineData("perf")]
    [InlineData("viperf")]
    public void Replaced_code_and_a_forks_two_sides_are_named_as_perf_names_them_after_inject(string recorder)
    {
        using var directory = new TempDirectory();
        string file = Record(
            directory, recorder, "-k", "mono", "-F", "999", "-g", "--", Interpreter.OfSystem().Path, Workload.JitDump, "100000000");

        var theirs = Inject(directory, file);
        var result = ViperfBinary.Run(["script", "-i", file, .. s_fields]).Succeeded();
        var ours = ScriptSample.Parse(result.Output);

        Assert.Equal("", result.Error);
        Assert.Equal(Leaves(theirs), Leaves(ours));
        var functions = Leaves(ours).Select(leaf => $"{(leaf.Pid == Leaves(ours)[0].Pid ? "parent" : "child")} {leaf.Symbol}").ToHashSet();
        Assert.True(functions.SetEquals(
            [
                "parent py::first:jitdump.py", "parent py::second:jitdump.py", "child py::second:jitdump.py",
                "parent py::third:jitdump.py", "child py::childs:jitdump.py", "parent py::parents:jitdump.py",
            ]));
        RemoveJitDumps(ours);
    }

    [Fact]
    public void Lines_are_the_jitdumps_and_without_its_clock_the_last_code_is_named_and_that_is_said()
    {
        using var directory = new TempDirectory();
        string file = Record(directory, "viperf", "-F", "999", "-g", "--", Interpreter.OfSystem().Path, Workload.JitDump, "100000000");

        var report = ViperfBinary.Run("report", "-i", file, "--no-children", "-g", "none", "-s", "sym,srcline").Succeeded();
        var python = report.Lines.Where(line => line.Contains("py::", StringComparison.Ordinal))
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2..]));

        Assert.Equal(
            ["py::childs:jitdump.py jitdump.py:3", "py::parents:jitdump.py jitdump.py:5", "py::third:jitdump.py jitdump.py:4"],
            python.Order(StringComparer.Ordinal));
        Assert.Contains("record with -k mono", Assert.Single(report.ErrorLines));
        RemoveJitDumps(ScriptSample.Parse(ViperfBinary.Run(["script", "-i", file, .. s_fields]).Succeeded().Output));
    }

    [Fact]
    public void Run_answers_the_same_from_a_jitdump()
    {
        var python = Interpreter.Pyenv("3.13.0");
        using var directory = new TempDirectory();
        var tool = new Tool
        {
            File = ViperfBinary.Path,
            WorkingDirectory = directory.Path,
            Environment = new Dictionary<string, string?> { ["PYTHON_PERF_JIT_SUPPORT"] = "1" }, // it wins over -X perf
        };

        var result = tool.Run("run", "--python", "builtin", "--interpreter", python.Path, "-F", "9999", Workload.Calls, "600").Succeeded();

        Assert.Contains(
            result.ErrorLines, line => line.Contains(" unroll ", StringComparison.Ordinal) && line.Contains("calls.py", StringComparison.Ordinal));
        var samples = ScriptSample.Parse(ViperfBinary.RunIn(directory, ["script", .. s_fields]).Succeeded().Output);
        Assert.Contains(samples.SelectMany(s => s.Frames), f => f.IsPython && f.File.EndsWith(".dump", StringComparison.Ordinal));
        RemoveJitDumps(samples);
    }

    private static string Record(TempDirectory directory, string recorder, params string[] options)
    {
        string file = directory.File("perf.data");
        string[] arguments = ["-N", "-e", "cpu-clock", "-o", file, .. options];

        // The jitdumps are what the programs write by themselves: viperf's agent would name what runs while Python starts, too.
        (recorder == "perf" ? PerfTool.Run(["record", .. arguments]) : ViperfBinary.Run(["record", "--python", "off", .. arguments])).Succeeded();
        return file;
    }

    /// <summary>What perf shows of a recording after <c>perf inject --jit</c>; its ELF files are gone then.</summary>
    private static List<ScriptSample> Inject(TempDirectory directory, string file)
    {
        string injected = directory.File("injected.data");
        PerfTool.Run("inject", "--jit", "-i", file, "-o", injected).Succeeded();
        var samples = ScriptSample.Parse(PerfTool.Run(["script", "-i", injected, .. s_fields]).Succeeded().Output);
        foreach (int pid in Pids(samples))
        {
            Remove($"jitted-{pid}-*.so");
        }

        return samples;
    }

    private static List<(int Pid, string Symbol)> Leaves(List<ScriptSample> samples) =>
        [.. samples.Where(s => s.Frames is [{ IsPython: true }, ..]).Select(s => (PidOf(s), s.Leaf))];

    private static void RemoveJitDumps(List<ScriptSample> samples)
    {
        foreach (int pid in Pids(samples))
        {
            Remove($"jit-{pid}.dump");
        }
    }

    private static void Remove(string pattern)
    {
        foreach (string path in Directory.EnumerateFiles("/tmp", pattern))
        {
            File.Delete(path);
        }
    }

    private static HashSet<int> Pids(List<ScriptSample> samples) => [.. samples.Select(PidOf)];

    /// <summary>The head begins with <c>PID/TID</c>.</summary>
    private static int PidOf(ScriptSample sample) => int.Parse(sample.Head[..sample.Head.IndexOf('/', StringComparison.Ordinal)]);
}
