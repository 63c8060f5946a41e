namespace Viperf.Core.Symbols;

/// <summary>Where the user said to look for symbols, by perf's options of these names.</summary>
public sealed record SymbolSources
{
    /// <summary>The usual places: the user said nothing.</summary>
    public static readonly SymbolSources Usual = new();

    /// <summary>
    /// True if the user named no place: then the names that a recording brings along count. Servers are asked in any case only
    /// for what is missing.
    /// </summary>
    public bool AreUsual => Root.Length == 0 && DebugFolder is null && Kallsyms is null;

    /// <summary><c>--symfs</c>: a directory below which the recorded machine's files lie, without a slash at the end; empty for ours.</summary>
    public string Root { get; init; } = "";

    /// <summary><c>--debuginfo-dir</c>: a directory of debug files, looked in before /usr/lib/debug; null for none.</summary>
    public string? DebugFolder { get; init; }

    /// <summary><c>--kallsyms</c>: a list of the recorded kernel's symbols; null for the running kernel's.</summary>
    public string? Kallsyms { get; init; }

    /// <summary>True to ask the servers that DEBUGINFOD_URLS names for what is not on this machine.</summary>
    public bool AsksServers { get; init; }

    /// <summary>Is told what takes so long.</summary>
    public Action<string> Progress { get; init; } = static _ => { };
}
