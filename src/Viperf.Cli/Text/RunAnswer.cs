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
    public void WriteTotals(TimeSpan duration, PythonFunctions functions, ulong lost) => WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"\nviperf run: {duration.TotalSeconds:F2} s, {functions.Total / 1e9:F2} s of CPU time; {functions.Samples:N0} samples, {lost:N0} lost"));

    /// <summary>Prints how many samples show no Python function, and why.</summary>
    public void WriteHidden(PythonFunctions functions, string reason) => WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{functions.SamplesWithoutPython:N0} of {functions.Samples:N0} samples show no Python function: {reason}"));

    /// <summary>Prints the hottest functions, those with most time of their own first.</summary>
    public void WriteFunctions(PythonFunctions functions)
    {
        var table = new Grid();
        table.AddColumns(Right, Right, Right, Right, Left, Left);
        table.AddRow(Title("self"), Title(""), Title("total"), Title(""), Title("function"), Title("file"));
        foreach (var function in functions.Functions.Take(MostFunctions))
        {
            table.AddRow(
                Seconds(function.Self),
                Percent(function.Self, functions.Total),
                Seconds(function.Total),
                Percent(function.Total, functions.Total),
                new Label(Clean(function.Name), new Style(Color.Green)),
                new Label(Clean(ShortPath(function.File)), new Style(Color.Grey)));
        }

        console.Write(table);
        if (functions.Functions.Count > MostFunctions)
        {
            WriteLine($"and {functions.Functions.Count - MostFunctions} more functions");
        }
    }

    /// <summary>Prints one line as it is.</summary>
    public void WriteLine(string line) => console.Write(new Label(Clean(line) + "\n"));

    private static GridColumn Left => new() { Padding = new(left: 2, top: 0, right: 0, bottom: 0) };

    private static GridColumn Right => new() { Padding = Left.Padding, Alignment = Justify.Right, NoWrap = true };

    private static Label Title(string text) => new(text, new Style(decoration: Decoration.Bold));

    private static Label Seconds(ulong nanoseconds) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:F2} s"));

    private static Label Percent(ulong part, ulong whole) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{(whole == 0 ? 0 : 100.0 * part / whole):F1}%"));

    /// <summary>A path below the working directory without that directory: shorter, and as a user would type it.</summary>
    private static string ShortPath(string path)
    {
        string here = Environment.CurrentDirectory + "/";
        return path.StartsWith(here, StringComparison.Ordinal) ? path[here.Length..] : path;
    }

    /// <summary>Names come from the profiled program: what could command a terminal becomes a question mark.</summary>
    private static string Clean(string text) => string.Create(text.Length, text, static (chars, source) =>
    {
        for (int i = 0; i < chars.Length; i++)
        {
            chars[i] = char.IsControl(source[i]) && source[i] != '\n' ? '?' : source[i];
        }
    });
}
