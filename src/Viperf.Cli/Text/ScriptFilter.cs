using Viperf.Core.Profiles;
using Viperf.Core.Symbols;

namespace Viperf.Cli.Text;

/// <summary>Which samples <c>script</c> prints. A filter that is null lets everything through.</summary>
internal sealed record ScriptFilter
{
    /// <summary>Names of threads.</summary>
    public HashSet<string>? Comms { get; init; }

    /// <summary>Process ids.</summary>
    public HashSet<int>? Pids { get; init; }

    /// <summary>Thread ids.</summary>
    public HashSet<int>? Tids { get; init; }

    /// <summary>CPU numbers.</summary>
    public HashSet<int>? Cpus { get; init; }

    /// <summary>Modules of the leaf, by path or short name.</summary>
    public HashSet<string>? Dsos { get; init; }

    /// <summary>Functions of the leaf.</summary>
    public HashSet<string>? Symbols { get; init; }

    /// <summary>True if the sample is to be printed. Looks names up only where a filter asks for them.</summary>
    public bool Accepts(in SampleKey sample, Profile profile, Symbolizer symbolizer)
    {
        if (!(Comms?.Contains(profile.Comms[sample.Comm]) ?? true)
            || !(Pids?.Contains(sample.Pid) ?? true)
            || !(Tids?.Contains(sample.Tid) ?? true)
            || !(Cpus?.Contains(sample.Cpu) ?? true))
        {
            return false;
        }

        if (Dsos is null && Symbols is null)
        {
            return true;
        }

        int leaf = profile.Stacks.FrameOf(sample.Stack);
        var module = profile.Modules[profile.Frames[leaf].Module];
        return (Dsos is null || Dsos.Contains(module.Path) || Dsos.Contains(module.Name))
            && (Symbols?.Contains(profile.Functions[symbolizer.FunctionOf(profile, leaf)].Name) ?? true);
    }
}
