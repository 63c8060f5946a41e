using System.Globalization;
using System.Text;
using Spectre.Console;
using Viperf.Core.Sources;
using Viperf.Core.Views;

namespace Viperf.Cli.Text;

/// <summary>Prints source with what each of its lines costs.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="layout">How it is printed.</param>
internal sealed class AnnotateText(Utf8Output output, AnnotateLayout layout)
{
    /// <summary>Lines around one with samples that are shown with it.</summary>
    private const int Context = 2;

    /// <summary>Fewer lines in between are shown rather than counted.</summary>
    private const int LeastFolded = 3;

    /// <summary>Callers of a line at most, and the percentage of all samples from which on they are shown.</summary>
    private const int MostCallers = 8;
    private const double LeastCallerPercent = 0.5;

    private const int PercentWidth = 6;
    private const int SamplesWidth = 8;
    private const double HotPercent = 10;
    private const double WarmPercent = 1;

    /// <summary>Prints the heading and the lines.</summary>
    /// <param name="target">What is shown.</param>
    /// <param name="costs">What it costs.</param>
    /// <param name="eventName">The event that was counted.</param>
    /// <param name="source">The lines of its file; null where they are not to be had.</param>
    /// <param name="range">First and last line to show, where there is a source.</param>
    /// <param name="starts">Lines at which functions with samples begin.</param>
    public void Write(
        SourceTarget target, LineCosts costs, string eventName, IReadOnlyList<string>? source, (int First, int Last) range, IReadOnlySet<int> starts)
    {
        output.Add("# ").Add(target.Title).Add(Invariant(
            $": {Percent(costs.All.TotalPeriod, costs):F1}% of {costs.TotalSamples:N0} samples of {eventName}, {Percent(costs.All.SelfPeriod, costs):F1}% in its own lines"));
        EndLine();
        int numberWidth = Math.Max(4, Invariant($"{Math.Max(range.Last, costs.Lines.Count == 0 ? 0 : costs.Lines[^1].Line)}").Length);
        WriteRow([("self", PercentWidth), ("samples", SamplesWidth + 1), ("total", PercentWidth + 2), ("samples", SamplesWidth + 1), ("line", numberWidth + 2)]);
        var byLine = costs.Lines.ToDictionary(static line => line.Line);
        if (byLine.GetValueOrDefault(0) is { } without)
        {
            WriteLine(without, "", "(code without a line)", numberWidth, costs);
        }

        int next = range.First;
        foreach (int number in source is null ? byLine.Keys.Where(static line => line > 0).Order() : Shown(target, byLine, range, starts))
        {
            if (source is not null && number > next)
            {
                WriteFolded(number - next, numberWidth);
            }

            string text = source is not null && number <= source.Count ? SourceLines.Shown(source[number - 1]) : "";
            WriteLine(byLine.GetValueOrDefault(number), Invariant($"{number}"), text, numberWidth, costs);
            next = number + 1;
        }

        if (source is not null && next <= range.Last)
        {
            WriteFolded(range.Last - next + 1, numberWidth);
        }
    }

    /// <summary>Of a function all lines; of a file those with samples, and what is near.</summary>
    private static IEnumerable<int> Shown(
        SourceTarget target, Dictionary<int, LineCost> costs, (int First, int Last) range, IReadOnlySet<int> starts)
    {
        if (!target.IsWholeFile)
        {
            return Enumerable.Range(range.First, range.Last - range.First + 1);
        }

        var wanted = new SortedSet<int>(costs.Keys.Concat(starts).Where(static line => line > 0)
            .SelectMany(line => starts.Contains(line) && !costs.ContainsKey(line) ? [line] : Enumerable.Range(line - Context, 2 * Context + 1))
            .Where(line => line >= range.First && line <= range.Last));
        int next = range.First;
        foreach (int line in wanted.Append(range.Last + 1).ToList())
        {
            if (line - next < LeastFolded)
            {
                wanted.UnionWith(Enumerable.Range(next, Math.Max(0, line - next)));
            }

            next = line + 1;
        }

        return wanted;
    }

    private void WriteLine(LineCost? line, string number, string text, int numberWidth, LineCosts costs)
    {
        int used = WriteCost(line?.Cost, costs);
        output.Add(layout.Colors ? "\e[90m"u8 : ""u8).AddRight(number, numberWidth + 2).Add(layout.Colors ? "\e[m"u8 : ""u8);
        if (text.Length > 0)
        {
            bool isHot = layout.Colors && line is not null && Percent(line.Cost.SelfPeriod, costs) >= HotPercent;
            output.Add("  "u8).Add(isHot ? "\e[1m"u8 : ""u8).Add(Cut(text, layout.Width - used - numberWidth - 4)).Add(isHot ? "\e[m"u8 : ""u8);
        }

        EndLine();
        if (line is not null && layout.Instructions)
        {
            WriteInstructions(line, numberWidth, costs);
        }

        if (line is not null && layout.Callers)
        {
            WriteCallers(line, numberWidth, costs);
        }
    }

