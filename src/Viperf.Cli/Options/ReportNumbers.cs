using System.Globalization;
using Viperf.Core;

namespace Viperf.Cli.Options;

/// <summary>Numbers that options of report take.</summary>
internal static class ReportNumbers
{
    /// <summary>A column wider than this is a mistake.</summary>
    private const int WidestColumn = 4096;

    /// <summary>The value of --percent-limit; null where it was not given.</summary>
    /// <exception cref="UserErrorException">It is no percentage.</exception>
    public static double? Percent(string? text) => text is null ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
            ? percent
            : throw new UserErrorException($"--percent-limit {text}: expected a percentage", OptionGrammar.UsageError);

    /// <summary>One of the widths that --column-widths takes.</summary>
    /// <exception cref="UserErrorException">It is no width.</exception>
    public static int Width(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int width)
        && width is > 0 and <= WidestColumn
            ? width
            : throw new UserErrorException($"--column-widths: '{text}' is not a width", OptionGrammar.UsageError);
}
