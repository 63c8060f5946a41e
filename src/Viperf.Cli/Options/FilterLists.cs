using System.Globalization;
using Viperf.Core;

namespace Viperf.Cli.Options;

/// <summary>Reads the lists that filters take: <c>a,b,c</c> and <c>0,2-4</c>.</summary>
internal static class FilterLists
{
    /// <summary>A range of numbers wider than this is a mistake, not a filter.</summary>
    private const int WidestRange = 1 << 16;

    /// <summary>The names in a list; null, for no filter, where the option was not given.</summary>
    public static HashSet<string>? Names(string? list) => list == null
        ? null
        : new HashSet<string>(list.Split(',', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);

    /// <summary>The numbers in a list, ranges included; null, for no filter, where the option was not given.</summary>
    /// <exception cref="UserErrorException">Something in the list is not a number.</exception>
    public static HashSet<int>? Numbers(string? list, string option)
    {
        if (list == null)
        {
            return null;
        }

        var numbers = new HashSet<int>();
        foreach (string part in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int dash = part.IndexOf('-', 1);
            int first = Number(dash < 0 ? part : part[..dash], option);
            int last = dash < 0 ? first : Number(part[(dash + 1)..], option);
            if (last < first || last - first > WidestRange)
            {
                throw new UserErrorException($"{option}: '{part}' is not a range of numbers", 2);
            }

            for (int number = first; number <= last; number++)
            {
                numbers.Add(number);
            }
        }

        return numbers;
    }

    private static int Number(string text, string option) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new UserErrorException($"{option}: '{text}' is not a number", 2);
}
