namespace Viperf.Cli.Text;

/// <summary>Bitmaps as Linux writes them: <c>0-23,32-199</c>.</summary>
internal static class BitRanges
{
    private const int BitsPerWord = 64;

    /// <summary>The numbers of the set bits of <paramref name="words"/>, lowest first, as ranges.</summary>
    public static string Text(IReadOnlyList<ulong> words)
    {
        var ranges = new List<string>();
        int count = words.Count * BitsPerWord;
        for (int bit = 0; bit < count; bit++)
        {
            if (!IsSet(words, bit))
            {
                continue;
            }

            int first = bit;
            while (bit + 1 < count && IsSet(words, bit + 1))
            {
                bit++;
            }

            ranges.Add(first == bit ? $"{first}" : $"{first}-{bit}");
        }

        return string.Join(',', ranges);
    }

    private static bool IsSet(IReadOnlyList<ulong> words, int bit) => (words[bit / BitsPerWord] >> (bit % BitsPerWord) & 1) != 0;
}
