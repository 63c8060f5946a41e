using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>Why a file cannot be had.</summary>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Text">One line that names the file; empty where nothing is wrong.</param>
internal readonly record struct FileProblem(UnnamedReason Reason, string Text)
{
    /// <summary>Nothing is wrong.</summary>
    public static readonly FileProblem None = new(UnnamedReason.NotInTable, "");
}

/// <summary>Opens one file of which the path is known, if it is the very file that is wanted.</summary>
internal static class ModuleFile
{
    /// <summary>Opens a file that another one names; null if it is not there or has another build-id.</summary>
    /// <param name="path">The file.</param>
    /// <param name="buildId">Its build-id; empty to take any.</param>
    public static OpenedElf? TryOpenNamed(string path, string buildId) => TryOpen(path, buildId, module: null, out _);

    /// <summary>Opens a file.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="buildId">Its build-id; empty to take any.</param>
    /// <param name="module">The module that was recorded: without a build-id its inode tells whether the file is the same. Null to
    /// take any file.</param>
    /// <param name="problem">Why it cannot be had.</param>
    public static OpenedElf? TryOpen(string path, string buildId, Module? module, out FileProblem problem)
    {
        FileSource? source = null;
        try
        {
            source = new FileSource(path);
            if (module is not null && IsAnother(path, module, out string difference))
            {
                problem = new FileProblem(UnnamedReason.FileReplaced, $"{path}: {difference}: the file was replaced since");
                return null;
            }

            if (buildId.Length == 0 && !ElfFile.HasMagic(source))
            {
                problem = new FileProblem(UnnamedReason.NotElf, ""); // programs map other files as code too (.NET its assemblies)
                return null;
            }

            var elf = ElfFile.Open(source, SectionDecompressor.TryUnwrapZstd);
            string found = ElfNotes.BuildIdOf(elf);
            if (buildId.Length == 0 || found == buildId)
            {
                problem = FileProblem.None;
                var file = new OpenedElf(source, elf) { BuildId = found };
                source = null;
                return file;
            }

            problem = new FileProblem(
                UnnamedReason.FileReplaced,
                $"{path}: build-id {(found.Length == 0 ? "missing" : found)}, {buildId} was recorded: the file has changed since");
        }
        catch (ParseException e)
        {
            problem = new FileProblem(UnnamedReason.Unreadable, e.Message);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = new FileProblem(UnnamedReason.FileGone, $"{path}: no such file");
        }
        catch (UnauthorizedAccessException)
        {
            problem = new FileProblem(UnnamedReason.NoPermission, $"{path}: permission denied");
        }
        catch (IOException e)
        {
            problem = new FileProblem(UnnamedReason.Unreadable, $"{path}: {e.Message}");
        }
        finally
        {
            source?.Dispose();
        }

        return null;
    }

    /// <summary>
    /// True if another file lies at a path than was recorded: a file on the same device has another inode. Where the devices
    /// differ, be it because a file system of layers or of subvolumes has its own idea of them, nothing is known.
    /// </summary>
    private static bool IsAnother(string path, Module module, out string difference)
    {
        difference = "";
        if (module.BuildId.Length != 0 || module.Inode == 0 || module.Device == default || NoFollowFile.StatusOf(path) is not { } status
            || (status.DeviceMajor, status.DeviceMinor) != module.Device || status.Inode == module.Inode)
        {
            return false;
        }

        difference = $"inode {status.Inode}, {module.Inode} was recorded";
        return true;
    }
}
