using System.Globalization;

namespace Viperf.Cli.Text;

/// <summary>Percentages as perf writes them.</summary>
internal static class PercentText
{
    private const double RedFrom = 5.0;
    private const double GreenFrom = 0.5;

    /// <summary>
    /// Adds a percentage with two decimals, filled up with spaces on the left so that its number is
    /// <paramref name="width"/> wide; in perf's colours if asked for.
    /// </summary>
    public static void AddPercent(this Utf8Output output, double percent, int width, bool colors)
    {
        var color = !colors ? ""u8 : percent >= RedFrom ? "\e[31m"u8 : percent >= GreenFrom ? "\e[32m"u8 : ""u8;
        Span<byte> digits = stackalloc byte[32];
        percent.TryFormat(digits, out int length, "F2", CultureInfo.InvariantCulture);
        output.Add(color).AddSpaces(width - length).Add(digits[..length]).Add("%"u8);
        if (color.Length != 0)
        {
            output.Add("\e[m"u8);
        }
    }
}
