using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Capture;

/// <summary>With <c>--async</c> an asyncio task's frames stand under those of the tasks that await it.</summary>
[Collection(nameof(MachineOfItsOwn))]
public partial class TaskTests
{
    private const string Head = "in_task < main < <module>";

    private static readonly string s_program = CaptureRun.Program("awaits.py");
    private static readonly string[] s_source = File.ReadAllLines(s_program);

    /// <summary>What awaits.py does in each of its ways, innermost first.</summary>
    private static readonly string[] s_stacks =
    [
        $"burn < leaf < between < awaited < {Head}",
        $"burn < leaf < between < gathered < {Head}",
        $"burn < leaf < gathered < {Head}",
        $"burn < leaf < between < waited < {Head}",
        $"burn < leaf < waited < {Head}",
        $"burn < leaf < between < waited_for < {Head}",
        $"burn < leaf < between < shielded < {Head}",
        $"burn < leaf < between < awaited < deepest < deeper < deep < {Head}",
        $"burn < leaf < between < first_awaiter < two_awaiters < {Head}",
        $"burn < one < values < iterates < {Head}",
        $"burn < leaf < between < __await__ < custom < {Head}",
        "burn < leaf < between < unawaited < <module>",
    ];

    [Theory]
    [MemberData(nameof(CapturedRecording.InterpretersAndRates), MemberType = typeof(CapturedRecording))]
    public void Every_task_stands_under_the_one_that_awaits_it(string version, int frequency)
    {
        using var directory = new TempDirectory();
        var interpreter = Interpreter.Of(version);
        CapturedRecording.Record(directory, interpreter.Path, frequency, ["--async"], s_program, "0.06");
        var stacks = OursIn(directory);

        Assert.Empty(stacks.SelectMany(WrongPairs).Distinct());
        Assert.All(stacks, frames => Assert.Equal("<module>", frames[^1].Function));
        string[] hasGroups = interpreter.Version >= new Version(3, 11)
            ? [$"burn < leaf < between < grouped < {Head}", $"burn < leaf < grouped < {Head}"]
            : [];
        Assert.Empty(s_stacks.Concat(hasGroups).Except(stacks.Select(Text)));
    }

    [Theory]
    [InlineData("3.8.18")]
    [InlineData("3.13.0")]
    public void Without_it_every_task_stands_alone(string version)
    {
        using var directory = new TempDirectory();
        CapturedRecording.Record(directory, Interpreter.Of(version).Path, 999, s_program, "0.06");
        var stacks = OursIn(directory).Select(Text).ToList();

        Assert.Contains("burn < leaf < between < <module>", stacks);
        Assert.DoesNotContain(stacks, stack => s_stacks.SkipLast(1).Contains(stack));
    }

    [Fact]
    public void Timers_show_the_same()
    {
        using var refused = new RefusedPerf();
        refused.Run(
            RefusedPerf.NotPermitted, "record", "--python", "capture", "--async", "--call-graph", "dwarf,16384", "-F", "999", "-o", "perf.data",
            "--", Interpreter.Of("3.13.0").Path, s_program, "0.2").Succeeded();
        var stacks = OursIn(refused.Directory);

        Assert.Empty(stacks.SelectMany(WrongPairs).Distinct());
        Assert.Contains($"burn < leaf < between < awaited < deepest < deeper < deep < {Head}", stacks.Select(Text));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Tasks_that_come_and_go_by_the_thousand_do_no_harm(string version)
    {
        using var run = new CaptureRun();
        var result = run.Start(
            ["--async"], Interpreter.Pyenv(version).Path, "-W", "ignore", CaptureRun.Program("tasks.py"), "0.5").Succeeded();
        Assert.Equal("done\n", result.Output);
    }

    [Fact]
    public void It_needs_threads_that_write_their_frames_down()
    {
        var result = ViperfBinary.Run("record", "--python", "agent", "--async", "true");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--async", result.Error, StringComparison.Ordinal);
        Assert.Contains("--python capture", result.Error, StringComparison.Ordinal);
    }

    private static string Text(List<CapturedFrame> frames) => string.Join(" < ", frames.Select(frame => frame.Function));

    /// <summary>The program's own frames of samples that have any: asyncio's stand between them.</summary>
    private static List<List<CapturedFrame>> OursIn(TempDirectory directory) =>
    [
        .. CapturedRecording.ReadSamples(directory).Select(sample => sample.Python.Where(frame => frame.IsOf(s_program)).ToList())
            .Where(frames => frames.Count > 0),
    ];

    /// <summary>Pairs of neighbours of which the caller's line does not say that it calls or awaits the other.</summary>
    private static IEnumerable<string> WrongPairs(List<CapturedFrame> frames)
    {
        foreach (var (callee, caller) in frames.Zip(frames.Skip(1)))
        {
            var note = Note().Match(caller.Line > 0 ? s_source[caller.Line - 1] : "");
            if (note.Groups[1].Value != caller.Function || !note.Groups[2].Value.Split(", ").Contains(callee.Function))
            {
                yield return $"{caller.Function}:{caller.Line} -> {callee.Function}:{callee.Line}";
            }
        }
    }

    [GeneratedRegex("# (\\S+) -> (.+)$")]
    private static partial Regex Note();
}
