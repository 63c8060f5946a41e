using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>
/// Which samples a view shows, decided by each sample's thread and by its leaf, as perf's <c>--comms</c>,
/// <c>--dsos</c> and the like do. A list that is null lets everything through.
/// </summary>
public sealed record SampleFilter
{
    /// <summary>Lets every sample through.</summary>
    public static SampleFilter All { get; } = new();

    /// <summary>Names of threads.</summary>
    public IReadOnlySet<string>? Comms { get; init; }

    /// <summary>Names of modules, short or with their path.</summary>
    public IReadOnlySet<string>? Dsos { get; init; }

    /// <summary>
    /// Names of functions, or their first addresses as <c>0x…</c>; of Python functions the qualified name, that with the file
    /// as it is shown, or the symbol.
    /// </summary>
    public IReadOnlySet<string>? Symbols { get; init; }

    /// <summary>Process ids.</summary>
    public IReadOnlySet<int>? Pids { get; init; }

    /// <summary>Thread ids.</summary>
    public IReadOnlySet<int>? Tids { get; init; }

    /// <summary>CPU numbers. Unlike the others, samples of other CPUs count in no total.</summary>
    public IReadOnlySet<int>? Cpus { get; init; }

    /// <summary>Whether a sample's leaf has a say; its name need not be known if not.</summary>
    public bool AsksForLeaf => Dsos is not null || Symbols is not null;

    /// <summary>True if samples of the thread and process of <paramref name="key"/> are shown, for all that these say.</summary>
    public bool AcceptsThread(Profile profile, in SampleKey key) =>
        (Pids is null || Pids.Contains(key.Pid))
        && (Tids is null || Tids.Contains(key.Tid))
        && (Comms is null || Comms.Contains(profile.Comms[key.Comm]));

    /// <summary>True if samples with this function as their leaf are shown, for all that it says.</summary>
    public bool AcceptsLeaf(Profile profile, in Function leaf) =>
        (Dsos is null || AcceptsModule(profile.Modules[leaf.Module]))
        && (Symbols is null || AcceptsFunction(profile, leaf));

    private bool AcceptsModule(Module module) =>
        module.Kind != ModuleKind.Unknown && (Dsos!.Contains(module.Name) || Dsos.Contains(module.Path));

    private bool AcceptsFunction(Profile profile, in Function function)
    {
        if (!function.IsNamed || Symbols!.Contains(function.Name) || Symbols.Contains(function.Title))
        {
            return function.IsNamed;
        }

        if (profile.Modules[function.Module].Kind == ModuleKind.PythonSource)
        {
            return Symbols.Contains(new PythonSymbol(function.Name, profile.Modules[function.Module].Path).ToString());
        }

        return PythonSymbol.TryParse(function.Name, out var python)
            ? Symbols.Contains(python.Name) || Symbols.Contains($"0x{function.Start:x}")
            : Symbols.Contains($"0x{function.Start:x}");
    }
}
