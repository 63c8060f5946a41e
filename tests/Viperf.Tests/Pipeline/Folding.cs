using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Python;
using Viperf.Core.Symbols;

namespace Viperf.Tests.Pipeline;

/// <summary>Folds the stacks of profiles made by hand.</summary>
internal static class Folding
{
    /// <summary>Folds all stacks of a profile.</summary>
    public static void Fold(Profile profile, StackMode mode)
    {
        using var jitDumps = new JitDumps(profile, new SymbolizerOptions());
        using var symbolizer = new Symbolizer(new SymbolizerOptions(), jitDumps);
        var folding = new StackFolding(profile, symbolizer, new SourcePaths([], "/"));
        profile.Restack(folding.Append);
        if (mode == StackMode.Python)
        {
            profile.Restack(folding.AppendPython);
        }
    }
}
