using System.Text;

namespace Viperf.Core.Symbols.Demangling;

/// <summary>Identifiers that ASCII lacks characters for (RFC 3492), with Rust's underscore in place of the last hyphen.</summary>
internal static class Punycode
{
    private const int Base = 36;
    private const int TMin = 1;
    private const int TMax = 26;
    private const int Skew = 38;
    private const int Damp = 700;
    private const int InitialBias = 72;
    private const int InitialN = 128;

    /// <summary>Decodes an identifier; null if it is not well-formed.</summary>
    public static string? Decode(ReadOnlySpan<char> encoded)
    {
        int delimiter = encoded.LastIndexOf('_');
        List<Rune> runes = new(encoded.Length);
        foreach (char character in encoded[..Math.Max(delimiter, 0)])
        {
            if (!char.IsAscii(character))
            {
                return null;
            }

            runes.Add(new Rune(character));
        }

        var deltas = encoded[(delimiter + 1)..];
        int at = 0;
        long n = InitialN;
        long i = 0;
        int bias = InitialBias;
        while (at < deltas.Length)
        {
            long start = i;
            long weight = 1;
            for (int k = Base; ; k += Base)
            {
                int digit = at < deltas.Length ? DigitOf(deltas[at]) : -1;
                if (digit < 0 || weight > int.MaxValue)
                {
                    return null;
                }

                at++;
                i += digit * weight;
                int threshold = Math.Clamp(k - bias, TMin, TMax);
                if (digit < threshold)
                {
                    break;
                }

                weight *= Base - threshold;
            }

            int count = runes.Count + 1;
            bias = Adapt(i - start, count, start == 0);
            n += i / count;
            i %= count;
            if (n > int.MaxValue || !Rune.IsValid((int)n))
            {
                return null;
            }

            runes.Insert((int)i++, new Rune((int)n));
        }

        return runes.Count == 0 ? null : string.Concat(runes);
    }

    private static int DigitOf(char letter) => letter switch
    {
        >= 'a' and <= 'z' => letter - 'a',
        >= '0' and <= '9' => letter - '0' + 26,
        _ => -1,
    };

    private static int Adapt(long delta, int count, bool isFirst)
    {
        delta /= isFirst ? Damp : 2;
        delta += delta / count;
        int k = 0;
        while (delta > (Base - TMin) * TMax / 2)
        {
            delta /= Base - TMin;
            k += Base;
        }

        return (int)(k + ((Base - TMin + 1) * delta / (delta + Skew)));
    }
}
