using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>
/// perf report's table for one event: entries by comm, module, function or whatever else was asked for, with what
/// each weighs by itself and together with all that it called. Made in time linear in the profile's distinct
/// stacks; call graphs are made one at a time, when asked for.
/// </summary>
public sealed class Histogram
{
    private readonly PlaceTable _places;
    private readonly HistogramOptions _options;
    private readonly PlaceTree _tree;
    private readonly List<HistogramEntry> _entries = [];
    private readonly Dictionary<int, string> _commOfThread = [];

    /// <summary>Of every node the <see cref="HistogramEntry.Index"/>; -1 where the node has no entry.</summary>
    private int[] _entryOfNode = [];

    /// <summary>
    /// Of every node the entry of its own samples, -1 where it has none. What inlined functions spend is their callers', as in
    /// perf: of the function whose code it is.
    /// </summary>
    private int[] _selfEntryOfNode = [];

    /// <summary>True for the nodes that have no caller with the same entry.</summary>
    private bool[] _isOutermost = [];
    private CallGraphBuilder? _callGraphs;

    private Histogram(PlaceTable places, HistogramOptions options, int eventIndex)
    {
        _places = places;
        _options = options;
        _tree = new PlaceTree(places, options.HideUnresolved);
        EventIndex = eventIndex;
    }

    /// <summary>Index in <see cref="Profile.Events"/>.</summary>
    public int EventIndex { get; }

    /// <summary>The entries, sorted.</summary>
    public IReadOnlyList<HistogramEntry> Entries => _entries;

    /// <summary>Period of all samples.</summary>
    public ulong TotalPeriod { get; private set; }

    /// <summary>Number of all samples.</summary>
    public ulong TotalSamples { get; private set; }

    /// <summary>Period of the samples that the filter let through.</summary>
    public ulong ShownPeriod { get; private set; }

    /// <summary>Number of the samples that the filter let through.</summary>
    public ulong ShownSamples { get; private set; }

    /// <summary>Makes the histograms of all events of a profile whose symbols were looked up.</summary>
    public static Histogram[] Build(Profile profile, HistogramOptions options)
    {
        var places = new PlaceTable(profile, options);
        var histograms = new Histogram[profile.Events.Count];
        for (int i = 0; i < histograms.Length; i++)
        {
            histograms[i] = new Histogram(places, options, i);
        }

        for (int row = 0; row < profile.Samples.Count; row++)
        {
            var key = profile.Samples.KeyOf(row);
            histograms[key.Event].Add(key, profile.Samples.PeriodOf(row), profile.Samples.SamplesOf(row));
        }

        foreach (var histogram in histograms)
        {
            histogram.Finish();
        }

        return histograms;
    }

    /// <summary>
    /// The call graph of an entry: who called it, or what it called (<see cref="HistogramOptions.CallersFirst"/>).
    /// </summary>
    public IReadOnlyList<CallGraphNode> CallGraphOf(HistogramEntry entry, CallGraphCut cut)
    {
        ArgumentNullException.ThrowIfNull(entry);
        _callGraphs ??= new CallGraphBuilder(_tree, _places, _entryOfNode, _selfEntryOfNode, _isOutermost, _options);
        return _callGraphs.Build(entry, cut);
    }

    /// <summary>How a call graph names one of its links.</summary>
    public string NameOfLink(int link) => _places.NameOfLink(link);

    private void Add(in SampleKey key, ulong period, ulong samples)
    {
        if (_options.Filter.Cpus is { } cpus && !cpus.Contains(key.Cpu))
        {
            return;
        }

        if (key.Stack == StackTable.Empty)
        {
            TotalPeriod += period;
            TotalSamples += samples;
            return;
        }

        var profile = _places.Profile;
        var leaf = LeafOf(key.Stack);
        if (_options.HideUnresolved && !leaf.IsNamed)
        {
            return;
        }

        TotalPeriod += period;
        TotalSamples += samples;
        if (!_options.Filter.AcceptsThread(profile, key) || !_options.Filter.AcceptsLeaf(profile, leaf))
        {
            return;
        }

        ShownPeriod += period;
        ShownSamples += samples;
        bool byThread = _options.HasKey(HistogramColumn.Thread);
        var thread = new ThreadKey(
            byThread || _options.HasKey(HistogramColumn.Process) ? key.Pid : -1,
            byThread ? key.Tid : -1,
            _options.HasKey(HistogramColumn.Comm) ? key.Comm : -1,
            _options.HasKey(HistogramColumn.Cpu) ? key.Cpu : -1);
        _commOfThread[byThread ? key.Tid : key.Pid] = profile.Comms[key.Comm];
        _tree.Add(thread, key.Stack, period, samples);
    }

    /// <summary>The function whose code a stack's leaf is, whatever was inlined there.</summary>
    private Function LeafOf(int stack)
    {
        var stacks = _places.Profile.Stacks;
        while (true)
        {
            var function = _places.FunctionOf(_places[_places.OfFrame(stacks.FrameOf(stack))].Symbol);
            int callers = stacks.ParentOf(stack);
            if (!function.IsInlined || callers == StackTable.Empty)
            {
                return function;
            }

            stack = callers;
        }
    }

