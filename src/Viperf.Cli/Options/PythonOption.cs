using System.CommandLine;
using Viperf.Core;
using Viperf.Core.Python;

namespace Viperf.Cli.Options;

/// <summary>The option <c>--python</c>: how the recorded Python programs get to show their functions.</summary>
internal static class PythonOption
{
    private const string Name = "--python";

    /// <summary>Creates the option.</summary>
    /// <param name="otherwise">What nothing stands for, in words.</param>
    public static Option<string?> Create(string otherwise) => new(Name)
    {
        Description = "How Python functions get into stacks: each sampled thread writes down its own, with lines, at no cost between "
            + "samples (capture); by trampolines, which viperf's agent puts around their calls (agent), or CPython's own "
            + "-X perf (builtin), or the agent where it knows the version and else CPython's own (auto); only where "
            + $"programs switch it on themselves (off); default {otherwise}",
        HelpName = "auto|capture|builtin|agent|off",
    };

    /// <summary>Reads the option's value.</summary>
    /// <param name="value">What was given; null for nothing.</param>
    /// <param name="otherwise">What nothing stands for.</param>
    /// <exception cref="UserErrorException">It is no such word.</exception>
    public static PythonSupport Parse(string? value, PythonSupport otherwise) => value switch
    {
        null => otherwise,
        "auto" => PythonSupport.Auto,
        "builtin" => PythonSupport.BuiltIn,
        "agent" => PythonSupport.Agent,
        "capture" => PythonSupport.Capture,
        "off" => PythonSupport.Off,
        _ => throw new UserErrorException($"{Name} {value}: give auto, capture, builtin, agent or off", OptionGrammar.UsageError),
    };
}
