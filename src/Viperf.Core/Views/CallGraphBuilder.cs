namespace Viperf.Core.Views;

/// <summary>Makes call graphs of a histogram's entries, each from the part of the tree that holds the entry.</summary>
internal sealed class CallGraphBuilder
{
    private readonly PlaceTree _tree;
    private readonly PlaceTable _places;
    private readonly int[] _selfEntryOfNode;
    private readonly int[] _entryOfNode;
    private readonly bool[] _isOutermost;
    private readonly HistogramOptions _options;

    /// <summary>The nodes of each entry.</summary>
    private readonly NodeGroups _nodes;

    /// <summary>The nodes whose own samples each entry is charged with.</summary>
    private readonly NodeGroups _selfNodes;

    /// <summary>
    /// Of every node the weight of the samples in whose stack it is the innermost of its entry, but for the entry's own
    /// samples: they are what a call graph towards callers starts from.
    /// </summary>
    private readonly (ulong Period, ulong Samples)[] _innermost = [];

    /// <summary>Links, or nodes of a trie, on the way from the outermost frame; of use within one method.</summary>
    private readonly Stack<int> _path = new();

    public CallGraphBuilder(
        PlaceTree tree,
        PlaceTable places,
        int[] entryOfNode,
        int[] selfEntryOfNode,
        bool[] isOutermost,
        HistogramOptions options)
    {
        _tree = tree;
        _places = places;
        _entryOfNode = entryOfNode;
        _selfEntryOfNode = selfEntryOfNode;
        _isOutermost = isOutermost;
        _options = options;
        _nodes = new NodeGroups(entryOfNode);
        _selfNodes = new NodeGroups(selfEntryOfNode);
        if (options.Children && !options.CallersFirst)
        {
            _innermost = new (ulong, ulong)[tree.Count];
            WeighInnermost();
        }
    }

    /// <summary>The call graph of an entry.</summary>
    public IReadOnlyList<CallGraphNode> Build(HistogramEntry entry, in CallGraphCut cut)
    {
        // No branch weighs more than all samples that have the entry.
        if (cut.Shape != CallGraphShape.RelativeTree && entry.ChildrenPeriod < cut.MinPeriod)
        {
            return [];
        }

        var trie = new CallGraphTrie(_places);
        foreach (int node in _selfNodes[entry.Index])
        {
            // The entry's own samples: their chains are whole, from the outermost frame to whatever was inlined into the entry.
            int end = _options.CallersFirst ? FollowFromOutermost(trie, node) : FollowTowardsCallers(trie, node);
            trie.End(end, _tree.SelfPeriods[node], _tree.SelfSamples[node]);
        }

        foreach (int node in _nodes[entry.Index])
        {
            if (_options.CallersFirst)
            {
                AddTowardsCallees(trie, node, entry.Index);
            }
            else if (_innermost[node] is { Samples: > 0 } weight)
            {
                trie.End(FollowTowardsCallers(trie, node), weight.Period, weight.Samples);
            }
        }

        return trie.ToGraph(cut);
    }

    private int FollowTowardsCallers(CallGraphTrie trie, int node)
    {
        int end = CallGraphTrie.Root;
        for (int i = node; !_tree.IsRoot(i); i = _tree.ParentOf(i))
        {
            end = trie.Follow(end, LinkOf(i));
        }

        return end;
    }

    private int FollowFromOutermost(CallGraphTrie trie, int node)
    {
        _path.Clear();
        for (int i = node; !_tree.IsRoot(i); i = _tree.ParentOf(i))
        {
            _path.Push(LinkOf(i));
        }

        int end = CallGraphTrie.Root;
        foreach (int link in _path)
        {
            end = trie.Follow(end, link);
        }

        return end;
    }

    /// <summary>What an entry called: the tree below its outermost node, but for its own samples.</summary>
    private void AddTowardsCallees(CallGraphTrie trie, int top, int entry)
    {
        if (!_isOutermost[top])
        {
            return;
        }

        _path.Clear();
        _path.Push(CallGraphTrie.Root);
        foreach (var (node, entered) in _tree.Walk(top))
        {
            if (!entered)
            {
                _path.Pop();
                continue;
            }

            int end = trie.Follow(_path.Peek(), LinkOf(node));
            _path.Push(end);
            if (_selfEntryOfNode[node] != entry && _tree.SelfSamples[node] != 0)
            {
                trie.End(end, _tree.SelfPeriods[node], _tree.SelfSamples[node]);
            }
        }
    }

    private void WeighInnermost()
    {
        var lastLeafOfEntry = new int[Math.Max(_nodes.Count, _selfNodes.Count)];
        Array.Fill(lastLeafOfEntry, -1);
        for (int leaf = 0; leaf < _tree.Count; leaf++)
        {
            if (_tree.SelfSamples[leaf] == 0)
            {
                continue;
            }

            lastLeafOfEntry[_selfEntryOfNode[leaf]] = leaf;
            for (int node = leaf; !_tree.IsRoot(node); node = _tree.ParentOf(node))
            {
                int entry = _entryOfNode[node];
                if (lastLeafOfEntry[entry] != leaf)
                {
                    lastLeafOfEntry[entry] = leaf;
                    _innermost[node].Period += _tree.SelfPeriods[leaf];
                    _innermost[node].Samples += _tree.SelfSamples[leaf];
                }
            }
        }
    }

    private int LinkOf(int node) => _places[_tree.PlaceOf(node)].Link;

    /// <summary>Nodes by their entries, one entry's after the other's.</summary>
    private sealed class NodeGroups
    {
        private readonly int[] _nodes;

        /// <summary>The nodes of entry e end here.</summary>
        private readonly int[] _ends;

        public NodeGroups(int[] entryOfNode)
        {
            Count = entryOfNode.Length == 0 ? 0 : entryOfNode.Max() + 1;
            _ends = new int[Count];
            foreach (int entry in entryOfNode)
            {
                if (entry >= 0)
                {
                    _ends[entry]++;
                }
            }

            var next = new int[Count];
            for (int entry = 1; entry < Count; entry++)
            {
                next[entry] = _ends[entry - 1];
                _ends[entry] += _ends[entry - 1];
            }

            _nodes = new int[Count == 0 ? 0 : _ends[^1]];
            for (int node = 0; node < entryOfNode.Length; node++)
            {
                if (entryOfNode[node] >= 0)
                {
                    _nodes[next[entryOfNode[node]]++] = node;
                }
            }
        }

        /// <summary>Entries up to the last one that has a node.</summary>
        public int Count { get; }

        /// <summary>An entry's nodes.</summary>
        public ReadOnlySpan<int> this[int entry] =>
            entry >= Count ? default : _nodes.AsSpan((entry == 0 ? 0 : _ends[entry - 1]).._ends[entry]);
    }
}
