using System.Diagnostics;
using System.Globalization;
using Viperf.Bench;
using Viperf.Core.Profiles;

// Unwinds the stacks of a recording again and again, and prints what a frame costs when the cache is warm.
if (args is not [var path, .. var rest] || (rest.Length != 0 && !int.TryParse(rest[0], CultureInfo.InvariantCulture, out _)))
{
    Console.Error.WriteLine("usage: UnwindCost RECORDING [ROUNDS]   a recording of perf record --call-graph dwarf,SIZE");
    return 2;
}

int rounds = rest.Length != 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 20;
using var stacks = new RecordedStacks(path);
var cold = stacks.UnwindAll();
Print("first round", cold);
var best = cold;
for (int i = 0; i < rounds; i++)
{
    var round = stacks.UnwindAll();
    best = round.Ticks < best.Ticks ? round : best;
}

Print($"best of {rounds}", best);
Console.WriteLine("stacks by end: " + string.Join(", ", best.Ends.Select((count, end) => (count, end))
    .Where(row => row.count != 0).Select(row => $"{(StackEnd)row.end} {row.count}")) + $"; guessed {best.Guessed}");
return 0;

static void Print(string what, Round round)
{
    double nanoseconds = round.Ticks * 1e9 / Stopwatch.Frequency;
    double looks = Math.Max(round.Hits + round.Misses + round.Collisions + round.Outdated, 1);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what}: {nanoseconds / round.Frames:F1} ns a frame, {nanoseconds / round.Stacks:F0} ns a stack, "
        + $"{(double)round.Frames / round.Stacks:F1} frames a stack of {round.Stacks}; cache: {100 * round.Hits / looks:F2}% hits, "
        + $"{100 * round.Misses / looks:F2}% empty, {100 * round.Collisions / looks:F2}% taken, {100 * round.Outdated / looks:F2}% outdated"));
}
