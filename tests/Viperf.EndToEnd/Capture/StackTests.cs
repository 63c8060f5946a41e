using System.Globalization;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Capture;

/// <summary>Every captured stack is one that the source has, line by line.</summary>
[Collection(nameof(MachineOfItsOwn))]
public class StackTests
{
    private static readonly string s_program = Workload.PathOf("callers.py");
    private static readonly string[] s_source = File.ReadAllLines(s_program);

    [Theory]
    [MemberData(nameof(CapturedRecording.InterpretersAndRates), MemberType = typeof(CapturedRecording))]
    public void Every_pair_of_frames_is_a_call_that_the_source_contains(string version, int frequency)
    {
        using var directory = new TempDirectory();
        var recorded = CapturedRecording.Record(directory, Interpreter.Of(version).Path, frequency, s_program, "0.4");
        var samples = CapturedRecording.ReadSamples(directory);
        var ours = samples.Select(sample => sample.Python).Where(frames => frames.Any(frame => frame.IsOf(s_program))).ToList();

        Assert.True(ours.Count > frequency / 3, $"{ours.Count} samples of {samples.Count}");
        Assert.Empty(ours.SelectMany(WrongPairs).Distinct());
        Assert.All(ours, frames => Assert.All(frames, frame => Assert.NotEqual(0, frame.Line)));
        Assert.All(ours, frames => Assert.Contains(frames[^1].Function, (string[])["<module>", "_bootstrap"]));
        Assert.Contains(ours, frames => frames[^1].Function == "<module>");
        Assert.Contains(ours, frames => frames[^1].Function == "_bootstrap");
        Assert.Contains(ours, frames => frames.Count(frame => frame.Function == "recursive") == 13);

        // Once the program runs, hardly a call of the evaluator is without its frames: where one has just begun, and at a rate that is
        // too high for the machine, which is told.
        int first = samples.FindIndex(sample => sample.Python.Any(frame => frame.IsOf(s_program)));
        int last = samples.FindLastIndex(sample => sample.Python.Any(frame => frame.IsOf(s_program)));
        int without = samples[first..last].Count(sample =>
            sample.Python.Count == 0 && sample.Frames.Any(frame => frame.Symbol.StartsWith("_PyEval_EvalFrameDefault", StringComparison.Ordinal)));
        int told = frequency == CapturedRecording.HighRate ? CapturedRecording.ToldAsTooFast(recorded) : 0;
        Assert.InRange(told, 0, samples.Count / 20);
        Assert.InRange(without, 0, 2 + ((last - first) / 1000) + told);
    }

    [Theory]
    [InlineData("3.8.18")]
    [InlineData("3.11.7")]
    [InlineData("3.13.0")]
    public void What_runs_while_the_signal_is_blocked_has_no_frames_of_another_time(string version)
    {
        string program = CaptureRun.Program("masks.py");
        using var directory = new TempDirectory();
        CapturedRecording.Record(directory, Interpreter.Of(version).Path, CapturedRecording.HighRate, program, "0.5");

        // Importing sorts too, but no floats.
        var sorting = CapturedRecording.ReadSamples(directory)
            .Where(static sample => sample.Frames.Any(static frame => frame.Symbol.StartsWith("unsafe_float_compare", StringComparison.Ordinal))).ToList();

        Assert.NotEmpty(sorting);
        Assert.DoesNotContain(sorting, sample => sample.Python.Any(frame => frame.IsOf(program)) && sample.Python[0].Function != "sorting");
    }

    [Theory]
    [InlineData("3.8.18")]
    [InlineData("3.11.7")]
    [InlineData("3.13.0")]
    public void Lines_get_their_shares_of_the_time(string version)
    {
        using var directory = new TempDirectory();
        string program = Workload.PathOf("two_lines.py");
        var recorded = CapturedRecording.Record(directory, Interpreter.Of(version).Path, 999, program, "300");
        double share = double.Parse(recorded.Output, CultureInfo.InvariantCulture);
        string[] source = File.ReadAllLines(program);
        int longLine = 1 + Array.FindIndex(source, line => line.Contains("# LONG", StringComparison.Ordinal));
        int shortLine = 1 + Array.FindIndex(source, line => line.Contains("# SHORT", StringComparison.Ordinal));

        var lines = CapturedRecording.ReadSamples(directory).Select(sample => sample.Python.FirstOrDefault()).OfType<CapturedFrame>()
            .Where(frame => frame.Function == "work").Select(frame => frame.Line).ToList();
        int ofLong = lines.Count(line => line == longLine);
        int both = ofLong + lines.Count(line => line == shortLine);

        Assert.True(both > 300, $"{both} samples");
        double error = Math.Sqrt(share * (1 - share) / both);
        Assert.InRange(ofLong / (double)both, share - (5 * error), share + (5 * error)); // beyond that once in a million
    }

