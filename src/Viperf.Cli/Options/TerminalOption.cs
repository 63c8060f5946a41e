using System.CommandLine;

namespace Viperf.Cli.Options;

/// <summary>
/// An option that ends the options, as Python's <c>-m</c> and <c>-c</c> do: all that follows its value belongs to the
/// program that the value names.
/// </summary>
/// <param name="name">The option's name.</param>
/// <param name="aliases">Its other names.</param>
internal sealed class TerminalOption(string name, params string[] aliases) : Option<string?>(name, aliases);
