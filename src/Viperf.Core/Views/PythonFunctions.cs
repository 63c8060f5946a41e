using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>One Python function's share of a profile; periods are in the event's unit.</summary>
/// <param name="Name">Its qualified name.</param>
/// <param name="File">The source file, as the interpreter named it.</param>
/// <param name="Self">Periods of samples in which it was the innermost Python function: its own bytecode, and the
/// native and kernel code that it had called.</param>
/// <param name="Total">Periods of samples that had it anywhere on the stack.</param>
public sealed record PythonFunction(string Name, string File, ulong Self, ulong Total);

/// <summary>
/// Where time goes among Python functions alone: every native frame counts for the Python function that called it.
/// Functions are known by the names that CPython gives to its trampolines, <c>py::QUALNAME:FILE</c>.
/// </summary>
public sealed class PythonFunctions
{
    private const string Prefix = "py::";

    private PythonFunctions(IReadOnlyList<PythonFunction> functions, ulong total, ulong samples, ulong withoutPython)
    {
        Functions = functions;
        Total = total;
        Samples = samples;
        SamplesWithoutPython = withoutPython;
    }

    /// <summary>The functions, those with most time of their own first.</summary>
    public IReadOnlyList<PythonFunction> Functions { get; }

    /// <summary>All samples' periods, with and without Python frames.</summary>
    public ulong Total { get; }

    /// <summary>All samples, with and without Python frames.</summary>
    public ulong Samples { get; }

    /// <summary>Samples without any Python frame: time outside of Python, or stacks that could not be followed.</summary>
    public ulong SamplesWithoutPython { get; }

    /// <summary>Counts the samples of one event.</summary>
    /// <param name="profile">A profile whose frames were all looked up.</param>
    /// <param name="eventIndex">Index in <see cref="Profile.Events"/>.</param>
    public static PythonFunctions Of(Profile profile, int eventIndex = 0)
    {
        // One function has a symbol in every process that ran it; the reader wants it once.
        var names = new InternTable<string>(StringComparer.Ordinal);
        int[] byFunction = new int[profile.Functions.Count];
        for (int i = 0; i < byFunction.Length; i++)
        {
            string name = profile.Functions[i].Name;
            byFunction[i] = name.StartsWith(Prefix, StringComparison.Ordinal) ? names.Intern(name) : -1;
        }

        int PythonOf(int stack)
        {
            int function = profile.Frames.FunctionOf(profile.Stacks.FrameOf(stack));
            return function == FrameTable.NotLookedUp ? -1 : byFunction[function];
        }

        ulong[] self = new ulong[names.Count];
        ulong[] total = new ulong[names.Count];
        // The row that counted for a function last, plus one: recursion must not count a sample twice.
        int[] countedBy = new int[names.Count];
        ulong sum = 0, samples = 0, withoutPython = 0;
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            var key = profile.Samples.KeyOf(row);
            if (key.Event != eventIndex)
            {
                continue;
            }

            ulong period = profile.Samples.PeriodOf(row);
            bool isInnermost = true;
            for (int stack = key.Stack; stack != StackTable.Empty; stack = profile.Stacks.ParentOf(stack))
            {
                int function = PythonOf(stack);
                if (function < 0 || countedBy[function] == row + 1)
                {
                    continue;
                }

                countedBy[function] = row + 1;
                total[function] += period;
                if (isInnermost)
                {
                    self[function] += period;
                    isInnermost = false;
                }
            }

            sum += period;
            samples += profile.Samples.SamplesOf(row);
            withoutPython += isInnermost ? profile.Samples.SamplesOf(row) : 0;
        }

        var functions = Enumerable.Range(0, names.Count)
            .Select(i => Describe(names[i], self[i], total[i]))
            .OrderByDescending(function => function.Self)
            .ThenByDescending(function => function.Total)
            .ThenBy(function => function.Name, StringComparer.Ordinal)
            .ThenBy(function => function.File, StringComparer.Ordinal);
        return new([.. functions], sum, samples, withoutPython);
    }

    private static PythonFunction Describe(string symbol, ulong self, ulong total)
    {
        int colon = symbol.IndexOf(':', Prefix.Length);
        return colon < 0
            ? new(symbol[Prefix.Length..], "", self, total)
            : new(symbol[Prefix.Length..colon], symbol[(colon + 1)..], self, total);
    }
}