    [Fact]
    public void Perf_shows_the_same_functions_and_lines()
    {
        using var directory = new TempDirectory();
        CapturedRecording.Record(directory, Interpreter.Of("3.11.7").Path, 999, s_program, "0.3");
        var ours = CapturedRecording.ReadSamples(directory);
        var theirs = CapturedRecording.Parse(PerfTool.Run(
            "script", "-i", directory.File("perf.data"), "--no-inline", "-F", "comm,tid,time,ip,sym,srcline").Succeeded().Output);

        Assert.Equal(ours.Count, theirs.Count);
        const int perfsLimit = 127; // frames that it reads of a chain
        Assert.All(
            ours.Zip(theirs).Where(pair => pair.First.Frames.Count < perfsLimit - 2),
            pair => Assert.Equal(pair.First.Python, pair.Second.Python));
        string report = PerfTool.Run(
            "report", "-i", directory.File("perf.data"), "--stdio", "--no-children", "-g", "none", "--sort", "sym,srcline").Succeeded().Output;
        int leaf = 1 + Array.FindIndex(s_source, line => line.Contains("total ^= i", StringComparison.Ordinal));
        Assert.Matches($@"py::leaf:\S*callers\.py +callers\.py:{leaf}\b", report);
    }

    [Fact]
    public void An_ordinary_user_gets_the_same_and_the_kernels_time_in_one_place()
    {
        using var user = OrdinaryUser.Become();
        user.Directory.Write("zero.py", """
            import os, time
            file = os.open("/dev/zero", os.O_RDONLY)
            while time.process_time() < 0.6:
                os.read(file, 1 << 22)
            print(os.times().system / time.process_time())
            """);
        var recorded = user.Run(
            "record", "--python", "capture", "--call-graph", "dwarf", "-F", "999", "-o", "perf.data", "--", Interpreter.OfSystem().Path, "zero.py").Succeeded();
        double system = double.Parse(recorded.Output, CultureInfo.InvariantCulture);
        var report = user.Run("report", "-i", "perf.data", "--no-children", "-g", "none", "-s", "sym").Succeeded();
        string line = Assert.Single(report.Lines, line => line.Contains("[kernel: not permitted]", StringComparison.Ordinal));
        double shown = double.Parse(line.TrimStart().Split('%')[0], CultureInfo.InvariantCulture) / 100;
        Assert.InRange(shown, system - 0.15, system + 0.15); // the kernel's own count of system time is by ticks
    }

    [Fact]
    public void An_ordinary_users_kernel_time_is_below_the_lines_that_call_the_kernel()
    {
        using var user = OrdinaryUser.Become();
        string[] source =
        [
            "import os, threading, time",
            "file, into = os.open('/dev/zero', os.O_RDONLY), [bytearray(1 << 20)]",
            "def work(seconds):",
            "    while time.thread_time() < seconds:",
            "        os.readv(file, into)",
            "        sum(range(5_000))",
            "threads = [threading.Thread(target=work, args=(0.02,)) for _ in range(40)]",
            "[thread.start() for thread in threads]",
            "work(1.5)",
            "[thread.join() for thread in threads]",
        ];
        user.Directory.Write("lines.py", string.Join('\n', source));
        user.Run(
            "record", "--python", "capture", "--call-graph", "dwarf", "-F", "999", "-o", "perf.data", "--", Interpreter.OfSystem().Path, "lines.py").Succeeded();
        string script = user.Run("script", "-i", "perf.data", "-F", "tid,period,ip,sym,srcline").Succeeded().Output;
        int call = 1 + Array.FindIndex(source, line => line.Contains("readv", StringComparison.Ordinal));

        var inKernel = script.Split("\n\n").Where(sample => sample.Contains("[kernel: not permitted]", StringComparison.Ordinal)).ToList();
        Assert.True(inKernel.Count > 20, $"{inKernel.Count} samples");
        double all = inKernel.Sum(PeriodOf);
        double called = inKernel.Where(sample => sample.Contains($"lines.py:{call}\n", StringComparison.Ordinal)).Sum(PeriodOf);
        Assert.InRange(called / all, 0.85, 1); // interpreter and threads call the kernel to begin and to end
        Assert.Contains(inKernel, sample => sample.Contains("py::", StringComparison.Ordinal) && sample.Contains("readv", StringComparison.Ordinal));
    }

    private static double PeriodOf(string sample) => double.Parse(sample.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>Pairs whose caller's line does not have a call of the callee: by the notes in the source.</summary>
    private static IEnumerable<string> WrongPairs(List<CapturedFrame> frames)
    {
        for (int i = 0; i + 1 < frames.Count; i++)
        {
            var (callee, caller) = (frames[i], frames[i + 1]);
            if (!callee.IsOf(s_program) || !caller.IsOf(s_program))
            {
                continue;
            }

            // A call that goes over several lines is noted on its last one.
            var lines = s_source.Skip(caller.Line - 1).Take(2);
            bool isNoted = lines.Any(line => line.Contains($"# {caller.Function} -> ", StringComparison.Ordinal)
                && line.Contains($"-> {callee.Function}", StringComparison.Ordinal));
            if (!isNoted)
            {
                yield return $"{caller.Function}:{caller.Line} -> {callee.Function}:{callee.Line}";
            }
        }
    }
}
