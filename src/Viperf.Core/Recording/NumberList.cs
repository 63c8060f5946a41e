using System.Globalization;

namespace Viperf.Core.Recording;

/// <summary>Lists of numbers as perf's options and the kernel's CPU lists write them: <c>0-2,5</c>.</summary>
public static class NumberList
{
    private const int Longest = 1 << 16;

    /// <summary>Reads a list; it comes back sorted and without duplicates.</summary>
    /// <param name="text">Numbers and ranges with commas between them.</param>
    /// <param name="what">What the message calls it.</param>
    /// <exception cref="UserErrorException">It is not such a list.</exception>
    public static IReadOnlyList<int> Parse(string text, string what)
    {
        var numbers = new SortedSet<int>();
        foreach (string part in text.Trim().Split(','))
        {
            int hyphen = part.IndexOf('-', StringComparison.Ordinal);
            if (!TryNumber(hyphen < 0 ? part : part[..hyphen], out int first)
                || !TryNumber(hyphen < 0 ? part : part[(hyphen + 1)..], out int last)
                || last < first || last - first >= Longest)
            {
                throw new UserErrorException($"'{text}' is no list of {what}: give numbers with commas between them", 2);
            }

            for (int number = first; number <= last; number++)
            {
                numbers.Add(number);
            }
        }

        return [.. numbers];
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
