using System.Globalization;
using Viperf.Abi;

namespace Viperf.Core.Pipeline;

/// <summary>Says how many samples have no Python functions, or not all of theirs, and why.</summary>
internal static class CaptureLosses
{
    /// <summary>One line for people; null if every sample has what its thread had.</summary>
    public static string? Say(PythonCapture capture)
    {
        var all = new List<string>();
        Add(all, capture.CountOf(SignalMatch.Blocked), "whose thread blocked the signal that asks for them (SIGTRAP)");
        Add(all, capture.CountOf(SignalMatch.Dropped), "that came faster than they could be written down");
        Add(all, capture.CountOf(SignalMatch.Late), "whose thread slept in a system call ever since");
        Add(all, capture.CountOf(SignalMatch.Ended), "whose thread ended, or ran another program, before it was asked");
        Add(all, Sum(capture, CaptureLoss.BadFrame), "in the middle of a call or a return");
        Add(all, Sum(capture, CaptureLoss.TooDeep), "that are more than 4,096 functions deep");
        ulong unnamed = Sum(capture, CaptureLoss.BadCode) + capture.Processes.Aggregate(0UL, (sum, stacks) => sum + stacks.Unknown);
        Add(all, unnamed, "with code that is not laid out as in CPython's releases");
        Add(all, Sum(capture, CaptureLoss.TooMuchCode), "in more functions than are remembered (65,536)");
        string samples = capture.Samples.ToString("N0", CultureInfo.InvariantCulture);
        return all.Count == 0 ? null : $"of {samples} samples some have no Python functions, or not all of theirs: {string.Join("; ", all)}";
    }

    private static void Add(List<string> all, ulong count, string reason)
    {
        if (count > 0)
        {
            all.Add($"{count.ToString("N0", CultureInfo.InvariantCulture)} {reason}");
        }
    }

    private static ulong Sum(PythonCapture capture, CaptureLoss loss) =>
        capture.Processes.Aggregate(0UL, (sum, stacks) => sum + stacks.Process.Ring.Losses(loss));
}
