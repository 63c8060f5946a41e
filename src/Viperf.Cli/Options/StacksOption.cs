using System.CommandLine;
using Viperf.Core;
using Viperf.Core.Pipeline;

namespace Viperf.Cli.Options;

/// <summary>The option <c>--stacks</c>: how much of a Python program's stacks is shown.</summary>
/// <param name="otherwise">What is shown where it is not given.</param>
internal sealed class StacksOption(StackMode otherwise)
{
    private const string Name = "--stacks";

    /// <summary>The option itself.</summary>
    public Option<string?> Option { get; } = new(Name)
    {
        Description = "Which frames to show: Python functions alone, all other code counting for the one that called it (python); these and "
            + "C code that does what the program asked for, such as a sort, a regular expression, an extension or the "
            + "kernel, but not the interpreter's own calls and evaluation (mixed); or everything under its symbol's name "
            + $"(native). But for native, imports, garbage collection and waits for the GIL are one frame each, and a stack "
            + "without any Python function is one frame [native] in python. Default "
            + otherwise.ToString().ToLowerInvariant(),
        HelpName = "python|mixed|native",
    };

    /// <summary>Reads the option's value.</summary>
    /// <param name="options">The options.</param>
    /// <param name="instead">What is shown where it is not given, if another option decides that.</param>
    /// <exception cref="UserErrorException">It is no such word.</exception>
    public StackMode Read(ParseResult options, StackMode? instead = null) => options.GetValue(Option) switch
    {
        null => instead ?? otherwise,
        "python" => StackMode.Python,
        "mixed" => StackMode.Mixed,
        "native" => StackMode.Native,
        var value => throw new UserErrorException($"{Name} {value}: give python, mixed or native", OptionGrammar.UsageError),
    };
}
