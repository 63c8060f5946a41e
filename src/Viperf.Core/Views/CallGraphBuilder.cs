namespace Viperf.Core.Views;

/// <summary>Makes call graphs of a histogram's entries, each from the part of the tree that holds the entry.</summary>
internal sealed class CallGraphBuilder
{
    private readonly PlaceTree _tree;
    private readonly PlaceTable _places;
    private readonly int[] _entryOfNode;
    private readonly bool[] _isOutermost;
    private readonly HistogramOptions _options;

    /// <summary>The nodes of each entry, one entry's after the other's; those of entry e end at <c>_ends[e]</c>.</summary>
    private readonly int[] _nodes;
    private readonly int[] _ends;

    /// <summary>
    /// Of every node the weight of the samples in whose stack it is the innermost of its entry: they are what a
    /// call graph towards callers starts from.
    /// </summary>
    private readonly (ulong Period, ulong Samples)[] _innermost = [];

    /// <summary>Links, or nodes of a trie, on the way from the outermost frame; of use within one method.</summary>
    private readonly Stack<int> _path = new();

    public CallGraphBuilder(
        PlaceTree tree, PlaceTable places, int[] entryOfNode, bool[] isOutermost, HistogramOptions options)
    {
        _tree = tree;
        _places = places;
        _entryOfNode = entryOfNode;
        _isOutermost = isOutermost;
        _options = options;
        (_nodes, _ends) = NodesByEntry(entryOfNode);
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
        int begin = entry.Index == 0 ? 0 : _ends[entry.Index - 1];
        foreach (int node in _nodes.AsSpan(begin.._ends[entry.Index]))
        {
            if (!_options.CallersFirst)
            {
                AddTowardsCallers(trie, node);
            }
            else
            {
                AddFromOutermost(trie, node);
                if (_isOutermost[node])
                {
                    AddTowardsCallees(trie, node);
                }
            }
        }

        return trie.ToGraph(cut);
    }

    private void AddTowardsCallers(CallGraphTrie trie, int node)
    {
        var (period, samples) = _options.Children
            ? _innermost[node]
            : (_tree.SelfPeriods[node], _tree.SelfSamples[node]);
        if (samples == 0)
        {
            return;
        }

        int end = CallGraphTrie.Root;
        for (int i = node; !_tree.IsRoot(i); i = _tree.ParentOf(i))
        {
            end = trie.Follow(end, LinkOf(i));
        }

        trie.End(end, period, samples);
    }

    /// <summary>The entry's own samples: their chains start at the outermost frame, not at the entry.</summary>
    private void AddFromOutermost(CallGraphTrie trie, int node)
    {
        if (_tree.SelfSamples[node] != 0)
        {
            trie.End(FollowFromOutermost(trie, node), _tree.SelfPeriods[node], _tree.SelfSamples[node]);
        }
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
    private void AddTowardsCallees(CallGraphTrie trie, int top)
    {
        int entry = _entryOfNode[top];
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
            if (_entryOfNode[node] != entry && _tree.SelfSamples[node] != 0)
            {
                trie.End(end, _tree.SelfPeriods[node], _tree.SelfSamples[node]);
            }
        }
    }

    private void WeighInnermost()
    {
        var lastLeafOfEntry = new int[_ends.Length];
        Array.Fill(lastLeafOfEntry, -1);
        for (int leaf = 0; leaf < _tree.Count; leaf++)
        {
            if (_tree.SelfSamples[leaf] == 0)
            {
                continue;
            }

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

    private static (int[] Nodes, int[] Ends) NodesByEntry(int[] entryOfNode)
    {
        int entries = 0;
        int count = 0;
        foreach (int entry in entryOfNode)
        {
            entries = Math.Max(entries, entry + 1);
            count += entry >= 0 ? 1 : 0;
        }

        var sizes = new int[entries];
        foreach (int entry in entryOfNode)
        {
            if (entry >= 0)
            {
                sizes[entry]++;
            }
        }

        var ends = new int[entries];
        var next = new int[entries];
        for (int entry = 0, end = 0; entry < entries; entry++)
        {
            next[entry] = end;
            end += sizes[entry];
            ends[entry] = end;
        }

        var nodes = new int[count];
        for (int node = 0; node < entryOfNode.Length; node++)
        {
            if (entryOfNode[node] >= 0)
            {
                nodes[next[entryOfNode[node]]++] = node;
            }
        }

        return (nodes, ends);
    }
}
