using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// The ELF file of a module, opened: as the profiled process sees it if that still lives in a container, otherwise at
/// its plain path. It is taken only if it is the very file that was recorded, as far as the recording says.
/// </summary>
internal static class ModuleFile
{
    private const string DeletedSuffix = " (deleted)";

    /// <summary>Where distributions put what strip took out of a file, by the file's build-id.</summary>
    private const string DebugFolder = "/usr/lib/debug/.build-id";

    /// <summary>Opens a module's file.</summary>
    /// <param name="module">One of kind <see cref="ModuleKind.File"/>.</param>
    /// <param name="problem">Why there is none to be had, naming it; empty where nothing is wrong.</param>
    public static OpenedElf? TryOpen(Module module, out string problem)
    {
        bool deleted = module.Path.Length > DeletedSuffix.Length && module.Path.EndsWith(DeletedSuffix, StringComparison.Ordinal);
        string path = deleted ? module.Path[..^DeletedSuffix.Length] : module.Path;
        if (deleted && module.BuildId.Length == 0)
        {
            problem = $"{path}: deleted while it ran, and no build-id tells whether what lies there now is the same";
            return null;
        }

        if (ProcessNamespaces.RootOf(module.Pid) is { } root && TryOpen(root + path, module.BuildId, out _) is { } theirs)
        {
            problem = "";
            return theirs;
        }

        return TryOpen(path, module.BuildId, out problem);
    }

    /// <summary>
    /// Opens the debug file of a stripped file; null if none is installed, which is the rule and nothing to warn of.
    /// </summary>
    public static OpenedElf? TryOpenDebug(ElfFile stripped)
    {
        string buildId = ElfNotes.BuildIdOf(stripped);
        return buildId.Length > 2
            ? TryOpen($"{DebugFolder}/{buildId[..2]}/{buildId[2..]}.debug", buildId, out _)
            : null;
    }

    /// <summary>Opens a file that another one names; null if it is not there or has another build-id.</summary>
    /// <param name="path">The file.</param>
    /// <param name="buildId">Its build-id; empty to take any.</param>
    public static OpenedElf? TryOpenNamed(string path, string buildId) => TryOpen(path, buildId, out _);

    private static OpenedElf? TryOpen(string path, string buildId, out string problem)
    {
        FileSource? source = null;
        try
        {
            source = new FileSource(path);
            if (buildId.Length == 0 && !ElfFile.HasMagic(source))
            {
                problem = ""; // programs map other files as code too (.NET its assemblies), and those have no symbols
                return null;
            }

            var elf = ElfFile.Open(source);
            string found = buildId.Length == 0 ? "" : ElfNotes.BuildIdOf(elf);
            if (found == buildId)
            {
                problem = "";
                var file = new OpenedElf(source, elf);
                source = null;
                return file;
            }

            problem = $"{path}: build-id {(found.Length == 0 ? "missing" : found)}, {buildId} was recorded: the file has changed since";
        }
        catch (ParseException e)
        {
            problem = e.Message;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = $"{path}: no such file";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{path}: {e.Message}";
        }
        finally
        {
            source?.Dispose();
        }

        return null;
    }
}
