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
        foreach (var rune in line.AsSpan().TrimEnd().EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\t' => shown.Append(' ', TabStop - shown.Length % TabStop),
                '\f' => shown.Append(' '),
                _ => HarmlessText.IsHarmful(rune) ? shown.Append('?') : shown.Append(rune),
            };
        }

        return shown.ToString();
    }
}
