using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>What something costs; periods are in the event's unit.</summary>
/// <param name="SelfPeriod">Period of the samples whose leaf it is.</param>
/// <param name="SelfSamples">Number of these.</param>
/// <param name="TotalPeriod">Period of the samples that have it anywhere on the stack, each counted once.</param>
/// <param name="TotalSamples">Number of these.</param>
public readonly record struct Cost(ulong SelfPeriod, ulong SelfSamples, ulong TotalPeriod, ulong TotalSamples);

/// <summary>An instruction that samples met.</summary>
/// <param name="Function">Its function.</param>
/// <param name="Offset">Bytes from the function's first instruction.</param>
/// <param name="Cost">What it costs.</param>
public sealed record InstructionCost(SourceFunction Function, uint Offset, Cost Cost);

/// <summary>A line from which a function was called.</summary>
/// <param name="Name">The caller's name.</param>
/// <param name="Place">Its file and the line of the call, as far as known; empty for neither.</param>
/// <param name="Cost">What of the callee's line is by this call; self is what is the callee line's own.</param>
public sealed record CallerCost(string Name, string Place, Cost Cost);

/// <summary>One line of source that samples met.</summary>
/// <param name="Line">Counted from 1; 0 for code that has no line.</param>
/// <param name="Cost">What it costs.</param>
/// <param name="Instructions">The instructions on it, by function and offset.</param>
/// <param name="Callers">Who called the function around it, the heaviest first; empty where that is a stack's outermost.</param>
public sealed record LineCost(
    int Line, Cost Cost, IReadOnlyList<InstructionCost> Instructions, IReadOnlyList<CallerCost> Callers);

/// <summary>What the lines of some functions of one file cost.</summary>
public sealed class LineCosts
{
    private LineCosts(IReadOnlyList<LineCost> lines, Cost all, ulong totalPeriod, ulong totalSamples) =>
        (Lines, All, TotalPeriod, TotalSamples) = (lines, all, totalPeriod, totalSamples);

    /// <summary>The lines that samples met, by number.</summary>
    public IReadOnlyList<LineCost> Lines { get; }

    /// <summary>What the functions cost together.</summary>
    public Cost All { get; }

    /// <summary>Period of all samples of the event, with and without such functions.</summary>
    public ulong TotalPeriod { get; }

    /// <summary>Number of all samples of the event, with and without such functions.</summary>
    public ulong TotalSamples { get; }

    /// <summary>Counts an event's samples.</summary>
    /// <param name="profile">The profile, its stacks folded as they are to be read.</param>
    /// <param name="eventIndex">Index in <see cref="Profile.Events"/>.</param>
    /// <param name="filter">Which samples count; the others count in the totals alone.</param>
    /// <param name="places">Where frames are in the source.</param>
    /// <param name="functions">Indexes of the functions that count.</param>
    public static LineCosts Count(
        Profile profile, int eventIndex, SampleFilter filter, CodePlaces places, IReadOnlySet<int> functions)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(places);
        var all = new CostTable<int>();
        var lines = new CostTable<int>();
        var instructions = new CostTable<CodePlace>();
        var callers = new CostTable<(int Line, string Name, string Place)>();
        ulong totalPeriod = 0, totalSamples = 0;
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            var key = profile.Samples.KeyOf(row);
            if (key.Event != eventIndex || filter.Cpus?.Contains(key.Cpu) == false)
            {
                continue;
            }

            var weight = (row, profile.Samples.PeriodOf(row), profile.Samples.SamplesOf(row));
            totalPeriod += weight.Item2;
            totalSamples += weight.Item3;
            if (key.Stack == StackTable.Empty || !Accepts(profile, filter, key))
            {
                continue;
            }

            bool isLeaf = true;
            for (int stack = key.Stack; stack != StackTable.Empty; stack = profile.Stacks.ParentOf(stack))
            {
                if (places.Of(profile.Stacks.FrameOf(stack)) is { } place && functions.Contains(place.Function))
                {
                    all.Add(0, weight, isLeaf);
                    lines.Add(place.Line, weight, isLeaf);
                    instructions.Add(place, weight, isLeaf);
                    if (CallerOf(profile, places, stack) is { } caller)
                    {
                        callers.Add((place.Line, caller.Name, caller.Place), weight, isLeaf);
                    }
                }

                isLeaf = false;
            }
        }

        var byLine = instructions.Costs
            .OrderBy(static one => one.Key.Function).ThenBy(static one => one.Key.Offset)
            .ToLookup(
                static one => one.Key.Line,
                one => new InstructionCost(places.Functions[one.Key.Function], one.Key.Offset, one.Cost));
        var callersByLine = callers.Costs
            .OrderByDescending(static one => one.Cost.TotalPeriod)
            .ThenBy(static one => one.Key.Name, StringComparer.Ordinal)
            .ThenBy(static one => one.Key.Place, StringComparer.Ordinal)
            .ToLookup(static one => one.Key.Line, static one => new CallerCost(one.Key.Name, one.Key.Place, one.Cost));
        return new(
            [.. lines.Costs.OrderBy(static one => one.Key)
                .Select(one => new LineCost(one.Key, one.Cost, [.. byLine[one.Key]], [.. callersByLine[one.Key]]))],
            all.Costs.FirstOrDefault().Cost,
            totalPeriod,
            totalSamples);
    }

    private static bool Accepts(Profile profile, SampleFilter filter, in SampleKey key)
    {
        if (!filter.AcceptsThread(profile, key))
        {
            return false;
        }

        int function = profile.Frames.FunctionOf(profile.Stacks.FrameOf(key.Stack));
        return !filter.AsksForLeaf
            || (function != FrameTable.NotLookedUp && filter.AcceptsLeaf(profile, profile.Functions[function]));
    }

    private static (string Name, string Place)? CallerOf(Profile profile, CodePlaces places, int stack)
    {
        int caller = profile.Stacks.ParentOf(stack);
        if (caller == StackTable.Empty)
        {
            return null;
        }

        int frame = profile.Stacks.FrameOf(caller);
        if (places.Of(frame) is { } place)
        {
            var function = places.Functions[place.Function];
            return (function.Name, place.Line > 0 ? $"{function.ShortFile}:{place.Line}" : function.ShortFile);
        }

        int index = profile.Frames.FunctionOf(frame);
        return index == FrameTable.NotLookedUp || !profile.Functions[index].IsNamed
            ? ("[unknown]", "")
            : (profile.Functions[index].Title, "");
    }
}
