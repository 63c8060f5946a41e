using Spectre.Console;
using Label = Spectre.Console.Text;

namespace Viperf.Cli.Text;

/// <summary>Prints what <c>viperf doctor</c> found: a mark, the finding, and below it its meaning and what to type.</summary>
/// <param name="console">Where it goes.</param>
internal sealed class DoctorText(IAnsiConsole console)
{
    /// <summary>Columns before the subject: a mark and the gaps beside it.</summary>
    private const int MarkWidth = 7;

    /// <summary>Columns of the subjects; the longest is "frame pointers".</summary>
    private const int SubjectWidth = 17;

    /// <summary>Columns before what is to be typed: fewer, so that a command keeps to one line.</summary>
    private const int RemedyIndent = MarkWidth + 2;

    /// <summary>Opens the standard output; colours only if it is a terminal.</summary>
    public static DoctorText ToStandardOutput() =>
        new(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) }));

    private TextWriter Writer => console.Profile.Out.Writer;

    /// <summary>Prints the findings about one thing.</summary>
    public void WriteSection(string title, IEnumerable<Finding> findings)
    {
        Writer.WriteLine(Printable(title));
        foreach (var finding in findings)
        {
            WriteFinding(finding);
        }

        Writer.WriteLine();
    }

    /// <summary>Prints what all of it comes to.</summary>
    public void WriteVerdict(Verdict verdict, string text)
    {
        WriteMark(verdict);
        Paragraph.Write(Printable(text), Writer, MarkWidth);
    }

    private void WriteFinding(Finding finding)
    {
        const int indent = MarkWidth + SubjectWidth;
        WriteMark(finding.Verdict);
        Writer.Write(finding.Subject.PadRight(SubjectWidth));
        Paragraph.Write(Printable(finding.Fact), Writer, indent);
        if (finding.Meaning.Length > 0)
        {
            Writer.Write(new string(' ', indent));
            Paragraph.Write(Printable(finding.Meaning), Writer, indent);
        }

        foreach (string remedy in finding.Remedies)
        {
            // Never wrapped: it is there to be copied.
            Writer.WriteLine($"{new string(' ', RemedyIndent)}$ {Printable(remedy)}");
        }
    }

    private void WriteMark(Verdict verdict)
    {
        var (mark, colour) = verdict switch
        {
            Verdict.Good => ("ok", Color.Green),
            Verdict.Limited => ("note", Color.Yellow),
            Verdict.Bad => ("BAD", Color.Red),
            _ => ("?", Color.Blue),
        };
        Writer.Write(' ');
        console.Write(new Label(mark, new Style(colour)));
        Writer.Write(new string(' ', MarkWidth - 1 - mark.Length));
    }

    /// <summary>Paths and messages come from elsewhere: what could command a terminal becomes a question mark.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
