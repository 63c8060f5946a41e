using System.CommandLine;

namespace Viperf.Cli;

/// <summary>A command, and what its help says besides its options.</summary>
/// <param name="name">The command's name.</param>
/// <param name="description">What it does, in one line.</param>
/// <param name="usage">What may stand behind its name.</param>
/// <param name="examples">Arguments for it that are worth a try.</param>
internal sealed class Verb(string name, string description, string usage, params string[] examples)
    : Command(name, description)
{
    /// <summary>What may stand behind the command's name.</summary>
    public string Usage { get; } = usage;

    /// <summary>Arguments that are worth a try.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}
