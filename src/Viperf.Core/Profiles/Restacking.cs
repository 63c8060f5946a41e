namespace Viperf.Core.Profiles;

/// <summary>
/// Stacks that are made from others frame by frame from the outermost: how frames are added to stacks, left out of them or
/// replaced. Each stack is made once, when it or a longer one is first asked for.
/// </summary>
/// <param name="source">The stacks as they were; may grow.</param>
/// <param name="append">
/// Given the new table, the new stack of the callers and the old frame: returns the new stack with whatever stands for the
/// frame on top, or the callers' stack itself.
/// </param>
public sealed class Restacking(StackTable source, Func<StackTable, int, int, int> append)
{
    private readonly List<int> _made = [];

    /// <summary>The new stacks.</summary>
    public StackTable Stacks { get; } = new();

    /// <summary>The new stack of an old one.</summary>
    public int Of(int stack)
    {
        if (stack == StackTable.Empty)
        {
            return StackTable.Empty;
        }

        // callers have smaller indexes
        for (int next = _made.Count; next <= stack; next++)
        {
            int callers = source.ParentOf(next);
            _made.Add(append(Stacks, callers == StackTable.Empty ? StackTable.Empty : _made[callers], source.FrameOf(next)));
        }

        return _made[stack];
    }
}
