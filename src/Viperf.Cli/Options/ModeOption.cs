using System.CommandLine;
using Viperf.Core;
using Viperf.Core.Python;
using Viperf.Core.Recording;

namespace Viperf.Cli.Options;

/// <summary>The option <c>--mode</c>: which time samples stand for.</summary>
internal static class ModeOption
{
    private const string Name = "--mode";

    /// <summary>Creates the option.</summary>
    public static Option<string?> Create() => new(Name)
    {
        Description = "Which time of Python's threads samples stand for: that on a CPU (cpu, the default); all of it, also blocked or "
            + "waiting for a CPU, without disturbing who waits (wall); that in which they hold the GIL or wait for it (gil). wall and "
            + "gil capture Python frames (--python capture)",
        HelpName = "cpu|wall|gil",
    };

    /// <summary>Reads the option's value.</summary>
    /// <exception cref="UserErrorException">It is no such word.</exception>
    public static CaptureClock Parse(string? value) => value switch
    {
        null or "cpu" => CaptureClock.Cpu,
        "wall" => CaptureClock.Wall,
        "gil" => CaptureClock.Gil,
        _ => throw new UserErrorException($"{Name} {value}: give cpu, wall or gil", OptionGrammar.UsageError),
    };

    /// <summary>How Python functions are shown: more than CPU time takes captured frames.</summary>
    /// <param name="clock">Which time.</param>
    /// <param name="asked">What <c>--python</c> was given; null for nothing.</param>
    /// <param name="otherwise">What nothing stands for.</param>
    /// <exception cref="UserErrorException">Something else was asked for.</exception>
    public static PythonSupport SupportFor(CaptureClock clock, string? asked, PythonSupport otherwise)
    {
        var support = PythonOption.Parse(asked, clock == CaptureClock.Cpu ? otherwise : PythonSupport.Capture);
        return clock == CaptureClock.Cpu || support == PythonSupport.Capture
            ? support
            : throw new UserErrorException($"{Name} wall and gil need --python capture, not {asked}", OptionGrammar.UsageError);
    }
}
