using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// Finds the file of a module, and the file that has what strip took out of it. A file is taken only if it is the very one
/// that is wanted, by its build-id or, for debug files, by the checksum that the stripped file has of it: what cannot be told
/// is not guessed. Any number of threads may ask.
/// </summary>
/// <remarks>
/// The order is perf's: <c>.gnu_debuglink</c>, the build-id cache, the distributions' places below /usr/lib/debug,
/// <c>.gnu_debugdata</c>, and after what lies on this machine debuginfod's servers. The mapped file itself comes first,
/// since nobody looks for a debug file if it has everything; it is the one that the process saw.
/// </remarks>
internal sealed class FileFinder
{
    private const string DeletedSuffix = " (deleted)";
    private const string SystemDebugFolder = "/usr/lib/debug";
    private static readonly string[] s_cachedNames = [BuildIdCache.ElfName, BuildIdCache.DebugName];
    private readonly SymbolizerOptions _options;

    /// <summary>Where debug files lie, without a slash at the end.</summary>
    private readonly string[] _debugFolders;

    /// <summary>Creates a finder.</summary>
    /// <param name="options">Where to look.</param>
    public FileFinder(SymbolizerOptions options)
    {
        _options = options;
        string system = options.Sources.Root + SystemDebugFolder;
        _debugFolders = options.Sources.DebugFolder is { } folder ? [folder.TrimEnd('/'), system] : [system];
    }

    /// <summary>Opens a module's file.</summary>
    /// <param name="module">One of kind <see cref="ModuleKind.File"/>.</param>
    /// <param name="problem">Why there is none to be had.</param>
    public OpenedElf? TryOpen(Module module, out FileProblem problem)
    {
        bool deleted = module.Path.Length > DeletedSuffix.Length && module.Path.EndsWith(DeletedSuffix, StringComparison.Ordinal);
        string path = deleted ? module.Path[..^DeletedSuffix.Length] : module.Path;
        string buildId = module.BuildId.Length != 0 ? module.BuildId : _options.RecordedBuildId(module.Path);
        if (deleted && buildId.Length == 0)
        {
            problem = new FileProblem(
                UnnamedReason.FileGone, $"{path}: deleted while it ran, and no build-id tells whether what lies there now is the same");
            return null;
        }

        // What is known of the file's place says nothing about a tree of copies, or about another machine's files.
        var recorded = _options.Sources.Root.Length == 0 && _options.IsThisMachine ? module : null;
        if (_options.Sources.Root.Length == 0 && ProcessNamespaces.RootOf(module.Pid) is { } root
            && TryOpenBelow(root, path, buildId, module: null, out _) is { } theirs)
        {
            problem = FileProblem.None;
            return theirs;
        }

        return TryOpenBelow(_options.Sources.Root, path, buildId, recorded, out problem)
            ?? OpenByBuildId(path, buildId, ref problem);
    }

    /// <summary>
    /// Opens the file that has what a module's file lacks; null if none is to be had, which is the rule and nothing to warn of.
    /// </summary>
    /// <param name="mapped">A module's file, which <see cref="TryOpen"/> opened.</param>
    /// <param name="content">What is wanted.</param>
    public OpenedElf? TryOpenDebug(OpenedElf mapped, DebugContent content)
    {
        var link = DebugLinkOf(mapped);
        foreach (var (path, isLinked) in DebugPaths(mapped, link))
        {
            if (TryOpenDebug(path, mapped, isLinked ? link : null) is not { } file)
            {
                continue;
            }

            if (file.Elf.Has(content))
            {
                return file;
            }

            file.Dispose();
        }

        if (content == DebugContent.Symbols && TryOpenWithin(mapped) is { } within)
        {
            return within;
        }

        // Frames are asked for of each module that a stack passes through: too many to get from a server.
        return content == DebugContent.Frames
            ? null
            : _options.Servers?.TryOpen(mapped.BuildId, Debuginfod.DebugFile, mapped.RecordedPath);
    }

