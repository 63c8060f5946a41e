using System.Globalization;

namespace Viperf.EndToEnd.Report;

/// <summary>A line of <c>viperf annotate</c>.</summary>
/// <param name="Self">Percent of the event's samples.</param>
/// <param name="SelfSamples">Number of these.</param>
/// <param name="Total">Percent of the event's samples.</param>
/// <param name="TotalSamples">Number of these.</param>
/// <param name="Line">The line's number; empty for callers and instructions.</param>
/// <param name="Text">The source.</param>
internal sealed record AnnotatedLine(double Self, int SelfSamples, double Total, int TotalSamples, string Line, string Text)
{
    /// <summary>Where the columns of numbers end.</summary>
    private static readonly int[] s_ends = [6, 15, 23, 32];

    /// <summary>Columns of the line's number.</summary>
    private const int NumberWidth = 6;

    /// <summary>Reads all lines of source.</summary>
    public static IReadOnlyList<AnnotatedLine> Read(string output) =>
        [.. output.Split('\n').Where(line => line.Length > s_ends[^1] && line[0] != '#').Skip(1).Select(Parse)];

    private static AnnotatedLine Parse(string line)
    {
        string number = line[s_ends[^1]..Math.Min(line.Length, s_ends[^1] + NumberWidth)].Trim();
        return new(
            Number(line, 0),
            (int)Number(line, 1),
            Number(line, 2),
            (int)Number(line, 3),
            number,
            line.Length > s_ends[^1] + NumberWidth + 2 ? line[(s_ends[^1] + NumberWidth + 2)..] : "");
    }

    private static double Number(string line, int column)
    {
        string text = line[(column == 0 ? 0 : s_ends[column - 1])..s_ends[column]].Trim(' ', '%');
        return text.Length == 0 ? 0 : double.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);
    }
}
