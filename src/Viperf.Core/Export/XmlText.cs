using System.Globalization;
using System.Text;

namespace Viperf.Core.Export;

/// <summary>Text from outside as text of an XML file, whatever it has in it.</summary>
internal static class XmlText
{
    private const char Replacement = '\uFFFD';

    /// <summary>
    /// The text with markup escaped. Control characters, which XML does not allow, become the pictures that Unicode has for them,
    /// line ends too; what is no character at all becomes the one that stands for such.
    /// </summary>
    public static string Escape(ReadOnlySpan<char> text)
    {
        var escaped = new StringBuilder(text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            char letter = text[at];
            switch (letter)
            {
                case '<':
                    escaped.Append("&lt;");
                    break;
                case '>':
                    escaped.Append("&gt;");
                    break;
                case '&':
                    escaped.Append("&amp;");
                    break;
                case '"':
                    escaped.Append("&quot;");
                    break;
                case '\'':
                    escaped.Append("&#39;");
                    break;
                case < ' ':
                    escaped.Append((char)('\u2400' + letter));
                    break;
                case '\u007F':
                    escaped.Append('\u2421');
                    break;
                case (> '\u007F' and < '\u00A0') or '\u2028' or '\u2029' or '\uFFFE' or '\uFFFF':
                    escaped.Append(Replacement);
                    break;
                case var _ when char.IsHighSurrogate(letter) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]):
                    escaped.Append(letter).Append(text[++at]);
                    break;
                case var _ when char.IsSurrogate(letter):
                    escaped.Append(Replacement);
                    break;
                default:
                    escaped.Append(letter);
                    break;
            }
        }

        return escaped.ToString();
    }

    /// <summary>The beginning of a text that is longer than so many characters, with an ellipsis; no pair is cut through.</summary>
    public static string Shorten(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        int length = most - 1;
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)}…");
    }
}