    /// <summary>The file in a section of a file; null if there is none that can be read.</summary>
    private OpenedElf? TryOpenWithin(OpenedElf mapped)
    {
        try
        {
            return MiniDebugInfo.TryOpen(mapped);
        }
        catch (Exception e) when (e is ParseException or IOException)
        {
            _options.Warn(e.Message);
            return null;
        }
    }

    private static OpenedElf? TryOpenBelow(string root, string path, string buildId, Module? module, out FileProblem problem)
    {
        var file = ModuleFile.TryOpen(root + path, buildId, module, out problem);
        return file?.At(path, root);
    }

    private OpenedElf? OpenByBuildId(string path, string buildId, ref FileProblem problem)
    {
        if (_options.BuildIds.FileOf(buildId, BuildIdCache.ElfName) is { } cached
            && ModuleFile.TryOpenNamed(cached, buildId) is { } file)
        {
            problem = FileProblem.None;
            return file.At(path, root: "");
        }

        if (_options.Servers?.TryOpen(buildId, Debuginfod.Executable, path) is { } got)
        {
            problem = FileProblem.None;
            return got.At(path, root: "");
        }

        return null;
    }

    private static DebugLink? DebugLinkOf(OpenedElf mapped)
    {
        try
        {
            return DebugLink.Read(mapped.Elf);
        }
        catch (Exception e) when (e is ParseException or IOException)
        {
            return null;
        }
    }

    /// <summary>Where a debug file may lie, in perf's order, and whether the mapped file's link leads there.</summary>
    private IEnumerable<(string Path, bool IsLinked)> DebugPaths(OpenedElf mapped, DebugLink? link)
    {
        string path = mapped.RecordedPath;
        string folder = Path.GetDirectoryName(path) ?? "";
        string name = Path.GetFileName(path);
        if (folder == "/")
        {
            folder = "";
        }

        if (link is { } linked)
        {
            yield return ($"{mapped.Root}{folder}/{linked.FileName}", true);
            yield return ($"{mapped.Root}{folder}/.debug/{linked.FileName}", true);
            foreach (string debugFolder in FoldersOf(mapped))
            {
                yield return ($"{debugFolder}{folder}/{linked.FileName}", true);
            }
        }

        string buildId = mapped.BuildId;
        if (buildId.Length != 0)
        {
            foreach (string cached in s_cachedNames)
            {
                if (_options.BuildIds.FileOf(buildId, cached) is { } file)
                {
                    yield return (file, false);
                }
            }
        }

        foreach (string debugFolder in FoldersOf(mapped))
        {
            yield return ($"{debugFolder}{path}.debug", false);
            yield return ($"{debugFolder}{path}", false);
            if (BuildIdCache.IsBuildId(buildId))
            {
                yield return ($"{debugFolder}/.build-id/{buildId[..2]}/{buildId[2..]}.debug", false);
            }
        }

        yield return ($"{mapped.Root}{folder}/.debug/{name}", false);

        // Where /lib is a link to /usr/lib, packages and processes do not always name a file alike.
        if (path.StartsWith("/usr/lib/", StringComparison.Ordinal))
        {
            foreach (string debugFolder in FoldersOf(mapped))
            {
                yield return ($"{debugFolder}{path["/usr".Length..]}", false);
            }
        }
    }

    /// <summary>The folders of debug files: where the module lies in a container its own first.</summary>
    private IEnumerable<string> FoldersOf(OpenedElf mapped) =>
        mapped.Root.Length != 0 && mapped.Root != _options.Sources.Root ? _debugFolders.Prepend(mapped.Root + SystemDebugFolder) : _debugFolders;

    /// <summary>Opens a debug file if it belongs to a mapped one: by build-id, else by the checksum of the link that leads to it.</summary>
    private static OpenedElf? TryOpenDebug(string path, OpenedElf mapped, DebugLink? link)
    {
        if (mapped.BuildId.Length != 0)
        {
            return ModuleFile.TryOpenNamed(path, mapped.BuildId);
        }

        return link is { } linked && ModuleFile.TryOpenNamed(path, buildId: "") is { } file
            ? DebugLinkCheck.Keep(file, linked)
            : null;
    }
}
