using System.Globalization;

namespace Viperf.Cli.Text;

/// <summary>Writes numbers as C's printf does, into a text without making strings, in perf's colours if asked for.</summary>
internal static class PercentText
{
    private const double RedFrom = 5.0;
    private const double GreenFrom = 0.5;

    /// <summary><c>%*.2f%%</c>.</summary>
    public static void WritePercent(this TextWriter output, double percent, int width, bool colors)
    {
        string color = !colors ? "" : percent >= RedFrom ? "\e[31m" : percent >= GreenFrom ? "\e[32m" : "";
        output.Write(color);
        Span<char> digits = stackalloc char[40];
        percent.TryFormat(digits, out int length, "F2", CultureInfo.InvariantCulture);
        output.WritePadding(width - length);
        output.Write(digits[..length]);
        output.Write('%');
        if (color.Length != 0)
        {
            output.Write("\e[m");
        }
    }

    /// <summary><c>%*lu</c>.</summary>
    public static void WriteNumber(this TextWriter output, ulong number, int width = 0)
    {
        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        output.WritePadding(width - length);
        output.Write(digits[..length]);
    }

    /// <summary>Writes so many spaces; none for a count below one.</summary>
    public static void WritePadding(this TextWriter output, int count)
    {
        const string Spaces = "                                                                ";
        for (; count > 0; count -= Spaces.Length)
        {
            output.Write(Spaces.AsSpan(0, Math.Min(count, Spaces.Length)));
        }
    }
}
