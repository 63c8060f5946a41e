namespace Viperf.Core.Symbols;

/// <summary>What the recording and the user say that decides which files may name addresses, and how functions are called.</summary>
public sealed class SymbolizerOptions
{
    /// <summary>The recorded machine's kernel (<c>uname -r</c>); null where the recording does not say.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>The user that owns the recording, whose perf maps are believed; null where nobody says.</summary>
    public uint? RecordingOwner { get; init; }

    /// <summary>True if the recording says that it was made on this machine, so that inodes tell files apart.</summary>
    public bool IsThisMachine { get; init; }

    /// <summary>
    /// The build-id that the recording's header has for a path, in lower-case hexadecimal digits, or an empty text; for mappings
    /// whose records have none.
    /// </summary>
    public Func<string, string> RecordedBuildId { get; init; } = static _ => "";

    /// <summary>Where the user said to look.</summary>
    public SymbolSources Sources { get; init; } = new();

    /// <summary>Servers that have files by their build-ids; null for none.</summary>
    internal Debuginfod? Servers { get; init; }

    /// <summary>Takes what is wrong with debug files, a line each, from any thread.</summary>
    internal Action<string> Warn { get; init; } = static _ => { };

    /// <summary>Finds files by these options.</summary>
    internal FileFinder Files => field ??= new FileFinder(this);

    /// <summary>perf's build-id cache.</summary>
    internal BuildIdCache BuildIds => field ??= BuildIdCache.OfUser();

    /// <summary>How functions are called.</summary>
    public NameOptions Names { get; init; } = NameOptions.Default;
}
