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

    /// <summary>How many threads it shows.</summary>
    private const int MostThreads = 10;

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

    /// <summary>Prints how threads spent their time.</summary>
    /// <param name="duration">The program's running time.</param>
    /// <param name="functions">What was measured; periods in nanoseconds.</param>
    /// <param name="waits">The same by threads.</param>
    /// <param name="isGil">True if only time with the GIL, or in wait for it, was measured.</param>
    /// <param name="lost">Samples that the kernel had no room for.</param>
    public void WriteWaits(TimeSpan duration, HotFunctions functions, WaitTimes waits, bool isGil, ulong lost)
    {
        ulong waited = waits[WaitKind.Gil];
        string split = isGil
            ? $"the GIL was held for {Seconds(waits[WaitKind.None] + waits[WaitKind.Blocked])}, threads waited {Seconds(waited)} for it, "
                + $"and {Seconds(waits[WaitKind.Cpu])} for a CPU with it or for it"
            : $"{Seconds(functions.Total)} of threads' time: {Seconds(waits[WaitKind.None])} running, {Seconds(waits[WaitKind.Blocked])} blocked, "
                + $"{Seconds(waited)} waiting for the GIL, {Seconds(waits[WaitKind.Cpu])} for a CPU";
        WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nviperf run: {duration.TotalSeconds:F2} s, {split}; {functions.Samples:N0} samples, {lost:N0} lost"));
        WriteThreads(waits, isGil);
    }

    private void WriteThreads(WaitTimes waits, bool isGil)
    {
        var table = new Grid();
        string[] titles = isGil ? ["held", "GIL wait", "CPU wait"] : ["running", "blocked", "GIL wait", "CPU wait"];
        table.AddColumns([.. titles.Select(_ => Right), Left]);
        table.AddRow([.. titles.Append("thread").Select(Title)]);
        foreach (var thread in waits.Threads.Take(MostThreads))
        {
            ulong gil = thread.Times[(int)WaitKind.Gil];
            ulong cpu = thread.Times[(int)WaitKind.Cpu];
            ulong[] times = isGil
                ? [thread.Total - gil - cpu, gil, cpu]
                : [thread.Times[(int)WaitKind.None], thread.Times[(int)WaitKind.Blocked], gil, cpu];
            table.AddRow([
                .. times.Select(time => new Label(Seconds(time))),
                new Label(Clean(string.Create(CultureInfo.InvariantCulture, $"{thread.Name} {thread.Tid}"))),
            ]);
        }

        console.Write(table);
        if (waits.Threads.Count > MostThreads)
        {
            WriteLine($"and {waits.Threads.Count - MostThreads} more threads");
        }

        WriteLine("");
    }

    /// <summary>Prints how many samples show no Python function, and why.</summary>
    public void WriteHidden(HotFunctions functions, string reason) => WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{functions.SamplesWithout:N0} of {functions.Samples:N0} samples show no Python function: {reason}"));

    /// <summary>Prints the hottest functions, those with most time of their own first.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="waitTitle">Title of the column with the part of functions' own time in which they waited; null for none.</param>
    public void WriteFunctions(HotFunctions functions, string? waitTitle = null)
    {
        string[] titles = waitTitle is null ? s_titles : [.. s_titles, waitTitle];
        var shown = functions.Functions.Take(MostFunctions).ToList();
        var rows = shown.Select(function => new[]
        {
            Seconds(function.Self),
            Percent(function.Self, functions.Total),
            Seconds(function.Total),
            Percent(function.Total, functions.Total),
        }.Concat(waitTitle is null ? [] : [Seconds(function.Waited)]).ToArray()).ToList();
        bool hasLines = shown.Exists(static function => function.HottestLine.Line > 0);
        string[] lines = [.. shown.Select(function => hasLines ? LineText(function, functions.Total) : "")];
        int lineWidth = hasLines ? Math.Max(LineTitle.Length, lines.Max(static line => line.Length)) + Gap : 0;
        int[] widths = [.. titles.Select((title, i) => rows.Select(row => row[i].Length).Append(title.Length).Max() + Gap)];
        var (nameWidth, fileWidth) = Share(
            console.Profile.Width - widths.Sum() - lineWidth - 2 * Gap,
            shown.Max(function => function.Name.Length),
            shown.Max(function => function.File.Length));

        var table = new Grid();
        table.AddColumns([.. titles.Select(_ => Right), Left, Left, .. hasLines ? [Right] : Array.Empty<GridColumn>()]);
        table.AddRow([.. titles.Append("function").Append("file").Concat(hasLines ? [LineTitle] : []).Select(Title)]);
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

    /// <summary>Prints where the page is.</summary>
    /// <param name="path">As it was named.</param>
    /// <param name="file">Its address.</param>
    public void WritePage(string path, Uri file) => console.Profile.Out.Writer.WriteLine(
        $"Its page for the browser is {TerminalLink.Of(Clean(path), file, !Console.IsErrorRedirected)}");

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