    private void WriteInstructions(LineCost line, int numberWidth, LineCosts costs)
    {
        bool hasSeveral = line.Instructions.Select(static instruction => instruction.Function).Distinct().Skip(1).Any();
        foreach (var instruction in line.Instructions.Where(static instruction => instruction.Function.IsPython))
        {
            int used = WriteCost(instruction.Cost, costs);
            string text = Invariant($"+{instruction.Offset}{(hasSeveral ? $" in {instruction.Function.Name}" : "")}");
            output.AddSpaces(numberWidth + 4).Add(Cut(text, layout.Width - used - numberWidth - 4));
            EndLine();
        }
    }

    private void WriteCallers(LineCost line, int numberWidth, LineCosts costs)
    {
        var callers = line.Callers.Where(caller => Percent(caller.Cost.TotalPeriod, costs) >= LeastCallerPercent).ToList();
        foreach (var caller in callers.Take(MostCallers))
        {
            int used = WriteCost(caller.Cost with { SelfPeriod = 0, SelfSamples = 0 }, costs); // the line's own is above
            string text = $"<- {caller.Name}{(caller.Place.Length == 0 ? "" : $" ({caller.Place})")}";
            output.AddSpaces(numberWidth + 4).Add(Cut(text, layout.Width - used - numberWidth - 4));
            EndLine();
        }

        if (callers.Count > MostCallers)
        {
            output.AddSpaces(2 * (PercentWidth + SamplesWidth) + numberWidth + 8)
                .Add(Invariant($"<- {callers.Count - MostCallers} more"));
            EndLine();
        }
    }

    private void WriteFolded(int lines, int numberWidth)
    {
        output.AddSpaces(2 * (PercentWidth + SamplesWidth) + 4).AddRight("…", numberWidth + 2)
            .Add(Invariant($"  {lines:N0} {(lines == 1 ? "line" : "lines")} without samples"));
        EndLine();
    }

    /// <summary>Prints the columns with numbers; blank where there is nothing.</summary>
    /// <returns>Columns taken.</returns>
    private int WriteCost(Cost? cost, LineCosts costs)
    {
        WriteNumbers(cost?.SelfPeriod ?? 0, cost?.SelfSamples ?? 0, PercentWidth, costs);
        WriteNumbers(cost?.TotalPeriod ?? 0, cost?.TotalSamples ?? 0, PercentWidth + 2, costs);
        return 2 * (PercentWidth + SamplesWidth) + 4;
    }

    private void WriteNumbers(ulong period, ulong samples, int width, LineCosts costs)
    {
        if (samples == 0)
        {
            output.AddSpaces(width + SamplesWidth + 1);
            return;
        }

        double percent = Percent(period, costs);
        var color = !layout.Colors ? ""u8 : percent >= HotPercent ? "\e[1;31m"u8 : percent >= WarmPercent ? "\e[33m"u8 : "\e[90m"u8;
        output.Add(color).AddRight(Invariant($"{percent:F1}%"), width).AddRight(Invariant($"{samples:N0}"), SamplesWidth + 1)
            .Add(color.IsEmpty ? ""u8 : "\e[m"u8);
    }

    private void WriteRow(ReadOnlySpan<(string Text, int Width)> cells)
    {
        output.Add(layout.Colors ? "\e[1m"u8 : ""u8);
        foreach (var (text, width) in cells)
        {
            output.AddRight(text, width);
        }

        output.Add(layout.Colors ? "\e[m"u8 : ""u8);
        EndLine();
    }

    private void EndLine()
    {
        output.Add("\n"u8);
        output.FlushIfLarge();
    }

    /// <summary>Cuts text to the columns that a terminal gives it.</summary>
    private static string Cut(string text, int width)
    {
        if (width >= text.Length * 2 || text.GetCellWidth() <= width)
        {
            return text;
        }

        var cut = new StringBuilder();
        int used = 1; // the ellipsis
        foreach (var rune in text.EnumerateRunes())
        {
            used += rune.ToString().GetCellWidth();
            if (used > width)
            {
                break;
            }

            cut.Append(rune.ToString());
        }

        return cut.Append('…').ToString();
    }

    private static double Percent(ulong period, LineCosts costs) =>
        costs.TotalPeriod == 0 ? 0 : 100.0 * period / costs.TotalPeriod;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
