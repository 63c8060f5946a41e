using System.Globalization;
using Viperf.Core.Profiles;
using Viperf.Core.Views;
using Viperf.Formats.PerfData;

namespace Viperf.Cli.Text;

/// <summary>
/// What <c>report --stats</c> prints: perf's counts of records, and below them why stacks end, which perf does not tell.
/// </summary>
/// <param name="output">Where to.</param>
internal sealed class StatsText(Utf8Output output)
{
    private const string Prefix = "PERF_RECORD_";
    private const string OwnPrefix = "HEADER_";
    private const int NameWidth = 16;
    private const int NumberWidth = 10;
    private const int PercentWidth = 6;
    private const int Gap = 2;

    /// <summary>Writes the counts of a recording's records.</summary>
    /// <param name="records">By the number of their type.</param>
    public void WriteRecords(IReadOnlyList<ulong> records)
    {
        ulong total = records.Aggregate(0UL, static (sum, count) => sum + count);
        output.Add("\nAggregated stats:\n"u8);
        WriteCount("TOTAL", total, null);
        foreach (var type in Enum.GetValues<RecordType>())
        {
            ulong count = records[(int)type];
            if (count != 0)
            {
                string name = type.ToString()[Prefix.Length..];
                WriteCount(
                    name.StartsWith(OwnPrefix, StringComparison.Ordinal) ? name[OwnPrefix.Length..] : name,
                    count,
                    100.0 * count / total);
            }
        }
    }

    /// <summary>Writes the counts of the samples of each event that has any.</summary>
    public void WriteSamples(Profile profile)
    {
        ulong[] samples = new ulong[profile.Events.Count];
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            samples[profile.Samples.KeyOf(row).Event] += profile.Samples.SamplesOf(row);
        }

        for (int i = 0; i < samples.Length; i++)
        {
            if (samples[i] != 0)
            {
                output.Add(profile.Events[i].Name).Add(" stats:\n"u8);
                WriteCount("SAMPLE", samples[i], null);
            }
        }
    }

    /// <summary>Writes a table of the reasons for which an event's stacks end, and what to do about each.</summary>
    public void WriteStacks(StackQuality quality)
    {
        if (quality.Samples == 0)
        {
            return;
        }

        output.Add("\n"u8).Add(quality.Event.Name).Add(" stacks:\n"u8);
        var reasons = quality.Groups.GroupBy(group => group.IsComplete ? null : StackText.Remedy(group, quality.Event));
        foreach (var reason in reasons)
        {
            foreach (var group in reason)
            {
                output.AddDecimal(group.Samples, NumberWidth).Add("  "u8)
                    .AddRight(StackText.Percent(group.Samples, quality.Samples), PercentWidth).Add("  "u8)
                    .Add(StackText.Reason(group.End, group.IsGuessed, group.Module)).Add("\n"u8);
            }

            if (reason.Key is { } remedy)
            {
                output.AddSpaces(NumberWidth + PercentWidth + 2 * Gap).Add("-> "u8).Add(remedy).Add("\n"u8);
            }
        }

        if (quality.WithoutUser != 0)
        {
            output.AddDecimal(quality.WithoutUser, NumberWidth).AddSpaces(PercentWidth + 2 * Gap)
                .Add("more have no user's stack: the kernel's threads, programs that start or end\n"u8);
        }
    }

    /// <summary>Writes a table of the modules whose places have no function's name: why, and what would name them.</summary>
    public void WriteNames(NameQuality quality, NameText names)
    {
        if (quality.Groups.Count == 0)
        {
            return;
        }

        output.Add("\n"u8).Add(quality.Event.Name).Add(" unnamed:\n"u8);
        output.AddRight("samples", NumberWidth).AddSpaces(PercentWidth + Gap).AddRight("frames", NumberWidth + Gap).Add("\n"u8);
        foreach (var group in quality.Groups)
        {
            output.AddDecimal(group.Samples, NumberWidth).AddSpaces(Gap)
                .AddRight(StackText.Percent(group.Samples, quality.Samples), PercentWidth).AddSpaces(Gap)
                .AddDecimal(group.Frames, NumberWidth).AddSpaces(Gap)
                .Add(group.Module.Path).Add(": "u8).Add(NameText.Reason(group.Reason)).Add("\n"u8);
            if (names.Remedy(group) is { } remedy)
            {
                output.AddSpaces(2 * NumberWidth + PercentWidth + 3 * Gap).Add("-> "u8).Add(remedy).Add("\n"u8);
            }
        }
    }

    private void WriteCount(string name, ulong count, double? percent)
    {
        output.AddRight(name, NameWidth).Add(" events: "u8).AddDecimal(count, NumberWidth);
        if (percent is { } part)
        {
            output.Add("  ("u8).AddRight(part.ToString("F1", CultureInfo.InvariantCulture), 4).Add("%)"u8);
        }

        output.Add("\n"u8);
    }
}
