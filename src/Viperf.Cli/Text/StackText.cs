using System.Globalization;
using Viperf.Core.Profiles;
using Viperf.Core.Recording;
using Viperf.Core.Views;

namespace Viperf.Cli.Text;

/// <summary>Says how many stacks are complete, why the others are not, and what to do about it.</summary>
internal static class StackText
{
    private const string LargestDump = "--call-graph dwarf,65528";

    /// <summary>One line on an event's stacks; null where none has a user's part.</summary>
    public static string? Summary(StackQuality quality)
    {
        if (quality.Samples == 0)
        {
            return null;
        }

        if (quality.Complete == quality.Samples)
        {
            return $"all {Number(quality.Samples)} complete";
        }

        var (end, groups) = quality.Groups.Where(group => !group.IsComplete)
            .GroupBy(group => group.End)
            .Select(reason => (End: reason.Key, Groups: reason.ToList()))
            .MaxBy(reason => Sum(reason.Groups));
        ulong samples = Sum(groups);
        var modules = groups.Select(group => group.Module?.Name).Distinct().ToList();
        string place = modules[0] is { } module ? $" in {module}{(modules.Count > 1 ? " and others" : "")}" : "";
        ulong others = quality.Samples - quality.Complete - samples;
        string rest = others == 0 ? "" : $"; {Number(others)} for other reasons, see report --stats";
        return $"{Percent(quality.Complete, quality.Samples)} of {Number(quality.Samples)} complete; "
            + $"{Number(samples)} {Reason(end, isGuessed: true)}{place}: {Remedy(groups[0], quality.Event)}{rest}";
    }

    private static string Reason(StackEnd end, bool isGuessed) => end switch
    {
        StackEnd.Complete => isGuessed ? "complete, with a guessed caller" : "complete",
        StackEnd.CutByDump => "cut by the dump's size",
        StackEnd.CutByLimit => "cut at the longest chain that a recording holds",
        StackEnd.CutByKernel => "cut at kernel.perf_event_max_stack",
        StackEnd.NoUnwindInfo => "no unwind information",
        StackEnd.NoFramePointers => "no frame pointers",
        StackEnd.UnmappedCode => "in code where nothing is mapped",
        StackEnd.UnreadableStack => "on a stack that is not in the dump",
        StackEnd.BadUnwindInfo => "wrong unwind information",
        StackEnd.NoRegisters => "no registers recorded",
        StackEnd.Overload => "not unwound: overload",
        _ => "not known",
    };

    /// <summary>What makes such stacks complete.</summary>
    /// <param name="group">Stacks that are not.</param>
    /// <param name="recorded">How they were recorded.</param>
    public static string Remedy(StackGroup group, ProfileEvent recorded) => group.End switch
    {
        StackEnd.Complete =>
            "install the debug symbols of libraries without unwind information, or run python with -X perf_jit (3.13 and later)",
        StackEnd.CutByDump when recorded.StackDump < RecordOptions.LargestStackDump => $"record with {LargestDump}",
        StackEnd.CutByDump =>
            "no dump is larger; with frame pointers in the interpreter and a high kernel.perf_event_max_stack none is needed, "
            + "and -O2 makes smaller frames than -O0",
        StackEnd.CutByLimit => "nothing to do but to call less deeply",
        StackEnd.CutByKernel when recorded.MaxStack != 0 => $"record with more frames than --call-graph fp,{recorded.MaxStack}",
        StackEnd.CutByKernel => $"sysctl kernel.perf_event_max_stack=1024, or record with {LargestDump}",
        StackEnd.NoUnwindInfo when group.Module?.Kind == ModuleKind.Jit =>
            "run python with -X perf_jit (3.13 and later), and record with -k mono",
        StackEnd.NoUnwindInfo => "install its debug symbols, or build it without -fno-asynchronous-unwind-tables",
        StackEnd.NoFramePointers => $"record with {LargestDump}",
        StackEnd.UnmappedCode => "record from the program's start, and switch its perf support on for jitted code",
        StackEnd.UnreadableStack => "nothing to do: the program runs on several stacks, or had not used that memory yet",
        StackEnd.BadUnwindInfo => "update or reinstall it",
        StackEnd.NoRegisters => "record a 64-bit program",
        StackEnd.Overload => "record with a lower -F, a smaller dump or a larger -m",
        _ => "none",
    };

    /// <summary>A reason with the module that it lies in.</summary>
    public static string Reason(StackEnd end, bool isGuessed, Module? module)
    {
        string place = module is null ? "" : $" in {module.Name}";
        string note = isGuessed && end != StackEnd.Complete ? ", with a guessed caller" : "";
        return Reason(end, isGuessed) + place + note;
    }

    /// <summary>A percentage, rounded down: what is not complete does not become 100%.</summary>
    public static string Percent(ulong part, ulong whole) =>
        (Math.Floor(part * 1000.0 / whole) / 10).ToString("F1", CultureInfo.InvariantCulture) + "%";

    private static ulong Sum(IEnumerable<StackGroup> groups) => groups.Aggregate(0UL, (sum, group) => sum + group.Samples);

    /// <summary>A number with its thousands apart.</summary>
    private static string Number(ulong number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
