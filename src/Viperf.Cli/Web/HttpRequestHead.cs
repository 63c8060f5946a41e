using System.Text;

namespace Viperf.Cli.Web;

/// <summary>A request's first line and headers.</summary>
/// <param name="Method">GET and so on.</param>
/// <param name="Target">The path, as it was sent.</param>
/// <param name="Headers">By name, whose case does not matter.</param>
internal sealed record HttpRequestHead(string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Bytes at most; browsers send one or two thousand.</summary>
    public const int MostBytes = 16 * 1024;

    /// <summary>What stands behind the last header.</summary>
    public static ReadOnlySpan<byte> End => "\r\n\r\n"u8;

    /// <summary>A header's value; null if it is not there.</summary>
    public string? this[string name] => Headers.GetValueOrDefault(name);

    /// <summary>Takes a head apart; null if it is none, or one of which two readers could think differently.</summary>
    /// <param name="bytes">Its bytes up to <see cref="End"/>, which is not part of them.</param>
    public static HttpRequestHead? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !IsText(bytes))
        {
            return null;
        }

        string[] lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        if (lines[0].Split(' ') is not [{ Length: > 0 } method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"])
        {
            return null;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).ContainsAny(" \t") || line.AsSpan().ContainsAny("\r\n"))
            {
                return null;
            }

            string name = line[..colon];
            string value = line[(colon + 1)..].Trim(' ', '\t');
            if (!headers.TryAdd(name, value))
            {
                if (name.Equals("Host", StringComparison.OrdinalIgnoreCase) || name.Equals("Origin", StringComparison.OrdinalIgnoreCase))
                {
                    return null;
                }

                headers[name] += ", " + value;
            }
        }

        return new(method, target, headers);
    }

    /// <summary>Of control characters there may be line ends and tabulators.</summary>
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b is < (byte)' ' and not ((byte)'\r' or (byte)'\n' or (byte)'\t') or 0x7f)
            {
                return false;
            }
        }

        return true;
    }
}
