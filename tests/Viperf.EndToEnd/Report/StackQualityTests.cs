using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Report;

/// <summary>What viperf says of how complete the stacks of real recordings are.</summary>
public sealed class StackQualityTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Data => _directory.File("perf.data");

    [Fact]
    public void Dumps_that_are_too_small_are_said_with_the_larger_one()
    {
        Record("--call-graph", "dwarf,1024", "-k", "mono", Interpreter.Pyenv("3.13.0").Path, "-Xperf", Workload.Calls, "600");

        Assert.Contains(" cut by the dump's size: record with --call-graph dwarf,65528", Heading());
        Assert.Contains("cut by the dump's size\n", Stats());
        Assert.Contains("\t[cut by the dump's size]\n", Script());
    }

    [Theory]
    [InlineData("live")]
    [InlineData("post")]
    public void Recordings_of_viperf_know_the_size_of_their_dumps(string unwind)
    {
        string python = Interpreter.Pyenv("3.13.0").Path;
        string[] record = ["record", "--unwind", unwind, "-F", "999", "-k", "mono", "-o", Data, "--call-graph"];
        ViperfBinary.Run([.. record, "dwarf,2048", python, "-Xperf", Workload.Calls, "600"]).Succeeded();
        Assert.Contains(" cut by the dump's size: record with --call-graph dwarf,65528", Heading());

        // A recursion that no dump holds.
        string deep = _directory.Write("deep.py", "import sys\nsys.setrecursionlimit(5000)\n"
            + "def f(n): return 0 if n == 0 else 1 + f(n - 1)\nfor i in range(300): f(1200)\n");
        ViperfBinary.Run([.. record, "dwarf,65528", python, "-Xperf", deep]).Succeeded();
        Assert.Contains(" cut by the dump's size: no dump is larger;", Heading());
    }

    [Fact]
    public void Stacks_cut_as_the_user_wishes_are_not_judged_by_script_either()
    {
        Record("-g", Interpreter.OfSystem().Path, Workload.Nested, "300000");

        var result = ViperfBinary.Run("script", "-i", Data, "-F", "+stackend", "--max-stack", "3");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("leave --max-stack out", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public void Large_dumps_make_stacks_complete()
    {
        Record("--call-graph", "dwarf,65528", "-k", "mono", Interpreter.Pyenv("3.13.0").Path, "-Xperf", Workload.Nested, "6000000");

        Assert.Matches(@"# Stacks: (all [\d,]+|99\.\d% of [\d,]+) complete", Heading());
        string script = Script();
        Assert.Contains("\t[complete]\n", script);
    }

    [Theory]
    [InlineData("3.13.0")]
    [InlineData("3.11.7")]
    public void Chains_of_interpreters_without_frame_pointers_are_torn_and_the_interpreter_is_named(string version)
    {
        Record("-g", Interpreter.Pyenv(version).Path, Workload.Calls, "600");

        Assert.Matches(@"# Stacks: \d\.\d% of [\d,]+ complete; .*: record with --call-graph dwarf,65528", Heading());
        Assert.Matches(@"%  no frame pointers in (lib)?python3", Stats());
        Assert.Contains("\t[no frame pointers in ", Script());
    }

    [Fact]
    public void The_systems_interpreter_is_judged_as_well()
    {
        Record("-g", Interpreter.OfSystem().Path, Workload.Calls, "600");

        Assert.Matches(@"# Stacks: (all [\d,]+ complete|\d+\.\d% of [\d,]+ complete; [\d,]+ .*)", Heading());
    }

    [Fact]
    public void Counts_of_records_are_perfs()
    {
        Record("-g", Interpreter.OfSystem().Path, Workload.Nested, "300000");

        AssertStatsArePerfs();
    }

    [Fact]
    public void Counts_of_the_pipe_forms_and_of_compressed_records_are_perfs()
    {
        Record("-z", "-g", Interpreter.OfSystem().Path, Workload.Nested, "300000");
        AssertStatsArePerfs();

        new Tool { File = "/bin/sh" }.Run(
            "-c", $"'{PerfTool.Path}' record -N -g -F 999 -e cpu-clock,task-clock -o - ls / > '{Data}'").Succeeded();
        AssertStatsArePerfs();
    }

    [Fact]
    public void Nothing_is_said_of_recordings_without_call_chains_and_of_stacks_cut_as_the_user_wishes()
    {
        Record("-g", Interpreter.OfSystem().Path, Workload.Nested, "300000");
        Assert.DoesNotContain("# Stacks: ", ViperfBinary.Run("report", "-i", Data, "--max-stack", "3").Succeeded().Output);

        Record(Interpreter.OfSystem().Path, Workload.Nested, "300000");
        Assert.DoesNotContain("# Stacks: ", ViperfBinary.Run("report", "-i", Data).Succeeded().Output);
        Assert.DoesNotContain(" stacks:", Stats());
    }

    public void Dispose() => _directory.Dispose();

    private void Record(params string[] args) =>
        PerfTool.Run(["record", "-N", "-F", "999", "-o", Data, .. args]).Succeeded();

    private string Heading() =>
        Assert.Single(ViperfBinary.Run("report", "-i", Data).Succeeded().Lines, line => line.StartsWith("# Stacks: ", StringComparison.Ordinal));

    private void AssertStatsArePerfs()
    {
        string theirs = PerfTool.Run("report", "--stdio", "--stats", "-i", Data).Succeeded().Output;
        Assert.StartsWith(theirs.TrimEnd('\n') + "\n", Stats());
    }

    private string Stats() => ViperfBinary.Run("report", "--stats", "-i", Data).Succeeded().Output;

    private string Script() => ViperfBinary.Run("script", "-i", Data, "-F", "+stackend").Succeeded().Output;
}
