namespace Viperf.Core.Profiles;

/// <summary>
/// Stacks as a prefix tree: a stack is its caller's stack and one frame more, so stacks that share their outer
/// frames share rows, and a stack is one int wherever it is referred to.
/// </summary>
public sealed class StackTable
{
    /// <summary>The stack without frames, parent of every outermost frame.</summary>
    public const int Empty = -1;

    /// <summary>Few, since every call graph of a report has a table too.</summary>
    private const int FirstSlotBits = 5;

    /// <summary>
    /// An odd number by chance: the upper bits of its products spread any set of rows, also one that a recording was made
    /// up for.
    /// </summary>
    private readonly ulong _factor = (ulong)Random.Shared.NextInt64() | 1;

    /// <summary>Parent (high 32 bits) and frame of each stack, in the order of their first appearance.</summary>
    private ulong[] _rows = new ulong[1 << (FirstSlotBits - 1)];
    private int _count;

    /// <summary>
    /// A row's index and one, at the place that its product leads to or behind it; 0 where there is none. At least twice
    /// as long as there are rows.
    /// </summary>
    private int[] _slots = new int[1 << FirstSlotBits];
    private int _shift = 64 - FirstSlotBits;

    /// <summary>The stack that was added last, outermost first: the next one mostly begins as it does.</summary>
    private (int Frame, int Stack)[] _last = [];
    private int _lastDepth;

    /// <summary>Number of distinct stacks and parts of stacks.</summary>
    public int Count => _count;

    /// <summary>The caller's stack, or <see cref="Empty"/>. Always a smaller index than <paramref name="stack"/>.</summary>
    public int ParentOf(int stack) => (int)(RowOf(stack) >> 32);

    /// <summary>Index in <see cref="FrameTable"/> of the stack's leaf.</summary>
    public int FrameOf(int stack) => (int)RowOf(stack);

    /// <summary>Returns the stack <paramref name="parent"/> with <paramref name="frame"/> on top. Allocates nothing on a hit.</summary>
    public int Intern(int parent, int frame)
    {
        ulong row = (ulong)(uint)parent << 32 | (uint)frame;
        int[] slots = _slots;
        int at = (int)(row * _factor >> _shift);
        while (slots[at] is not 0 and var taken)
        {
            if (_rows[taken - 1] == row)
            {
                return taken - 1;
            }

            at = (at + 1) & (slots.Length - 1);
        }

        if (_count == _rows.Length)
        {
            Grow();
            return Intern(parent, frame);
        }

        _rows[_count++] = row;
        slots[at] = _count;
        return _count - 1;
    }

    /// <summary>Returns the stack of all of a sample's frames. Allocates nothing on a hit.</summary>
    /// <param name="frames">Indexes of the frames, leaf first.</param>
    public int Intern(ReadOnlySpan<int> frames)
    {
        if (frames.Length > _last.Length)
        {
            Array.Resize(ref _last, Math.Max(frames.Length, _last.Length * 2));
        }

        int stack = Empty;
        int depth = 0;
        int most = Math.Min(frames.Length, _lastDepth);
        while (depth < most && _last[depth].Frame == frames[^(depth + 1)])
        {
            stack = _last[depth++].Stack;
        }

        for (; depth < frames.Length; depth++)
        {
            int frame = frames[^(depth + 1)];
            stack = Intern(stack, frame);
            _last[depth] = (frame, stack);
        }

        _lastDepth = depth;
        return stack;
    }

    private ulong RowOf(int stack)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)stack, (uint)_count, nameof(stack));
        return _rows[stack];
    }

    /// <summary>Makes room for twice as many rows.</summary>
    private void Grow()
    {
        Array.Resize(ref _rows, _rows.Length * 2);
        _slots = new int[_slots.Length * 2];
        _shift--;
        for (int row = 0; row < _count; row++)
        {
            int at = (int)(_rows[row] * _factor >> _shift);
            while (_slots[at] != 0)
            {
                at = (at + 1) & (_slots.Length - 1);
            }

            _slots[at] = row + 1;
        }
    }
}
