using Viperf.Core.Profiles;
using Viperf.Core.Symbols;

namespace Viperf.Core.Pipeline;

/// <summary>Folds stacks one by one, while samples come (see <see cref="RecordingFile.FoldingOf"/>).</summary>
public sealed class SampleFolding
{
    private readonly Profile _profile;
    private readonly Symbolizer _symbolizer;
    private readonly StackFolding _folding;
    private readonly bool _inlines;
    private readonly Restacking _mixed;
    private readonly Restacking? _python;

    internal SampleFolding(Profile profile, Symbolizer symbolizer, StackFolding folding, bool inlines, StackMode mode)
    {
        _profile = profile;
        _symbolizer = symbolizer;
        _folding = folding;
        _inlines = inlines;
        _mixed = new Restacking(profile.Stacks, Append);
        _python = mode == StackMode.Python ? new Restacking(_mixed.Stacks, folding.AppendPython) : null;
    }

    /// <summary>The folded stacks.</summary>
    public StackTable Stacks => (_python ?? _mixed).Stacks;

    /// <summary>The folded stack, in <see cref="Stacks"/>, of one of the profile's.</summary>
    public int Of(int stack) => _python is null ? _mixed.Of(stack) : _python.Of(_mixed.Of(stack));

    private int Append(StackTable stacks, int callers, int frame)
    {
        var functions = _inlines ? _symbolizer.FunctionsAt(_profile, frame) : [];
        if (functions.IsEmpty)
        {
            return _folding.Append(stacks, callers, frame);
        }

        foreach (int function in functions)
        {
            callers = _folding.Append(stacks, callers, function);
        }

        return callers;
    }
}
