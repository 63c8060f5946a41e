using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// The order in which one walks a tree of stacks: behind each node come all that it called, and of these those of one function
/// follow each other. Neighbours in memory are neighbours in the tree then, and columns of it compress well.
/// </summary>
internal sealed class ViewerWalk
{
    private readonly StackTable _tree;

    /// <summary>By place in the walk, the node of the table.</summary>
    private readonly int[] _nodes;

    /// <summary>By node of the table, its place in the walk.</summary>
    private readonly int[] _places;

    /// <summary>Walks a tree.</summary>
    /// <param name="tree">The tree; nothing is added to it later.</param>
    /// <param name="order">By frame, what siblings are ordered by.</param>
    public ViewerWalk(StackTable tree, Func<int, (int Function, int Line)> order)
    {
        _tree = tree;
        _nodes = new int[tree.Count];
        _places = new int[tree.Count];
        int[] siblings = Siblings(order, out int[] starts);
        var next = new Stack<int>();
        PushCallees(StackTable.Empty);
        for (int place = 0; next.TryPop(out int node); place++)
        {
            _nodes[place] = node;
            _places[node] = place;
            PushCallees(node);
        }

        void PushCallees(int caller)
        {
            for (int i = starts[caller + 2] - 1; i >= starts[caller + 1]; i--)
            {
                next.Push(siblings[i]);
            }
        }
    }

    /// <summary>The callers' places, in the order of the walk; -1 where there are none.</summary>
    public IEnumerable<int> Parents => _nodes.Select(node => PlaceOf(_tree.ParentOf(node)));

    /// <summary>The frames in the order of the walk.</summary>
    public IEnumerable<int> Frames => _nodes.Select(_tree.FrameOf);

    /// <summary>A node's place in the walk, -1 for <see cref="StackTable.Empty"/>.</summary>
    public int PlaceOf(int node) => node == StackTable.Empty ? -1 : _places[node];

    /// <summary>All nodes, callees of one caller together and in order.</summary>
    /// <param name="order">By frame, what siblings are ordered by.</param>
    /// <param name="starts">Where the callees of a node begin, at its index and one, and end; at 0 what nothing called.</param>
    private int[] Siblings(Func<int, (int Function, int Line)> order, out int[] starts)
    {
        starts = new int[_tree.Count + 2];
        for (int node = 0; node < _tree.Count; node++)
        {
            starts[_tree.ParentOf(node) + 2]++;
        }

        for (int i = 1; i < starts.Length; i++)
        {
            starts[i] += starts[i - 1];
        }

        int[] siblings = new int[_tree.Count];
        int[] next = starts[..];
        for (int node = 0; node < _tree.Count; node++)
        {
            siblings[next[_tree.ParentOf(node) + 1]++] = node;
        }

        for (int i = 0; i + 1 < starts.Length; i++)
        {
            siblings.AsSpan(starts[i]..starts[i + 1]).Sort((x, y) => order(_tree.FrameOf(x)).CompareTo(order(_tree.FrameOf(y))));
        }

        return siblings;
    }
}
