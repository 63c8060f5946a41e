namespace Viperf.Cli.Text;

/// <summary>Words in lines that fit the terminal.</summary>
internal static class Paragraph
{
    /// <summary>Columns of lines that go to no terminal, and the most in one.</summary>
    private const int LineWidth = 110;

    /// <summary>Columns that a terminal has at least.</summary>
    private const int NarrowestLine = 60;

    /// <summary>Writes words, wrapped at the terminal's width, behind <paramref name="indent"/> columns in use.</summary>
    public static void Write(string text, TextWriter output, int indent = 0)
    {
        int limit = Console.IsOutputRedirected ? LineWidth : Math.Clamp(Console.WindowWidth - 1, NarrowestLine, LineWidth);
        int column = indent;
        foreach (string word in text.Split(' '))
        {
            if (column > indent && column + 1 + word.Length > limit)
            {
                output.Write($"\n{new string(' ', indent)}");
                column = indent;
            }

            output.Write(column == indent ? word : $" {word}");
            column += word.Length + (column == indent ? 0 : 1);
        }

        output.WriteLine();
    }
}
