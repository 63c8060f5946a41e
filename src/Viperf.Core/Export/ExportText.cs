using System.Text;

namespace Viperf.Core.Export;

/// <summary>Text from recordings, which may be anything, made such that every format can have it.</summary>
internal static class ExportText
{
    /// <summary>The text with U+FFFD in place of halves of surrogate pairs, which UTF-8 has no bytes for.</summary>
    public static string WellFormed(string text)
    {
        int at = FirstLoneSurrogate(text, 0);
        if (at < 0)
        {
            return text;
        }

        char[] mended = text.ToCharArray();
        for (; at >= 0; at = FirstLoneSurrogate(text, at + 1))
        {
            mended[at] = (char)Rune.ReplacementChar.Value;
        }

        return new string(mended);
    }

    /// <summary>The text with a space in place of each control character: without ends of lines in it.</summary>
    public static string OnOneLine(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f')
            && !text.AsSpan().ContainsAny('\u2028', '\u2029'))
        {
            return text;
        }

        return string.Create(text.Length, text, static (line, from) =>
        {
            for (int at = 0; at < line.Length; at++)
            {
                line[at] = char.IsControl(from[at]) || from[at] is '\u2028' or '\u2029' ? ' ' : from[at];
            }
        });
    }

    private static int FirstLoneSurrogate(string text, int from)
    {
        for (int at = from; at < text.Length; at++)
        {
            int surrogate = text.AsSpan(at).IndexOfAnyInRange('\ud800', '\udfff');
            if (surrogate < 0)
            {
                return -1;
            }

            at += surrogate;
            bool isPair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
            if (!isPair)
            {
                return at;
            }

            at++;
        }

        return -1;
    }
}
