using System.CommandLine;
using Viperf.Core;
using Viperf.Core.Python;

namespace Viperf.Cli.Options;

/// <summary>The option <c>--python</c>: how the recorded Python programs get to show their functions.</summary>
internal static class PythonOption
{
    private const string Name = "--python";
    private const string Async = "--async";

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

    /// <summary>Creates the option <c>--async</c>.</summary>
    public static Option<bool> CreateAsync() => new(Async)
    {
        Description = "With --python capture: show the frames of an asyncio task under those of the task that awaits it, to the one "
            + "that nobody awaits (CPython 3.8 to 3.13)",
    };

    /// <summary>Reads the option <c>--async</c>.</summary>
    /// <param name="isGiven">True if it was given.</param>
    /// <param name="support">How Python functions get into stacks.</param>
    /// <exception cref="UserErrorException">It needs another way.</exception>
    public static bool ReadAsync(bool isGiven, PythonSupport support) => !isGiven || support == PythonSupport.Capture
        ? isGiven
        : throw new UserErrorException($"{Async}: only threads that write down their own frames know their tasks: give {Name} capture", OptionGrammar.UsageError);

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