    private void Finish()
    {
        FindEntries();
        SumUp();
        _entries.Sort(new HistogramOrder(_options));
    }

    /// <summary>Makes an entry for every node's key, and charges entries with nodes' own samples.</summary>
    private void FindEntries()
    {
        bool byDso = _options.HasKey(HistogramColumn.Dso);
        bool bySymbol = _options.HasKey(HistogramColumn.Symbol);
        var dsos = new InternTable<string>(StringComparer.Ordinal);
        var keys = new InternTable<(ThreadKey Thread, int Dso, int Symbol, int Line)>();
        var rootOfNode = new int[_tree.Count];
        _entryOfNode = new int[_tree.Count];
        _selfEntryOfNode = new int[_tree.Count];
        for (int node = 0; node < _tree.Count; node++)
        {
            _entryOfNode[node] = _selfEntryOfNode[node] = -1;
            if (_tree.IsRoot(node))
            {
                rootOfNode[node] = node;
                continue;
            }

            int root = rootOfNode[node] = rootOfNode[_tree.ParentOf(node)];
            var place = _places[_tree.PlaceOf(node)];
            if (_options.Children)
            {
                _entryOfNode[node] = EntryOf(root, place);
            }

            if (_tree.SelfSamples[node] != 0)
            {
                int index = EntryOf(root, _places[_tree.PlaceOf(OwnerOf(node))] with { Line = place.Line });
                _selfEntryOfNode[node] = index;
                var entry = _entries[index];
                ulong period = _tree.SelfPeriods[node];
                entry.SelfPeriod += period;
                entry.SelfSamples += _tree.SelfSamples[node];
                entry.SelfKernelPeriod += place.Mode == FrameMode.Kernel ? period : 0;
                entry.SelfUserPeriod += place.Mode == FrameMode.User ? period : 0;
            }
        }

        int EntryOf(int root, in Place place)
        {
            var thread = _tree.ThreadOf(root);
            var symbol = _places.Symbol(place.Symbol);
            var key = (thread, byDso ? dsos.Intern(symbol.Dso) : -1, bySymbol ? place.Symbol : -1, place.Line);
            int index = keys.Intern(key, out bool added);
            if (added)
            {
                _entries.Add(NewEntry(index, thread, place));
            }

            return index;
        }
    }

    /// <summary>The node of the function whose code a node's is: of inlined functions the one around them all.</summary>
    private int OwnerOf(int node)
    {
        int owner = node;
        while (_places.FunctionOf(_places[_tree.PlaceOf(owner)].Symbol).IsInlined)
        {
            owner = _tree.ParentOf(owner);
            if (_tree.IsRoot(owner))
            {
                return node;
            }
        }

        return owner;
    }

    /// <summary>
    /// Charges entries with what they called: of the nodes of one entry on a stack only the outermost passes its
    /// subtree's weight on. One walk through the tree, callers first.
    /// </summary>
    private void SumUp()
    {
        _isOutermost = new bool[_tree.Count];
        if (!_options.Children)
        {
            _entries.ForEach(static entry => entry.ChildrenPeriod = entry.SelfPeriod);
            return;
        }

        var periods = _tree.SelfPeriods.ToArray();
        var heights = new int[_tree.Count];
        for (int node = _tree.Count - 1; node >= 0; node--)
        {
            int parent = _tree.ParentOf(node);
            if (parent >= 0)
            {
                periods[parent] += periods[node];
                heights[parent] = Math.Max(heights[parent], heights[node] + 1);
            }
        }

        var open = new int[_entries.Count];
        int depth = 0;
        foreach (var (node, entered) in _tree.Walk())
        {
            int index = _entryOfNode[node];
            if (index < 0)
            {
                continue; // a root
            }

            if (!entered)
            {
                open[index]--;
                depth--;
                continue;
            }

            depth++;
            var entry = _entries[index];
            if (open[index]++ == 0)
            {
                _isOutermost[node] = true;
                entry.ChildrenPeriod += periods[node];
            }

            int chain = _options.CallersFirst ? heights[node] + 1 : depth;
            entry.MaxDepth = Math.Max(entry.MaxDepth, chain);
            if (_selfEntryOfNode[node] is >= 0 and var selfEntry)
            {
                _entries[selfEntry].MaxDepth = Math.Max(_entries[selfEntry].MaxDepth, depth);
            }
        }
    }

    private HistogramEntry NewEntry(int index, in ThreadKey thread, in Place place)
    {
        var function = _places.FunctionOf(place.Symbol);
        string? comm = thread.Comm >= 0
            ? _places.Profile.Comms[thread.Comm]
            : _commOfThread.GetValueOrDefault(thread.Tid >= 0 ? thread.Tid : thread.Pid);
        return new HistogramEntry(index, thread)
        {
            Comm = comm ?? "",
            Module = _places.Profile.Modules[function.Module],
            Function = function,
            SourceLine = place.Line >= 0 ? _places.Lines[place.Line] : "",
            Mode = place.Mode,
        };
    }
}
