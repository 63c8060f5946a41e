using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>Call chains merged from their starts on, with the weight of those that end at each link.</summary>
internal sealed class CallGraphTrie
{
    /// <summary>The start of every chain.</summary>
    public const int Root = StackTable.Empty;

    private readonly PlaceTable _places;
    private readonly StackTable _nodes = new();
    private readonly List<(ulong Period, ulong Samples)> _own = [];

    private (ulong Period, ulong Samples)[] _total = [];
    private int[] _firstChild = [];
    private int[] _nextSibling = [];
    private int _firstTop = -1;

    /// <summary>Creates an empty trie.</summary>
    public CallGraphTrie(PlaceTable places) => _places = places;

    /// <summary>The node that follows <paramref name="parent"/> by <paramref name="link"/>.</summary>
    public int Follow(int parent, int link)
    {
        int node = _nodes.Intern(parent, link);
        if (node == _own.Count)
        {
            _own.Add(default);
        }

        return node;
    }

    /// <summary>Ends chains at a node.</summary>
    public void End(int node, ulong period, ulong samples)
    {
        var (oldPeriod, oldSamples) = _own[node];
        _own[node] = (oldPeriod + period, oldSamples + samples);
    }

    /// <summary>The call graph, cut as asked for. The trie is complete by now.</summary>
    public IReadOnlyList<CallGraphNode> ToGraph(in CallGraphCut cut)
    {
        SumUp();
        var graph = new List<CallGraphNode>();
        if (cut.Shape == CallGraphShape.Chains)
        {
            AddChains(graph, cut.MinPeriod);
        }
        else
        {
            ulong all = 0;
            for (int node = _firstTop; node >= 0; node = _nextSibling[node])
            {
                all += _total[node].Period;
            }

            AddBranches(graph, _firstTop, all, cut);
        }

        return graph;
    }

    /// <summary>Weights with children's, and links from parents to children, leaving out what no chain goes through.</summary>
    private void SumUp()
    {
        int count = _nodes.Count;
        _total = [.. _own];
        _firstChild = new int[count];
        _nextSibling = new int[count];
        Array.Fill(_firstChild, -1);
        for (int node = count - 1; node >= 0; node--)
        {
            var (period, samples) = _total[node];
            if (samples == 0)
            {
                continue;
            }

            int parent = _nodes.ParentOf(node);
            ref int first = ref parent == Root ? ref _firstTop : ref _firstChild[parent];
            _nextSibling[node] = first;
            first = node;
            if (parent != Root)
            {
                _total[parent].Period += period;
                _total[parent].Samples += samples;
            }
        }
    }

    private void AddBranches(List<CallGraphNode> graph, int firstSibling, ulong parentPeriod, in CallGraphCut cut)
    {
        ulong min = cut.Shape == CallGraphShape.RelativeTree
            ? (ulong)Math.Ceiling(parentPeriod * cut.MinPart)
            : cut.MinPeriod;
        for (int top = firstSibling; top >= 0; top = _nextSibling[top])
        {
            if (_total[top].Period < min)
            {
                continue;
            }

            int last = top;
            var links = new List<int> { _nodes.FrameOf(top) };
            while (_own[last].Samples == 0 && _nextSibling[_firstChild[last]] < 0)
            {
                last = _firstChild[last];
                links.Add(_nodes.FrameOf(last));
            }

            var children = new List<CallGraphNode>();
            AddBranches(children, _firstChild[last], _total[last].Period - _own[last].Period, cut);
            graph.Add(NewNode(links, children, last));
        }

        graph.Sort((x, y) => Compare(x, y, y.TotalPeriod.CompareTo(x.TotalPeriod)));
    }

    private void AddChains(List<CallGraphNode> graph, ulong minPeriod)
    {
        for (int node = 0; node < _nodes.Count; node++)
        {
            if (_own[node].Period == 0 || _own[node].Period < minPeriod)
            {
                continue;
            }

            var links = new List<int>();
            for (int i = node; i != Root; i = _nodes.ParentOf(i))
            {
                links.Add(_nodes.FrameOf(i));
            }

            links.Reverse();
            graph.Add(NewNode(links, [], node));
        }

        graph.Sort((x, y) => Compare(x, y, y.OwnPeriod.CompareTo(x.OwnPeriod)));
    }

    private CallGraphNode NewNode(List<int> links, List<CallGraphNode> children, int last) => new()
    {
        Links = links,
        Children = children,
        OwnPeriod = _own[last].Period,
        OwnSamples = _own[last].Samples,
        ChildrenPeriod = _total[last].Period - _own[last].Period,
        ChildrenSamples = _total[last].Samples - _own[last].Samples,
    };

    /// <summary>By weight, then link by link, so that no two runs differ.</summary>
    private int Compare(CallGraphNode x, CallGraphNode y, int byWeight)
    {
        int order = byWeight;
        for (int i = 0; order == 0 && i < Math.Min(x.Links.Count, y.Links.Count); i++)
        {
            order = _places.CompareLinks(x.Links[i], y.Links[i]);
        }

        return order != 0 ? order : x.Links.Count.CompareTo(y.Links.Count);
    }
}
