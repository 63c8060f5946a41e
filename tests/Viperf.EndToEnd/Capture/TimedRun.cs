using System.Globalization;
using Viperf.EndToEnd.Harness;

namespace Viperf.EndToEnd.Capture;

/// <summary>A recording of more than CPU time, and what the program's threads say of themselves.</summary>
internal sealed class TimedRun
{
    private TimedRun(IReadOnlyDictionary<string, ProgramThread> threads, IReadOnlyList<TimedSample> samples)
    {
        Threads = threads;
        Samples = samples;
    }

    /// <summary>What the program printed, by the function that a thread ran.</summary>
    public IReadOnlyDictionary<string, ProgramThread> Threads { get; }

    /// <summary>All samples.</summary>
    public IReadOnlyList<TimedSample> Samples { get; }

    /// <summary>Records a program as the user of the tests.</summary>
    public static TimedRun Record(string python, string mode, params IEnumerable<string> program)
    {
        using var directory = new TempDirectory();
        return Record(arguments => ViperfBinary.RunIn(directory, [.. arguments]), python, mode, program);
    }

    /// <summary>Records a program.</summary>
    /// <param name="viperf">Runs viperf.</param>
    /// <param name="python">The interpreter.</param>
    /// <param name="mode">Which time.</param>
    /// <param name="program">Script and arguments.</param>
    public static TimedRun Record(Func<IEnumerable<string>, ToolResult> viperf, string python, string mode, IEnumerable<string> program)
    {
        var recorded = viperf([
            "record", "--mode", mode, "--call-graph", "dwarf,16384", "-F", "999", "-o", "perf.data", "--", python, .. program]).Succeeded();
        var threads = recorded.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToDictionary(
            words => words[0],
            words => new ProgramThread(
                Number(words[1]), double.Parse(words[2], CultureInfo.InvariantCulture), words.Length > 3 ? Number(words[3]) : 0,
                words.Length > 4 ? Number(words[4]) : 0));
        var script = viperf(["script", "-i", "perf.data", "--no-inline", "-F", "comm,tid,period,ip,sym,srcline"]).Succeeded();
        return new TimedRun(threads, [.. CapturedRecording.Parse(script.Output).Select(TimedSample.Of)]);
    }

    /// <summary>Seconds of a thread's samples.</summary>
    public double SecondsOf(ProgramThread thread, Predicate<TimedSample> which) =>
        Samples.Where(sample => sample.Tid == thread.Tid && which(sample)).Sum(sample => sample.Seconds);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>What a thread says of itself.</summary>
/// <param name="Tid">Its number.</param>
/// <param name="Seconds">How long it was there.</param>
/// <param name="Line">The line that it stood at.</param>
/// <param name="Woken">How often it was woken while it stood.</param>
internal sealed record ProgramThread(int Tid, double Seconds, int Line, int Woken);

/// <summary>One sample.</summary>
/// <param name="Tid">Its thread.</param>
/// <param name="Seconds">What it stands for.</param>
/// <param name="Sample">Its frames.</param>
internal sealed record TimedSample(int Tid, double Seconds, CapturedSample Sample)
{
    /// <summary>The symbol of its innermost frame.</summary>
    public string Leaf => Sample.Frames is [var leaf, ..] ? leaf.Symbol : "";

    /// <summary>Its innermost Python frame; null if there is none.</summary>
    public CapturedFrame? Python => Sample.Python is [var frame, ..] ? frame : null;

    /// <summary>Reads it.</summary>
    public static TimedSample Of(CapturedSample sample)
    {
        string[] words = sample.Head.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries);
        return new(
            int.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[2], CultureInfo.InvariantCulture) / 1e9, sample);
    }
}
