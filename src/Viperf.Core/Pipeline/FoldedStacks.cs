using Viperf.Core.Profiles;

namespace Viperf.Core.Pipeline;

/// <summary>A profile's stacks as each <see cref="StackMode"/> shows them, made when they are first asked for.</summary>
public sealed class FoldedStacks
{
    private readonly Restacking _mixed;
    private readonly Restacking _python;

    internal FoldedStacks(StackTable whole, StackFolding folding)
    {
        Whole = whole;
        _mixed = new Restacking(whole, folding.Append);
        _python = new Restacking(_mixed.Stacks, folding.AppendPython);
    }

    /// <summary>The stacks as they were.</summary>
    public StackTable Whole { get; }

    /// <summary>The stacks of a mode.</summary>
    public StackTable TableOf(StackMode mode) => mode switch
    {
        StackMode.Mixed => _mixed.Stacks,
        StackMode.Python => _python.Stacks,
        _ => Whole,
    };

    /// <summary>What a mode makes of a stack.</summary>
    /// <param name="mode">The mode.</param>
    /// <param name="stack">Index in <see cref="Whole"/>.</param>
    /// <returns>Index in the mode's table.</returns>
    public int Of(StackMode mode, int stack) => mode switch
    {
        StackMode.Mixed => _mixed.Of(stack),
        StackMode.Python => _python.Of(_mixed.Of(stack)),
        _ => stack,
    };
}
