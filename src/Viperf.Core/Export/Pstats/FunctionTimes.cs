using Viperf.Core.Profiles;

namespace Viperf.Core.Export.Pstats;

/// <summary>A function as <c>pstats</c> tells it apart.</summary>
/// <param name="File">Its file, or <see cref="NoFile"/>.</param>
/// <param name="Line">The line that it begins at; 0 where it is not known.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct PstatsFunction(string File, int Line, string Name)
{
    /// <summary>What cProfile has in place of the file of functions that have none.</summary>
    public const string NoFile = "~";

    /// <summary>
    /// Code without source in the way that cProfile names built-in functions, which <c>pstats</c> prints in braces.
    /// </summary>
    public static PstatsFunction Of(ExportFunction function) => function.File.Length == 0
        ? new(NoFile, 0, $"<{ExportText.WellFormed(function.Title)}>")
        : new(ExportText.WellFormed(function.File), function.FirstLine, ExportText.WellFormed(function.Name));
}

/// <summary>Sums of samples.</summary>
/// <param name="Samples">How many have the function, or the call, on their stacks.</param>
/// <param name="Own">Periods of those whose leaf it is.</param>
/// <param name="Total">Periods of all of them. Whatever recurs on a stack counts once.</param>
internal readonly record struct PstatsSums(ulong Samples, ulong Own, ulong Total)
{
    /// <summary>With samples of one more stack.</summary>
    public PstatsSums With(ulong samples, ulong period, bool isLeaf) => new(Samples + samples, Own + (isLeaf ? period : 0), Total + period);
}

/// <summary>What functions and calls between them took.</summary>
internal sealed class FunctionTimes
{
    private static readonly Comparer<PstatsFunction> s_order = Comparer<PstatsFunction>.Create(Compare);

    private readonly ExportSource _source;
    private readonly InternTable<PstatsFunction> _functions = new();
    private readonly InternTable<(int Function, int Caller)> _calls = new();

    /// <summary>By function of the source: its index in <see cref="_functions"/>, and one; 0 where it was not met yet.</summary>
    private readonly List<int> _indexes = [];

    private readonly Tally _ofFunctions = new();
    private readonly Tally _ofCalls = new();

    /// <summary>Sums a source's samples up.</summary>
    public FunctionTimes(ExportSource source)
    {
        _source = source;
        var stacks = new Dictionary<int, (ulong Samples, ulong Period)>();
        foreach (int row in source.Rows)
        {
            int stack = source.Profile.Samples.KeyOf(row).Stack;
            var (samples, period) = stacks.GetValueOrDefault(stack);
            stacks[stack] = (samples + source.Profile.Samples.SamplesOf(row), period + source.Profile.Samples.PeriodOf(row));
        }

        foreach (var (stack, (samples, period)) in stacks)
        {
            Add(stack, samples, period);
        }
    }

    /// <summary>The functions, each with its sums and those of the calls of it by each of its callers, in the order of their names.</summary>
    public IEnumerable<(PstatsFunction Function, PstatsSums Sums, IEnumerable<(PstatsFunction Caller, PstatsSums Sums)> Calls)> Functions
    {
        get
        {
            var calls = Enumerable.Range(0, _calls.Count).ToLookup(call => _calls[call].Function);
            return Enumerable.Range(0, _functions.Count)
                .OrderBy(function => _functions[function], s_order)
                .Select(function => (_functions[function], _ofFunctions[function], calls[function]
                    .Select(call => (Caller: _functions[_calls[call].Caller], Sums: _ofCalls[call]))
                    .OrderBy(static call => call.Caller, s_order)
                    .AsEnumerable()));
        }
    }

    private static int Compare(PstatsFunction one, PstatsFunction other)
    {
        int order = string.CompareOrdinal(one.File, other.File);
        order = order != 0 ? order : one.Line.CompareTo(other.Line);
        return order != 0 ? order : string.CompareOrdinal(one.Name, other.Name);
    }

    private void Add(int stack, ulong samples, ulong period)
    {
        var table = _source.Profile.Stacks;
        int callee = stack == StackTable.Empty ? _functions.Intern(PstatsFunction.Of(ExportFunction.Nowhere)) : IndexOf(table.FrameOf(stack));
        bool isLeaf = true;
        _ofFunctions.Begin();
        _ofCalls.Begin();
        _ofFunctions.Add(callee, samples, period, isLeaf);
        while (stack != StackTable.Empty && table.ParentOf(stack) is not StackTable.Empty and var callers)
        {
            int caller = IndexOf(table.FrameOf(callers));
            _ofCalls.Add(_calls.Intern((callee, caller)), samples, period, isLeaf);
            isLeaf = false;
            _ofFunctions.Add(caller, samples, period, isLeaf);
            (stack, callee) = (callers, caller);
        }
    }

    private int IndexOf(int frame)
    {
        int function = _source.IndexesOf(frame).Function;
        while (_indexes.Count <= function)
        {
            _indexes.Add(0);
        }

        if (_indexes[function] == 0)
        {
            _indexes[function] = _functions.Intern(PstatsFunction.Of(_source.Functions[function])) + 1;
        }

        return _indexes[function] - 1;
    }

    /// <summary>Sums by index, each of which counts once a stack.</summary>
    private sealed class Tally
    {
        private readonly List<(PstatsSums Sums, int Stack)> _rows = [];
        private int _stack;

        public PstatsSums this[int index] => _rows[index].Sums;

        /// <summary>Begins a stack.</summary>
        public void Begin() => _stack++;

        /// <summary>Adds the stack's samples, if they were not added to this index. The leaf has to come first.</summary>
        public void Add(int index, ulong samples, ulong period, bool isLeaf)
        {
            while (_rows.Count <= index)
            {
                _rows.Add(default);
            }

            if (_rows[index] is var row && row.Stack != _stack)
            {
                _rows[index] = (row.Sums.With(samples, period, isLeaf), _stack);
            }
        }
    }
}
