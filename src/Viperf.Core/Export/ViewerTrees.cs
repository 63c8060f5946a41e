using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// The stacks of a profile as trees of functions at lines, one for each mode, and which nodes of them each row of samples has.
/// </summary>
internal sealed class ViewerTrees
{
    /// <summary>Modes that there are at most.</summary>
    private const int MostModes = 3;

    private readonly ExportSource _source;
    private readonly InternTable<(int Function, int Line)> _frames = new();
    private readonly List<int> _frameOf = [];
    private readonly Restacking[] _trees;
    private readonly InternTable<(int, int, int)> _stacks = new();
    private readonly int[] _stackOfRow;

    /// <summary>Makes the trees.</summary>
    public ViewerTrees(ExportSource source, IReadOnlyList<ViewerStacks> modes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(modes.Count, MostModes);
        _source = source;
        _trees = [.. modes.Select(mode => new Restacking(
            mode.Stacks, (stacks, callers, frame) => stacks.Intern(callers, FrameAt(frame))))];
        _stackOfRow = new int[source.Profile.Samples.Count];
        foreach (int row in source.Rows)
        {
            int whole = source.Profile.Samples.KeyOf(row).Stack;
            _stackOfRow[row] = _stacks.Intern((Node(0), Node(1), Node(2)));

            int Node(int mode) => mode < modes.Count ? _trees[mode].Of(modes[mode].Of(whole)) : StackTable.Empty;
        }
    }

    /// <summary>Functions (indexes in <see cref="ExportSource.Functions"/>) at lines.</summary>
    public IEnumerable<(int Function, int Line)> Frames => Enumerable.Range(0, _frames.Count).Select(index => _frames[index]);

    /// <summary>Number of distinct stacks of samples.</summary>
    public int StackCount => _stacks.Count;

    /// <summary>A mode's tree; its frames are indexes in <see cref="Frames"/>.</summary>
    public StackTable TreeOf(int mode) => _trees[mode].Stacks;

    /// <summary>A mode's tree in the order in which it is written.</summary>
    public ViewerWalk WalkOf(int mode) => new(TreeOf(mode), frame => _frames[frame]);

    /// <summary>The distinct stack of a row of samples.</summary>
    public int StackOf(int row) => _stackOfRow[row];

    /// <summary>The node of a distinct stack in a mode's tree, or <see cref="StackTable.Empty"/>.</summary>
    public int NodeOf(int stack, int mode)
    {
        var (first, second, third) = _stacks[stack];
        return mode switch { 0 => first, 1 => second, _ => third };
    }

    /// <summary>Samples that have each function of a mode's tree on their stack; more than once where it calls itself.</summary>
    /// <returns>By index in <see cref="ExportSource.Functions"/>.</returns>
    public ulong[] CountFunctions(int mode)
    {
        var tree = TreeOf(mode);
        ulong[] samples = new ulong[tree.Count];
        foreach (int row in _source.Rows)
        {
            if (NodeOf(StackOf(row), mode) is >= 0 and var node)
            {
                samples[node] += _source.Profile.Samples.SamplesOf(row);
            }
        }

        ulong[] counts = new ulong[_source.Functions.Count];
        for (int node = tree.Count - 1; node >= 0; node--) // callers have smaller indexes
        {
            counts[_frames[tree.FrameOf(node)].Function] += samples[node];
            if (tree.ParentOf(node) is >= 0 and var caller)
            {
                samples[caller] += samples[node];
            }
        }

        return counts;
    }

    private int FrameAt(int frame)
    {
        const int notYet = -1;
        while (_frameOf.Count <= frame)
        {
            _frameOf.Add(notYet);
        }

        if (_frameOf[frame] == notYet)
        {
            _frameOf[frame] = _frames.Intern(_source.IndexesOf(frame));
        }

        return _frameOf[frame];
    }
}
