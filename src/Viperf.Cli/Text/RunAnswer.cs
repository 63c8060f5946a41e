using System.Globalization;
using Spectre.Console;
using Viperf.Core.Views;
using Label = Spectre.Console.Text;

namespace Viperf.Cli.Text;

/// <summary>The short answer that <c>viperf run</c> prints below what the program wrote.</summary>
/// <param name="console">Where it goes.</param>
internal sealed class RunAnswer(IAnsiConsole console)
{
    /// <summary>How many functions it shows.</summary>
    public const int MostFunctions = 10;

    /// <summary>Columns between two columns of the table.</summary>
    private const int Gap = 2;

    /// <summary>Names and files are not cut shorter than this, however narrow the terminal.</summary>
    private const int LeastWidth = 8;

    /// <summary>Title of the column with each function's hottest line, which is there where lines are known.</summary>
    private const string LineTitle = "hottest line";

    /// <summary>Titles of the columns with numbers.</summary>
    private static readonly string[] s_titles = ["self", "", "total", ""];

    /// <summary>Opens the standard error; colours only if it is a terminal.</summary>
    public static RunAnswer ToStandardError()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected)
        {
            // A file has no width: no name is to be cut.
            console.Profile.Width = 1000;
        }

        return new(console);
    }

    /// <summary>Prints how much was measured.</summary>
    /// <param name="duration">The program's running time.</param>
    /// <param name="functions">What was measured; periods in nanoseconds.</param>
    /// <param name="lost">Samples that the kernel had no room for.</param>
    public void WriteTotals(TimeSpan duration, HotFunctions functions, ulong lost) => WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"\nviperf run: {duration.TotalSeconds:F2} s, {functions.Total / 1e9:F2} s of CPU time; {functions.Samples:N0} samples, {lost:N0} lost"));

    /// <summary>Prints how many samples show no Python function, and why.</summary>
    public void WriteHidden(HotFunctions functions, string reason) => WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{functions.SamplesWithout:N0} of {functions.Samples:N0} samples show no Python function: {reason}"));

    /// <summary>Prints the hottest functions, those with most time of their own first.</summary>
    public void WriteFunctions(HotFunctions functions)
    {
        var shown = functions.Functions.Take(MostFunctions).ToList();
        var rows = shown.Select(function => new[]
        {
            Seconds(function.Self),
            Percent(function.Self, functions.Total),
            Seconds(function.Total),
            Percent(function.Total, functions.Total),
        }).ToList();
        bool hasLines = shown.Exists(static function => function.HottestLine.Line > 0);
        string[] lines = [.. shown.Select(function => hasLines ? LineText(function, functions.Total) : "")];
        int lineWidth = hasLines ? Math.Max(LineTitle.Length, lines.Max(static line => line.Length)) + Gap : 0;
        int[] widths = [.. s_titles.Select((title, i) => rows.Select(row => row[i].Length).Append(title.Length).Max() + Gap)];
        var (nameWidth, fileWidth) = Share(
            console.Profile.Width - widths.Sum() - lineWidth - 2 * Gap,
            shown.Max(function => function.Name.Length),
            shown.Max(function => function.File.Length));

        var table = new Grid();
        table.AddColumns([Right, Right, Right, Right, Left, Left, .. hasLines ? [Right] : Array.Empty<GridColumn>()]);
        table.AddRow([.. s_titles.Append("function").Append("file").Concat(hasLines ? [LineTitle] : []).Select(Title)]);
        foreach (var (function, numbers, line) in shown.Zip(rows, lines))
        {
            table.AddRow([
                .. numbers.Select(number => new Label(number)),
                new Label(CutEnd(Clean(function.Name), nameWidth), new Style(Color.Green)),
                new Label(CutStart(Clean(function.File), fileWidth), new Style(Color.Grey)),
                .. hasLines ? [new Label(line)] : Array.Empty<Label>(),
            ]);
        }

        console.Write(table);
        if (functions.Functions.Count > MostFunctions)
        {
            WriteLine($"and {functions.Functions.Count - MostFunctions} more functions");
        }
    }

    /// <summary>Prints one line as it is, for the terminal to wrap: a command in it can then be copied.</summary>
    public void WriteLine(string line) => console.Profile.Out.Writer.WriteLine(Clean(line));

    private static GridColumn Left => new() { Padding = new(left: Gap, top: 0, right: 0, bottom: 0), NoWrap = true };

    private static GridColumn Right => Left.Alignment(Justify.Right);

    private static Label Title(string text) => new(text, new Style(decoration: Decoration.Bold));

    private static string LineText(HotFunction function, ulong total) => function.HottestLine.Line == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture, $"{function.HottestLine.Line}  {Percent(function.HottestLine.Self, total),6}");

    private static string Seconds(ulong nanoseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:F2} s");

    private static string Percent(ulong part, ulong whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{(whole == 0 ? 0 : 100.0 * part / whole):F1}%");

    /// <summary>Divides the room for names and files: each as much as it needs, or half if both need more.</summary>
    private static (int Name, int File) Share(int room, int name, int file)
    {
        room = Math.Max(room, 2 * LeastWidth);
        if (name + file <= room)
        {
            return (name, file);
        }

        name = Math.Min(name, Math.Max(room / 2, room - file));
        return (name, room - name);
    }

    private static string CutEnd(string text, int width) => text.Length <= width ? text : $"{text[..(width - 1)]}…";

    /// <summary>Of a path the end says most.</summary>
    private static string CutStart(string text, int width) => text.Length <= width ? text : $"…{text[^(width - 1)..]}";

    /// <summary>Names come from the profiled program: what could command a terminal becomes a question mark.</summary>
    private static string Clean(string text) => string.Create(text.Length, text, static (chars, source) =>
    {
        for (int i = 0; i < chars.Length; i++)
        {
            chars[i] = char.IsControl(source[i]) && source[i] != '\n' ? '?' : source[i];
        }
    });
}
