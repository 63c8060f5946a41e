using System.Globalization;
using Viperf.Abi;

namespace Viperf.Core.Pipeline;

/// <summary>Says how many samples have no Python functions, or not all of theirs, and why.</summary>
internal static class CaptureLosses
{
    /// <summary>One in so many says nothing against a profile.</summary>
    private const ulong Few = 1000;

    /// <summary>One line for people; null if there is nothing to say.</summary>
    /// <param name="capture">What was captured.</param>
    /// <param name="few">True to tell of few, too.</param>
    public static string? Say(PythonCapture capture, bool few)
    {
        var all = new List<string>();
        ulong sum = 0;
        sum += Add(all, capture.CountOf(SignalMatch.Blocked), "whose thread blocked the signal that asks for them (SIGTRAP)");
        sum += Add(all, capture.CountOf(SignalMatch.Dropped), "that came faster than they could be written down");
        sum += Add(all, capture.CountOf(SignalMatch.Late), "whose thread slept in a system call ever since");
        sum += Add(all, capture.CountOf(SignalMatch.Ended), "whose thread ended, or ran another program, before it was asked");
        sum += Add(all, Sum(capture, CaptureLoss.BadFrame), "in the middle of a call or a return");
        sum += Add(all, Sum(capture, CaptureLoss.TooDeep), "that are more than 4,096 functions deep");
        ulong unnamed = Sum(capture, CaptureLoss.BadCode) + capture.Processes.Aggregate(0UL, (sum, stacks) => sum + stacks.Unknown);
        sum += Add(all, unnamed, "with code that is not laid out as in CPython's releases");
        sum += Add(all, Sum(capture, CaptureLoss.TooMuchCode), "in more functions than are remembered (65,536)");
        string samples = capture.Samples.ToString("N0", CultureInfo.InvariantCulture);
        return all.Count == 0 || (!few && sum * Few < capture.Samples) ? null
            : $"of {samples} samples some have no Python functions, or not all of theirs: {string.Join("; ", all)}";
    }

    private static ulong Add(List<string> all, ulong count, string reason)
    {
        if (count > 0)
        {
            all.Add($"{count.ToString("N0", CultureInfo.InvariantCulture)} {reason}");
        }

        return count;
    }

    private static ulong Sum(PythonCapture capture, CaptureLoss loss) =>
        capture.Processes.Aggregate(0UL, (sum, stacks) => sum + stacks.Process.Ring.Losses(loss));
}
