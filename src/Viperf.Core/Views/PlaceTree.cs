using System.Runtime.InteropServices;
using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>The part of an entry's key that all frames of a sample share; -1 where it is no key.</summary>
internal readonly record struct ThreadKey(int Pid, int Tid, int Comm, int Cpu);

/// <summary>
/// The stacks of one event's samples as a tree of places, one tree for each distinct <see cref="ThreadKey"/>. A
/// node's parent is the caller's and always has a smaller index, so one walk up or down the indexes sums up
/// everything. It is smaller than the profile's stacks by as much as places are fewer than addresses.
/// </summary>
internal sealed class PlaceTree
{
    private readonly PlaceTable _places;
    private readonly bool _hideUnresolved;

    /// <summary>Nodes; those without a parent are the thread keys' roots, whose "frame" is the key's index.</summary>
    private readonly StackTable _nodes = new();
    private readonly InternTable<ThreadKey> _threads = new();
    private readonly List<ulong> _selfPeriods = [];
    private readonly List<ulong> _selfSamples = [];
    private readonly Dictionary<(int Root, int Stack), int> _nodeOfStack = [];
    private readonly List<int> _path = [];

    /// <summary>Every node's first child and next sibling, -1 where there is none; found when first walked.</summary>
    private int[] _firstChild = [];
    private int[] _nextSibling = [];

    /// <summary>Creates an empty tree.</summary>
    public PlaceTree(PlaceTable places, bool hideUnresolved)
    {
        _places = places;
        _hideUnresolved = hideUnresolved;
    }

    /// <summary>Number of nodes, roots included.</summary>
    public int Count => _nodes.Count;

    /// <summary>Periods of the samples whose leaf is the node.</summary>
    public ReadOnlySpan<ulong> SelfPeriods => CollectionsMarshal.AsSpan(_selfPeriods);

    /// <summary>Number of samples whose leaf is the node.</summary>
    public ReadOnlySpan<ulong> SelfSamples => CollectionsMarshal.AsSpan(_selfSamples);

    /// <summary>True for a root, which stands for no frame.</summary>
    public bool IsRoot(int node) => _nodes.ParentOf(node) == StackTable.Empty;

    /// <summary>The caller's node; a root for the outermost frame.</summary>
    public int ParentOf(int node) => _nodes.ParentOf(node);

    /// <summary>Index of a node's place. Not for roots.</summary>
    public int PlaceOf(int node) => _nodes.FrameOf(node);

    /// <summary>What a root stands for.</summary>
    public ThreadKey ThreadOf(int root) => _threads[_nodes.FrameOf(root)];

    /// <summary>Adds samples with one stack.</summary>
    public void Add(in ThreadKey thread, int stack, ulong period, ulong samples)
    {
        int root = Node(StackTable.Empty, _threads.Intern(thread));
        int node = NodeOf(root, stack);
        _selfPeriods[node] += period;
        _selfSamples[node] += samples;
    }

    /// <summary>Every node when it is entered and when it is left, callers before callees.</summary>
    public IEnumerable<(int Node, bool Entered)> Walk()
    {
        for (int root = 0; root < Count; root++)
        {
            if (IsRoot(root))
            {
                foreach (var step in Walk(root))
                {
                    yield return step;
                }
            }
        }
    }

    /// <summary>A node and all below it when they are entered and when they are left, callers before callees.</summary>
    public IEnumerable<(int Node, bool Entered)> Walk(int top)
    {
        FindLinks();
        int node = top;
        while (true)
        {
            yield return (node, true);
            if (_firstChild[node] >= 0)
            {
                node = _firstChild[node];
                continue;
            }

            yield return (node, false);
            while (node != top && _nextSibling[node] < 0)
            {
                node = ParentOf(node);
                yield return (node, false);
            }

            if (node == top)
            {
                yield break;
            }

            node = _nextSibling[node];
        }
    }

    private void FindLinks()
    {
        if (_firstChild.Length == Count)
        {
            return;
        }

        _firstChild = new int[Count];
        _nextSibling = new int[Count];
        Array.Fill(_firstChild, -1);
        Array.Fill(_nextSibling, -1);
        for (int node = Count - 1; node >= 0; node--)
        {
            int parent = ParentOf(node);
            if (parent >= 0)
            {
                _nextSibling[node] = _firstChild[parent];
                _firstChild[parent] = node;
            }
        }
    }

    /// <summary>Walks up to the next stack whose node is known, then down again making the others.</summary>
    private int NodeOf(int root, int stack)
    {
        var stacks = _places.Profile.Stacks;
        _path.Clear();
        int node = root;
        for (int s = stack; s != StackTable.Empty; s = stacks.ParentOf(s))
        {
            if (_nodeOfStack.TryGetValue((root, s), out node))
            {
                break;
            }

            node = root;
            _path.Add(s);
        }

        for (int i = _path.Count - 1; i >= 0; i--)
        {
            int place = _places.OfFrame(stacks.FrameOf(_path[i]));
            if (!_hideUnresolved || _places.FunctionOf(_places[place].Symbol).IsNamed)
            {
                node = Node(node, place);
            }

            _nodeOfStack.Add((root, _path[i]), node);
        }

        return node;
    }

    private int Node(int parent, int frame)
    {
        int node = _nodes.Intern(parent, frame);
        if (node == _selfPeriods.Count)
        {
            _selfPeriods.Add(0);
            _selfSamples.Add(0);
        }

        return node;
    }
}
