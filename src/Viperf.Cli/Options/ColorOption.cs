using System.CommandLine;
using Viperf.Core;

namespace Viperf.Cli.Options;

/// <summary>perf's option <c>--stdio-color</c>: whether what is printed has colours.</summary>
internal static class ColorOption
{
    /// <summary>Creates the option.</summary>
    public static Option<string?> Create() => new("--stdio-color")
    {
        Description = "Colours: always, never, or auto (on terminals, the default)",
        HelpName = "WHEN",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Reads the option's value.</summary>
    /// <exception cref="UserErrorException">It is no such word.</exception>
    public static bool Read(ParseResult options, Option<string?> option) => options.GetValue(option) switch
    {
        "always" => true,
        "never" => false,
        null or "auto" => !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        var value => throw new UserErrorException(
            $"{option.Name} {value}: expected auto or always or never", OptionGrammar.UsageError),
    };
}
