using System.Globalization;
using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Capture;

/// <summary>A recording with captured Python frames, as <c>viperf script</c> or perf shows it.</summary>
internal static partial class CapturedRecording
{
    /// <summary>Samples a second: at most machines' limit, and too many for slow ones.</summary>
    public const int HighRate = 9999;

    /// <summary>Every interpreter, at a common rate and at the highest that is.</summary>
    public static TheoryData<string, int> InterpretersAndRates
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string version in (string[])[.. Interpreter.PyenvVersions, "system"])
            {
                data.Add(version, 999);
                data.Add(version, HighRate);
            }

            return data;
        }
    }

    /// <summary>Records a program.</summary>
    /// <returns>What the recorder and the program printed.</returns>
    public static ToolResult Record(TempDirectory directory, string python, int frequency, params IEnumerable<string> program) =>
        Record(directory, python, frequency, [], program);

    /// <summary>Records a program, with more of the recorder's options.</summary>
    /// <returns>What the recorder and the program printed.</returns>
    public static ToolResult Record(
        TempDirectory directory, string python, int frequency, IEnumerable<string> options, params IEnumerable<string> program) =>
        ViperfBinary.RunIn(
            directory,
            [
                "record", "--python", "capture", .. options, "--call-graph", "dwarf,16384", "-v", "-F", frequency.ToString(CultureInfo.InvariantCulture),
                "-o", "perf.data", "--", python, .. program,
            ]).Succeeded();

    /// <summary>
    /// Samples of which the recorder says itself that their thread was still at the sample before, or had no time for them: on a slow
    /// machine that takes longer than samples are apart.
    /// </summary>
    public static int ToldAsTooFast(ToolResult recorded) => SamplesTooFast().Matches(recorded.Error)
        .Sum(told => int.Parse(told.Groups[1].ValueSpan, NumberStyles.AllowThousands, CultureInfo.InvariantCulture));

    /// <summary>The stacks as viperf reads them.</summary>
    public static List<CapturedSample> ReadSamples(TempDirectory directory) =>
        Parse(ViperfBinary.RunIn(directory, "script", "-i", "perf.data", "--no-inline", "-F", "comm,tid,time,ip,sym,srcline").Succeeded().Output);

    /// <summary>The stacks of one sample after the other as perf's or viperf's <c>script</c> prints them.</summary>
    public static List<CapturedSample> Parse(string text)
    {
        var samples = new List<CapturedSample>();
        foreach (string line in text.Split('\n'))
        {
            if (line.Length > 0 && !char.IsWhiteSpace(line[0]))
            {
                samples.Add(new CapturedSample(line, []));
            }
            else if (FrameLine().Match(line) is { Success: true } frame && samples.Count > 0)
            {
                samples[^1].Frames.Add(new CapturedFrame(frame.Groups[1].Value, 0));
            }
            else if (SourceLine().Match(line) is { Success: true } source && samples is [.., { Frames: [.., var last] frames }])
            {
                frames[^1] = last with { Line = int.Parse(source.Groups[1].ValueSpan, CultureInfo.InvariantCulture) };
            }
        }

        return samples;
    }

    [GeneratedRegex(@"([\d,]+) (?:whose thread blocked the signal|that came faster)")]
    private static partial Regex SamplesTooFast();

    [GeneratedRegex(@"^\s+[0-9a-f]+ (.+?)$")]
    private static partial Regex FrameLine();

    [GeneratedRegex(@"^  .*:(\d+)$")]
    private static partial Regex SourceLine();
}

/// <summary>One sample.</summary>
/// <param name="Head">Its first line.</param>
/// <param name="Frames">Its frames, innermost first.</param>
internal sealed record CapturedSample(string Head, List<CapturedFrame> Frames)
{
    /// <summary>Its Python frames.</summary>
    public List<CapturedFrame> Python => [.. Frames.Where(frame => frame.Symbol.StartsWith("py::", StringComparison.Ordinal))];
}

/// <summary>One frame.</summary>
/// <param name="Symbol">What it is called.</param>
/// <param name="Line">Its line; 0 where none is known.</param>
internal sealed record CapturedFrame(string Symbol, int Line)
{
    /// <summary>The function's name without its class and file: 3.8 to 3.10 do not know their functions' classes.</summary>
    public string Function
    {
        get
        {
            string name = Symbol.Split(':')[2];
            return name[(name.LastIndexOf('.') + 1)..];
        }
    }

    /// <summary>True if it lies in a file.</summary>
    public bool IsOf(string file) => Symbol.EndsWith($":{file}", StringComparison.Ordinal);
}
