using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// A profile's stacks as stacks of functions: calls from different lines of one function are one. Each is made when it is
/// first asked for.
/// </summary>
/// <param name="source">Where the profile is.</param>
internal sealed class FunctionStacks(ExportSource source)
{
    private readonly Restacking _restacking = new(
        source.Profile.Stacks, (stacks, callers, frame) => stacks.Intern(callers, source.IndexesOf(frame).Function));

    /// <summary>The stacks; their frames are indexes in <see cref="ExportSource.Functions"/>.</summary>
    public StackTable Stacks => _restacking.Stacks;

    /// <summary>The stack of functions that a stack of <see cref="Profile.Stacks"/> is.</summary>
    public int Of(int stack) => _restacking.Of(stack);
}
