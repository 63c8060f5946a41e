using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>One function's share of a profile; periods are in the event's unit.</summary>
/// <param name="Name">Its name, of Python functions the qualified one.</param>
/// <param name="File">The source file of a Python function, as people know it, and its line where that is known; the module of a
/// native one.</param>
/// <param name="Self">Periods of samples in which it was the innermost function of its kind: of Python functions their own
/// bytecode, and the native and kernel code that they had called.</param>
/// <param name="Total">Periods of samples that had it anywhere on the stack.</param>
public sealed record HotFunction(string Name, string File, ulong Self, ulong Total)
{
    /// <summary>What of <see cref="Self"/> was waiting, where that was asked for.</summary>
    public ulong Waited { get; init; }

    /// <summary>The line that most of <see cref="Self"/> is of, and how much; line 0 where none is known.</summary>
    public (int Line, ulong Self) HottestLine { get; init; }
}

/// <summary>Where time goes among functions of one kind.</summary>
public sealed class HotFunctions
{
    /// <summary>What is said in place of a name where there is none.</summary>
    private const string Unnamed = "[unknown]";

    private HotFunctions(IReadOnlyList<HotFunction> functions, ulong total, ulong samples, ulong samplesWithout)
    {
        Functions = functions;
        Total = total;
        Samples = samples;
        SamplesWithout = samplesWithout;
    }

    /// <summary>The functions, those with most time of their own first.</summary>
    public IReadOnlyList<HotFunction> Functions { get; }

    /// <summary>All samples' periods, with and without such functions.</summary>
    public ulong Total { get; }

    /// <summary>All samples, with and without such functions.</summary>
    public ulong Samples { get; }

    /// <summary>Samples without any such function: time outside of Python, or stacks that could not be followed.</summary>
    public ulong SamplesWithout { get; }

    /// <summary>
    /// Counts an event's samples for Python functions, and what the interpreter does beside them, alone: every other frame counts
    /// for the Python function that called it.
    /// </summary>
    /// <param name="profile">A profile whose stacks show Python functions as people know them.</param>
    /// <param name="eventIndex">Index in <see cref="Profile.Events"/>.</param>
    /// <param name="lineOf">The line that a frame is at, 0 where none is known; null if lines do not matter.</param>
    /// <param name="waits">What counts as waiting, and for the functions that wait; null where there is none.</param>
    public static HotFunctions OfPython(Profile profile, int eventIndex = 0, Func<int, int>? lineOf = null, Predicate<WaitKind>? waits = null) => Count(
        profile,
        eventIndex,
        lineOf ?? (static _ => 0),
        function => profile.Modules[function.Module] switch
        {
            { Kind: ModuleKind.PythonSource } module => (function.Name, function.Place ?? module.Name),
            { Kind: ModuleKind.Interpreter } when waits is null || !WaitNames.Contains(function.Name) => (function.Name, ""),
            _ => null,
        },
        waits);

    /// <summary>Counts an event's samples for functions of every kind, the kernel's too.</summary>
    /// <param name="profile">A profile whose frames were all looked up.</param>
    /// <param name="eventIndex">Index in <see cref="Profile.Events"/>.</param>
    public static HotFunctions OfAll(Profile profile, int eventIndex = 0) => Count(
        profile,
        eventIndex,
        static _ => 0,
        function => function.Place is { } place ? (function.Name, place)
            : (function.IsNamed ? function.Title : Unnamed, profile.Modules[function.Module].Name));

    private static HotFunctions Count(
        Profile profile, int eventIndex, Func<int, int> lineOf, Func<Function, (string Name, string File)?> describe,
        Predicate<WaitKind>? waits = null)
    {
        // One function has a symbol in every process that ran it; the reader wants it once.
        var names = new InternTable<(string Name, string File)>();
        int[] byFunction = new int[profile.Functions.Count];
        for (int i = 0; i < byFunction.Length; i++)
        {
            byFunction[i] = describe(profile.Functions[i]) is { } described ? names.Intern(described) : -1;
        }

        int HotOf(int stack)
        {
            int function = profile.Frames.FunctionOf(profile.Stacks.FrameOf(stack));
            return function == FrameTable.NotLookedUp ? -1 : byFunction[function];
        }

        ulong[] self = new ulong[names.Count];
        ulong[] waited = new ulong[names.Count];
        ulong[] total = new ulong[names.Count];
        var lines = new CostTable<(int Function, int Line)>();
        // The row that counted for a function last, plus one: recursion must not count a sample twice.
        int[] countedBy = new int[names.Count];
        ulong sum = 0, samples = 0, samplesWithout = 0;
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            var key = profile.Samples.KeyOf(row);
            if (key.Event != eventIndex)
            {
                continue;
            }

            ulong period = profile.Samples.PeriodOf(row);
            bool isInnermost = true;
            bool isWait = waits?.Invoke(WaitTimes.KindOf(profile, key.Stack)) == true;
            for (int stack = key.Stack; stack != StackTable.Empty; stack = profile.Stacks.ParentOf(stack))
            {
                int function = HotOf(stack);
                if (function < 0 || countedBy[function] == row + 1)
                {
                    continue;
                }

                countedBy[function] = row + 1;
                total[function] += period;
                if (isInnermost)
                {
                    self[function] += period;
                    waited[function] += isWait ? period : 0;
                    isInnermost = false;
                    lines.Add(
                        (function, lineOf(profile.Stacks.FrameOf(stack))), (row, period, profile.Samples.SamplesOf(row)), isLeaf: true);
                }
            }

            sum += period;
            samples += profile.Samples.SamplesOf(row);
            samplesWithout += isInnermost ? profile.Samples.SamplesOf(row) : 0;
        }

        var hottest = lines.Costs.Where(static one => one.Key.Line > 0)
            .GroupBy(static one => one.Key.Function)
            .ToDictionary(
                static group => group.Key,
                static group => group.OrderByDescending(static one => one.Cost.SelfPeriod).ThenBy(static one => one.Key.Line)
                    .Select(static one => (one.Key.Line, one.Cost.SelfPeriod)).First());
        var functions = Enumerable.Range(0, names.Count)
            .Select(i => new HotFunction(names[i].Name, names[i].File, self[i], total[i])
            {
                Waited = waited[i],
                HottestLine = hottest.GetValueOrDefault(i),
            })
            .OrderByDescending(function => function.Self)
            .ThenByDescending(function => function.Total)
            .ThenBy(function => function.Name, StringComparer.Ordinal)
            .ThenBy(function => function.File, StringComparer.Ordinal);
        return new([.. functions], sum, samples, samplesWithout);
    }
}
