using System.Globalization;
using System.Text;

namespace Viperf.Core.Sources;

/// <summary>Lines of source as they may be shown.</summary>
public static class SourceLines
{
    /// <summary>Columns between two stops of the tabulator, as CPython has them.</summary>
    private const int TabStop = 8;

    /// <summary>
    /// A line whose tabulators are spaces, and in which a question mark stands for everything that could command a terminal or
    /// make text look other than it is: control characters, and those that change the direction of text.
    /// </summary>
    public static string Shown(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (!line.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return line.TrimEnd();
        }

        var shown = new StringBuilder(line.Length);
        foreach (char c in line.AsSpan().TrimEnd())
        {
            if (c == '\t')
            {
                shown.Append(' ', TabStop - shown.Length % TabStop);
            }
            else
            {
                shown.Append(IsHarmless(c) ? c : c == '\f' ? ' ' : '?');
            }
        }

        return shown.ToString();
    }

    // The joiners of scripts and of emoji are of the same category, and harmless.
    private static bool IsHarmless(char c) => CharUnicodeInfo.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Format => c is '\u200c' or '\u200d',
        _ => true,
    };
}
