namespace Viperf.Core.Profiles;

/// <summary>
/// Stacks as a prefix tree: a stack is its caller's stack and one frame more, so stacks that share their outer
/// frames share rows, and a stack is one int wherever it is referred to.
/// </summary>
public sealed class StackTable
{
    /// <summary>The stack without frames, parent of every outermost frame.</summary>
    public const int Empty = -1;

    private readonly InternTable<(int Parent, int Frame)> _stacks = new();

    /// <summary>Number of distinct stacks and parts of stacks.</summary>
    public int Count => _stacks.Count;

    /// <summary>The caller's stack, or <see cref="Empty"/>. Always a smaller index than <paramref name="stack"/>.</summary>
    public int ParentOf(int stack) => _stacks[stack].Parent;

    /// <summary>Index in <see cref="FrameTable"/> of the stack's leaf.</summary>
    public int FrameOf(int stack) => _stacks[stack].Frame;

    /// <summary>Returns the stack <paramref name="parent"/> with <paramref name="frame"/> on top. Allocates nothing on a hit.</summary>
    public int Intern(int parent, int frame) => _stacks.Intern((parent, frame));
}
