using System.Globalization;

namespace Viperf.Core.Recording;

/// <summary>The clocks that <c>-k/--clockid</c> can put on the time stamps (<c>clock_gettime(2)</c>).</summary>
public static class ClockNames
{
    private static readonly (string Name, int Id)[] Clocks =
    [
        ("monotonic", 1), ("mono", 1), ("monotonic_raw", 4), ("raw", 4),
        ("realtime", 0), ("real", 0), ("boottime", 7), ("boot", 7), ("tai", 11),
    ];

    /// <summary>Reads a clock's name, with or without <c>CLOCK_</c>, or its number.</summary>
    /// <exception cref="UserErrorException">There is no such clock.</exception>
    public static int Parse(string text)
    {
        string name = text.ToLowerInvariant();
        if (name.StartsWith("clock_", StringComparison.Ordinal))
        {
            name = name["clock_".Length..];
        }

        foreach (var (known, id) in Clocks)
        {
            if (name == known)
            {
                return id;
            }
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new UserErrorException(
                $"clock '{text}' is not known: monotonic, monotonic_raw, realtime, boottime, tai or a number", 2);
    }

    /// <summary>The long name of a clock, or its number.</summary>
    public static string NameOf(int id)
    {
        foreach (var (known, number) in Clocks)
        {
            if (number == id)
            {
                return known;
            }
        }

        return id.ToString(CultureInfo.InvariantCulture);
    }
}
