using System.Globalization;
using Viperf.Core.Export;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Views;

namespace Viperf.Cli.Text;

/// <summary>What a page tells of a recording beside its samples.</summary>
internal static class PageText
{
    /// <summary>Words of a command line that are looked at for its title.</summary>
    private const int MostWords = 256;

    /// <summary>What the profile is of: the script, the module or the program that was recorded.</summary>
    /// <param name="source">The samples.</param>
    /// <param name="path">The recording.</param>
    public static string Title(ExportSource source, string path)
    {
        string[] words = [.. source.Facts.CommandLine.Skip(1).Take(MostWords)]; // behind the recorder
        bool isInterpreter = words is ["run", ..];
        for (int i = 1; i < words.Length; i++)
        {
            if (isInterpreter && words[i] == "-m" && i + 1 < words.Length)
            {
                return words[i + 1];
            }

            if (words[i].EndsWith(".py", StringComparison.Ordinal))
            {
                return Path.GetFileName(words[i]);
            }

            isInterpreter |= Path.GetFileName(words[i]).StartsWith("python", StringComparison.Ordinal);
        }

        return source.Threads.Count > 0 && source.Threads[0].Process is { Length: > 0 } process ? process : Path.GetFileName(path);
    }

    /// <summary>What is known of the recording, name and value, the most telling first.</summary>
    public static IReadOnlyList<(string Name, string Value)> Facts(RecordingFile recording, ExportSource source)
    {
        var facts = source.Facts;
        var profile = source.Profile;
        (string Name, string? Value)[] all =
        [
            ("Command", string.Join(' ', facts.CommandLine.Select(Quoted))),
            ("Recording", recording.Path == "-" ? null : recording.Path),
            ("Recorded", facts.Written?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)),
            ("Duration", Invariant($"{(profile.LastSampleTime - profile.FirstSampleTime) / 1e9:F2} s from the first sample to the last")),
            ("Samples", Invariant($"{source.TotalSamples:N0} of {Events(source)}")),
            ("Threads", Invariant($"{Count(source.Threads.Count, "thread")} of {Count(source.Threads.DistinctBy(static one => one.Pid).Count(), "process", "es")}")),
            ("Lost samples", NotNone(profile.LostSamples)),
            ("Lost records", NotNone(profile.LostRecords)),
            ("Bad records", NotNone(profile.BadRecords)),
            ("Host", facts.HostName),
            ("Kernel", facts.KernelRelease is { Length: > 0 } release ? $"Linux {release} ({facts.Architecture})" : null),
            ("Processor", facts.Processor),
            ("CPUs", facts.Cpus?.ToString(CultureInfo.InvariantCulture)),
            ("Memory", facts.Memory is > 0 and var bytes ? Invariant($"{bytes / (double)(1 << 30):F1} GiB") : null),
            ("Recorder", facts.RecorderVersion is { Length: > 0 } version
                ? $"{Path.GetFileName(facts.CommandLine.FirstOrDefault("perf"))} {version}" : null),
        ];
        return [.. all.Where(static fact => !string.IsNullOrEmpty(fact.Value)).Select(static fact => (fact.Name, fact.Value!))];
    }

    /// <summary>How good the stacks and names of each event are. To be asked before stacks are folded.</summary>
    public static IReadOnlyList<ViewerQuality> Quality(Profile profile)
    {
        var names = new NameText(DebugPackages.OfThisMachine());
        return [.. Enumerable.Range(0, profile.Events.Count)
            .Select(index => Quality(StackQuality.Of(profile, index), NameQuality.Of(profile, index), names))];
    }

    private static ViewerQuality Quality(StackQuality stacks, NameQuality unnamed, NameText names) => new(
        stacks.Samples,
        stacks.Complete,
        stacks.WithoutUser,
        [.. stacks.Groups.Select(group => new ViewerGroup(
            group.Samples,
            StackText.Reason(group.End, group.IsGuessed, group.Module),
            group.IsComplete ? null : StackText.Remedy(group, stacks.Event),
            group.IsComplete))],
        [.. unnamed.Groups.Where(static group => group.Samples > 0).Select(group => new ViewerGroup(
            group.Samples, $"{group.Module.Path}: {NameText.Reason(group.Reason)}", names.Remedy(group), IsGood: false))]);

    /// <summary>The events that have samples, and how often they were to be had.</summary>
    private static string Events(ExportSource source)
    {
        var events = source.Rows.Select(row => source.Profile.Samples.KeyOf(row).Event).Distinct();
        string names = string.Join(", ", events.Select(index => source.Profile.Events[index].Name));
        return source.Facts.Frequency > 0 ? Invariant($"{names}, {source.Facts.Frequency:N0} a second") : names;
    }

    /// <summary>A word of a command as a shell takes it.</summary>
    private static string Quoted(string word) =>
        word.Length > 0 && word.All(static c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+@%^".Contains(c, StringComparison.Ordinal) || c > '~')
            ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string? NotNone(ulong count) => count == 0 ? null : Invariant($"{count:N0}");

    private static string Count(int count, string what, string plural = "s") => Invariant($"{count:N0} {what}{(count == 1 ? "" : plural)}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
