using System.Globalization;
using Viperf.Core;

namespace Viperf.Cli.Options;

/// <summary>
/// Reads <c>--time</c>: <c>START,STOP</c> in seconds of the recording's clock, either of them empty, as perf prints times
/// (<c>141.723627,141.8</c>).
/// </summary>
internal static class TimeSlice
{
    private const ulong Second = 1_000_000_000;

    /// <summary>The first and last nanosecond that the option lets through; everything where it was not given.</summary>
    /// <exception cref="UserErrorException">The text is not a time slice.</exception>
    public static (ulong From, ulong To) Parse(string? text)
    {
        if (text == null)
        {
            return (0, ulong.MaxValue);
        }

        int comma = text.IndexOf(',', StringComparison.Ordinal);
        string start = comma < 0 ? text : text[..comma];
        string stop = comma < 0 ? "" : text[(comma + 1)..];
        var slice = (
            start.Length == 0 ? 0 : Nanoseconds(start, text),
            stop.Length == 0 ? ulong.MaxValue : Nanoseconds(stop, text));
        return slice.Item1 <= slice.Item2
            ? slice
            : throw new UserErrorException($"--time {text}: the slice ends before it starts", 2);
    }

    private static ulong Nanoseconds(string seconds, string all)
    {
        int point = seconds.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? seconds : seconds[..point];
        string fraction = point < 0 ? "" : seconds[(point + 1)..];
        const NumberStyles Digits = NumberStyles.None;
        if (ulong.TryParse(whole, Digits, CultureInfo.InvariantCulture, out ulong full)
            && full <= ulong.MaxValue / Second - 1
            && fraction.Length <= 9
            && ulong.TryParse(fraction.PadRight(9, '0'), Digits, CultureInfo.InvariantCulture, out ulong rest))
        {
            return full * Second + rest;
        }

        throw new UserErrorException($"--time {all}: expected START,STOP in seconds, such as 141.7,142.25", 2);
    }
}
