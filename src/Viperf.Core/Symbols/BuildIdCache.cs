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

    /// <summary>What a list of a kernel's symbols is called.</summary>
    internal const string KallsymsName = "kallsyms";

    /// <summary>What the debug file of it is called.</summary>
    internal const string DebugName = "debug";

    /// <summary>The variable that tells perf's own helpers where the cache is.</summary>
    public const string Variable = "PERF_BUILDID_DIR";

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

    /// <summary>What the cache holds: build-ids and the paths that they were found at, by ascending build-id.</summary>
    public IEnumerable<(string BuildId, string Path)> List()
    {
        string links = Path.Combine(directory, LinkFolder);
        if (!System.IO.Directory.Exists(links))
        {
            return [];
        }

        return System.IO.Directory.EnumerateDirectories(links)
            .SelectMany(System.IO.Directory.EnumerateFileSystemEntries)
            .Select(link => (BuildId: Path.GetFileName(Path.GetDirectoryName(link)) + Path.GetFileName(link), Folder: FolderBehind(link)))
            .Where(static entry => IsBuildId(entry.BuildId) && entry.Folder is not null)
            .Select(entry => (entry.BuildId, PathOf(entry.Folder!)))
            .OrderBy(static entry => entry.BuildId, StringComparer.Ordinal);
    }

    /// <summary>Adds a file and, if there is one, its debug file; false if the cache has its build-id already.</summary>
    /// <param name="path">An ELF file.</param>
    /// <exception cref="UserErrorException">The file cannot be added.</exception>
    public bool Add(string path)
    {
        string full = RealPath(path);
        using var file = Open(path, full);
        if (FolderOf(file.BuildId) is not null)
        {
            return false;
        }

        try
        {
            string folder = Path.Combine(directory, full.TrimStart('/'), file.BuildId);
            System.IO.Directory.CreateDirectory(folder);
            Copy(full, Path.Combine(folder, ElfName));
            var finder = new FileFinder(new SymbolizerOptions());
            using var debug = file.Elf.Has(DebugContent.Sources) ? null : finder.TryOpenDebug(file.At(full, root: ""), DebugContent.Sources);
            if (debug is not null && File.Exists(debug.Elf.Name))
            {
                Copy(debug.Elf.Name, Path.Combine(folder, DebugName));
            }

            string link = TryLinkOf(file.BuildId)!;
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.Delete(link); // one that leads nowhere
            File.CreateSymbolicLink(link, $"../../{full.TrimStart('/')}/{file.BuildId}");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot add {path} to {directory}: {e.Message}");
        }
    }

    /// <summary>Removes what is known of a file's build-id; false if nothing is.</summary>
    /// <param name="path">An ELF file.</param>
    /// <exception cref="UserErrorException">The file cannot be read, or the cache not be changed.</exception>
    public bool Remove(string path)
    {
        string full = RealPath(path);
        using var file = Open(path, full);
        return RemoveBuildId(file.BuildId);
    }

    /// <summary>Removes all that the cache has of a path, of whichever build-id, and returns how many that were.</summary>
    /// <param name="path">The path; the file may be gone.</param>
    /// <exception cref="UserErrorException">The cache cannot be changed.</exception>
    public int Purge(string path)
    {
        string full = RealPath(path);
        return List().Where(entry => entry.Path == full).ToList().Count(entry => RemoveBuildId(entry.BuildId));
    }

    /// <summary>Removes everything, and returns how many files that were.</summary>
    /// <exception cref="UserErrorException">The cache cannot be changed.</exception>
    public int PurgeAll() => List().ToList().Count(entry => RemoveBuildId(entry.BuildId));

    private static string RealPath(string path)
    {
        try
        {
            string full = Path.GetFullPath(path);
            string folder = Path.GetDirectoryName(full) ?? "/";
            return new FileInfo(full).ResolveLinkTarget(returnFinalTarget: true)?.FullName
                ?? Path.Combine(new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder, Path.GetFileName(full));
        }
        catch (IOException)
        {
            return path; // opening it says what is wrong
        }
    }

    private static OpenedElf Open(string path, string full)
    {
        var file = ModuleFile.TryOpen(full, buildId: "", module: null, out var problem);
        if (file is { BuildId.Length: > 0 })
        {
            return file;
        }

        file?.Dispose();
        throw new UserErrorException(
            file is not null ? $"{path}: it has no build-id, by which the cache knows files (link it with -Wl,--build-id)"
            : problem.Text.Length != 0 ? problem.Text : $"{path}: not an ELF file");
    }

    /// <summary>Copies a file to its place at once. A link would do, but whoever changed the file later would change the cache.</summary>
    private static void Copy(string from, string to)
    {
        string temporary = $"{to}.{Path.GetRandomFileName()}";
        try
        {
            File.Copy(from, temporary);
            File.Move(temporary, to, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private bool RemoveBuildId(string buildId)
    {
        if (TryLinkOf(buildId) is not { } link || FolderBehind(link) is not { } folder)
        {
            return false;
        }

        try
        {
            File.Delete(link);
            if (System.IO.Directory.Exists(folder))
            {
                System.IO.Directory.Delete(folder, recursive: true);
            }

            RemoveIfEmpty(Path.GetDirectoryName(folder));
            RemoveIfEmpty(Path.GetDirectoryName(link));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot remove {buildId} from {directory}: {e.Message}");
        }
    }

    /// <summary>Removes directories of the cache that nothing is left in, from the innermost on.</summary>
    private void RemoveIfEmpty(string? folder)
    {
        string root = Path.GetFullPath(directory);
        while (folder is not null && folder.StartsWith(root + "/", StringComparison.Ordinal)
            && !System.IO.Directory.EnumerateFileSystemEntries(folder).Any())
        {
            System.IO.Directory.Delete(folder);
            folder = Path.GetDirectoryName(folder);
        }
    }

    /// <summary>The directory of the cache that a link leads to; null if it is no link, or leads out of the cache.</summary>
    private string? FolderBehind(string link)
    {
        string? target = new FileInfo(link).LinkTarget;
        if (target is null)
        {
            return null;
        }

        string folder = Path.GetFullPath(target, Path.GetDirectoryName(Path.GetFullPath(link))!);
        return folder.StartsWith(Path.GetFullPath(directory) + "/", StringComparison.Ordinal) ? folder : null;
    }

    /// <summary>The path of the file whose directory this is: the part between the cache and the build-id.</summary>
    private string PathOf(string folder)
    {
        string path = Path.GetDirectoryName(folder)![(Path.GetFullPath(directory).Length + 1)..];
        return path.StartsWith('[') ? path : "/" + path;
    }

    /// <summary>The link of a build-id, whether it exists or not; null if it is none.</summary>
    internal string? TryLinkOf(string buildId) => IsBuildId(buildId)
        ? Path.Combine(directory, LinkFolder, buildId[..2], buildId[2..])
        : null;

    /// <summary>True for an even number of hexadecimal digits: what may become a part of a path.</summary>
    internal static bool IsBuildId(string text) =>
        text.Length is > 2 and <= 128 && (text.Length & 1) == 0 && text.All(char.IsAsciiHexDigitLower);
}
