using System.Globalization;
using System.Text;

namespace Viperf.Core;

/// <summary>Text from recordings and files as it may be shown.</summary>
public static class HarmlessText
{
    /// <summary>
    /// True if a character could command a terminal, or make text look other than it is: control characters, those that end lines
    /// and those that change the direction of text. The joiners of scripts and of emoji are of the same category, and harmless.
    /// </summary>
    public static bool IsHarmful(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => rune.Value is not ('\u200c' or '\u200d'),
        _ => false,
    };

    /// <summary>
    /// A text of one line, in which a question mark stands for each harmful character, and U+FFFD for halves of surrogate pairs.
    /// </summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = IsHarmful(rune) ? shown.Append('?') : shown.Append(rune);
        }

        return shown.ToString();
    }
}
