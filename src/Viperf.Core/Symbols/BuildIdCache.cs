namespace Viperf.Core.Symbols;

/// <summary>
/// perf's build-id cache, which <c>perf record</c> fills: files by their build-ids, so that they are found after they were
/// deleted, replaced or carried to another machine. <c>DIR/PATH/BUILDID/{elf,debug,kallsyms,vdso}</c> are the files, and
/// <c>DIR/.build-id/XX/YYYY</c> is a link to the directory of the one whose build-id is XXYYYY.
/// </summary>
/// <param name="directory">The cache's directory.</param>
public sealed class BuildIdCache(string directory)
{
    /// <summary>Where the links by build-id lie, below the cache's directory.</summary>
    internal const string LinkFolder = ".build-id";

    /// <summary>What a file as it was mapped is called.</summary>
    internal const string ElfName = "elf";

    /// <summary>What the debug file of it is called.</summary>
    internal const string DebugName = "debug";

    /// <summary>The variable that tells perf's own helpers where the cache is.</summary>
    private const string Variable = "PERF_BUILDID_DIR";

    /// <summary>The cache's directory.</summary>
    public string Directory => directory;

    /// <summary>The cache of this user: where <c>PERF_BUILDID_DIR</c>, <c>buildid.dir</c> of perf's configuration or the default says.</summary>
    public static BuildIdCache OfUser()
    {
        string home = Environment.GetEnvironmentVariable("HOME") ?? "";
        string? named = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(named))
        {
            named = PerfConfiguration.Value("buildid", "dir");
            if (named is not null && named.StartsWith("~/", StringComparison.Ordinal))
            {
                named = home + named[1..];
            }
        }

        return new BuildIdCache(string.IsNullOrEmpty(named) ? Path.Combine(home, ".debug") : named);
    }

    /// <summary>The directory that holds what is known of a build-id; null if nothing is, or it is no build-id.</summary>
    /// <param name="buildId">Hexadecimal digits.</param>
    public string? FolderOf(string buildId) => TryLinkOf(buildId) is { } link && System.IO.Directory.Exists(link) ? link : null;

    /// <summary>The path that a file of a build-id would have.</summary>
    /// <param name="buildId">Hexadecimal digits.</param>
    /// <param name="name">"elf", "debug", "kallsyms" or "vdso".</param>
    public string? FileOf(string buildId, string name)
    {
        if (FolderOf(buildId) is not { } folder)
        {
            return null;
        }

        string path = Path.Combine(folder, name);
        return File.Exists(path) ? path : null;
    }

    /// <summary>The link of a build-id, whether it exists or not; null if it is none.</summary>
    internal string? TryLinkOf(string buildId) => IsBuildId(buildId)
        ? Path.Combine(directory, LinkFolder, buildId[..2], buildId[2..])
        : null;

    /// <summary>True for an even number of hexadecimal digits: what may become a part of a path.</summary>
    internal static bool IsBuildId(string text) =>
        text.Length is > 2 and <= 128 && (text.Length & 1) == 0 && text.All(char.IsAsciiHexDigitLower);
}
