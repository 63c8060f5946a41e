using System.Text;
using System.Text.RegularExpressions;

namespace Viperf.Core.Sources;

/// <summary>The encoding that a Python source declares in one of its first two lines (PEP 263).</summary>
internal static partial class SourceEncoding
{
    /// <summary>Lines that may declare it.</summary>
    private const int Lines = 2;

    /// <summary>A line that declares it is not longer.</summary>
    private const int MostLineBytes = 512;

    /// <summary>The encoding; of one that is not known Latin-1, in which every byte is some character.</summary>
    /// <param name="source">The source, behind a byte order mark.</param>
    public static Encoding Declared(ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < Lines; i++)
        {
            int end = source.IndexOfAny((byte)'\n', (byte)'\r');
            var line = end < 0 ? source : source[..end];
            string text = Encoding.Latin1.GetString(line[..Math.Min(line.Length, MostLineBytes)]);
            if (Declaration().Match(text) is { Success: true } match)
            {
                return Named(match.Groups[1].Value);
            }

            if (end < 0 || !EmptyOrComment().IsMatch(text))
            {
                break;
            }

            source = source[(end + (source[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
        }

        return Encoding.UTF8;
    }

    private static Encoding Named(string name)
    {
        string plain = name.ToLowerInvariant().Replace('_', '-');
        return plain switch
        {
            "utf-8" or "utf8" or "u8" or "utf-8-sig" or "ascii" or "us-ascii" => Encoding.UTF8,
            "latin-1" or "latin1" or "l1" or "iso-8859-1" or "iso8859-1" => Encoding.Latin1,
            _ => CodePagesEncodingProvider.Instance.GetEncoding(
                plain.StartsWith("cp125", StringComparison.Ordinal) ? $"windows-{plain[2..]}" : plain) ?? Encoding.Latin1,
        };
    }

    [GeneratedRegex(@"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^[ \t\f]*(?:#|$)", RegexOptions.CultureInvariant)]
    private static partial Regex EmptyOrComment();
}
