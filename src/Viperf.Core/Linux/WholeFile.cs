using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>
/// A file that is there whole or not at all: it is written beside its place under a name of its own, and put there when it is
/// complete. What was there before stays until then.
/// </summary>
public static class WholeFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">Its path. What is there and no regular file, such as /dev/null, is written to as it is.</param>
    /// <param name="write">Writes all of it.</param>
    /// <param name="mode">Who may read and write it where it is a new file; null for what the process makes its files like.</param>
    /// <exception cref="UserErrorException">It cannot be written there, or not to its end.</exception>
    public static void Write(string path, Action<Stream> write, UnixFileMode? mode = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        if (Directory.Exists(path))
        {
            throw new UserErrorException($"cannot write {path}: it is a directory");
        }

        try
        {
            if (PlaceOf(path) is { } place)
            {
                WriteAside(place, write, mode);
            }
            else
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                write(stream);
            }
        }
        catch (DirectoryNotFoundException)
        {
            throw new UserErrorException($"cannot write {path}: there is no such directory");
        }
        catch (FileNotFoundException) // a file system that makes no files, such as /proc
        {
            throw new UserErrorException($"cannot write {path}: no file can be made there");
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException { HResult: not Errno.EPIPE }) // a reader that has gone is no error
        {
            throw new UserErrorException($"cannot write {path}: {Errno.Text(failure)}");
        }
    }

    /// <summary>True if both names are of one file that is there.</summary>
    public static bool IsSame(string path, string other) =>
        NoFollowFile.StatusOf(path) is { } one && NoFollowFile.StatusOf(other) is { } second
        && (one.Inode, one.DeviceMajor, one.DeviceMinor) == (second.Inode, second.DeviceMajor, second.DeviceMinor);

    /// <summary>Where the file comes to lie, which is what a link leads to; null for what is no regular file.</summary>
    private static string? PlaceOf(string path) => NoFollowFile.StatusOf(path) switch
    {
        null => path,
        { IsRegular: false } => null,
        _ => File.ResolveLinkTarget(Path.GetFullPath(path), returnFinalTarget: true)?.FullName ?? path,
    };

    private static void WriteAside(string place, Action<Stream> write, UnixFileMode? mode)
    {
        string aside = $"{place}.{Path.GetRandomFileName()}.tmp";
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => File.Delete(aside));
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => File.Delete(aside));
        try
        {
            using (var stream = new FileStream(aside, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 1 << 16,
                UnixCreateMode = mode,
            }))
            {
                write(stream);
            }

            File.Move(aside, place, overwrite: true);
        }
        finally
        {
            File.Delete(aside);
        }
    }
}
