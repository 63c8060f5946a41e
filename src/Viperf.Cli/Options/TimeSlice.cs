using System.Globalization;
using Viperf.Core;

namespace Viperf.Cli.Options;

/// <summary>
/// Reads <c>--time</c>: <c>START,STOP</c> in seconds of the recording's clock, either of them empty, as perf prints times
/// (<c>141.723627,141.8</c>); or a part of the recording: <c>10%-20%</c>, or <c>10%/2</c> for its second tenth.
/// </summary>
internal static class TimeSlice
{
    private const ulong Second = 1_000_000_000;

    /// <summary>The first and last nanosecond that the option lets through; everything where it was not given.</summary>
    /// <param name="text">The option's value, or null.</param>
    /// <param name="recording">Times of the recording's first and last sample; parts are reckoned from them.</param>
    /// <exception cref="UserErrorException">No time slice, or a part of a recording without times.</exception>
    public static (ulong From, ulong To) Parse(string? text, (ulong First, ulong Last)? recording = null)
    {
        if (text == null)
        {
            return (0, ulong.MaxValue);
        }

        if (text.Contains('%', StringComparison.Ordinal))
        {
            return Part(text, recording ?? throw new UserErrorException(
                $"--time {text}: the recording does not say when it began and ended; give times in seconds"));
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

    private static (ulong From, ulong To) Part(string text, (ulong First, ulong Last) recording)
    {
        double? from = null;
        double? to = null;
        if (text.Split('/') is [var size, var number])
        {
            int? n = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : null;
            to = Percent(size) * n;
            from = to - Percent(size);
        }
        else if (text.Split('-') is [var start, var stop])
        {
            (from, to) = (Percent(start), Percent(stop));
        }

        if (from >= 0 && to > from && to <= 100 && recording.Last >= recording.First)
        {
            double length = recording.Last - recording.First;
            return (
                recording.First + (ulong)(length * from.Value / 100),
                recording.First + (ulong)(length * to.Value / 100));
        }

        throw new UserErrorException(
            $"--time {text}: expected a part such as 10%-20%, or 10%/2 for the second tenth", OptionGrammar.UsageError);
    }

    private static double? Percent(string text) =>
        text.EndsWith('%') && double.TryParse(
            text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
            ? percent
            : null;

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
