using System.Text.RegularExpressions;
using Xunit;

namespace Viperf.EndToEnd.Report;

/// <summary>
/// Lines of two reports side by side, with what is known to differ between perf's and viperf's taken out:
/// perf ends with a tip; gives addresses in no module the mode of the frame below them; and calls the rest of a
/// fractal graph inlined by mistake. viperf alone says how many stacks are complete.
/// </summary>
internal static partial class ReportLines
{
    /// <summary>The lines that must be the same.</summary>
    public static List<string> Of(string output)
    {
        var lines = output.Split('\n').ToList();
        int tip = lines.FindIndex(line => line.StartsWith("# (Tip: ", StringComparison.Ordinal));
        if (tip > 0)
        {
            lines.RemoveRange(tip - 1, 3);
        }

        lines.RemoveAll(line => line.StartsWith("# Stacks: ", StringComparison.Ordinal));
        return [.. lines.Select(line => UnknownMode().Replace(line, "[unknown]$1[?]").Replace("[...] (inlined)", "[...]"))];
    }

    /// <summary>
    /// Holds that all but a small part of the lines are the same, whatever their order among entries of equal weight.
    /// One cause is left: perf looks return addresses up where viperf looks at the byte before, which names
    /// another function where a stale word on the stack points at a function's start. Others are taken out: perf gives
    /// callers' addresses of a file that nothing names as virtual ones, where viperf gives the file's own, which differ by
    /// pages, and lists leaves that nothing names twice; and viperf names stubs, for which perf has addresses.
    /// </summary>
    public static void AssertAlike(string theirs, string ours, double part)
    {
        var missing = Of(theirs).Where(IsNoSeparator).ToList();
        var extra = new List<string>();
        int all = missing.Count;
        foreach (string line in Of(ours).Where(IsNoSeparator))
        {
            if (!missing.Remove(line))
            {
                extra.Add(line);
            }
        }

        foreach (string line in missing.Where(line => Unnamed().IsMatch(line)).ToList())
        {
            string? other = extra.Find(candidate => Virtual().IsMatch(line) && InPage(candidate) == InPage(line))
                ?? extra.Find(candidate => candidate.TrimEnd().EndsWith("@plt", StringComparison.Ordinal)
                    && Stub().Replace(candidate.TrimEnd(), "") == Unnamed().Replace(line.TrimEnd(), ""));
            if (other is not null)
            {
                extra.Remove(other);
                missing.Remove(line);
            }
        }

        // Where nothing names a leaf, perf lists it a second time, as if it had only called: with its virtual address.
        var leaves = Of(ours).Select(line => Leaf().Match(line)).Where(leaf => leaf.Success)
            .Select(leaf => InPage($"{leaf.Groups[1].Value} {leaf.Groups[2].Value}")).ToHashSet();
        missing.RemoveAll(line => Caller().Match(line) is { Success: true } caller && Virtual().IsMatch(line)
            && leaves.Contains(InPage($"{caller.Groups[1].Value} {caller.Groups[2].Value}")));

        // Its chain is that address alone.
        var places = leaves.Where(static leaf => leaf.Contains("0x…", StringComparison.Ordinal))
            .Select(static leaf => leaf[leaf.IndexOf("0x…", StringComparison.Ordinal)..].Trim()).ToHashSet();
        missing.RemoveAll(line => OnlyCaller().IsMatch(line) && Virtual().IsMatch(line) && places.Contains(InPage(line.Trim()[3..])));

        Assert.True(all > 20, "a report that short proves nothing");
        Assert.True(
            Math.Max(missing.Count, extra.Count) <= all * part,
            $"of {all} lines perf has alone:\n{string.Join('\n', missing)}\nand viperf alone:\n{string.Join('\n', extra)}");
    }

    private static bool IsNoSeparator(string line) => !line.AsSpan().Trim(" |").IsEmpty;

    /// <summary>A line with its address's place in a page in place of the address.</summary>
    private static string InPage(string line) => Unnamed().Replace(line, "0x…$1");

    /// <summary>An entry with time of its own: its total, and what it is of.</summary>
    [GeneratedRegex(@"^ +([\d.]+%) +(?!0\.00%)[\d.]+% +(.*?) *$")]
    private static partial Regex Leaf();

    /// <summary>An entry without.</summary>
    [GeneratedRegex(@"^ +([\d.]+%) +0\.00% +(.*?) *$")]
    private static partial Regex Caller();

    [GeneratedRegex("^ +---0x[0-9a-f]+ *$")]
    private static partial Regex OnlyCaller();

    [GeneratedRegex("[A-Za-z_0-9]+@plt$")]
    private static partial Regex Stub();

    [GeneratedRegex(@"0x(0000)?7[0-9a-f]{11}\b")]
    private static partial Regex Virtual();

    [GeneratedRegex(@"0x[0-9a-f]*([0-9a-f]{3})\b")]
    private static partial Regex Unnamed();

    [GeneratedRegex(@"\[unknown\]( *)\[[k.]\]")]
    private static partial Regex UnknownMode();
}
