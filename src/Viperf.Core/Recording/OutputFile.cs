using Microsoft.Win32.SafeHandles;
using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>
/// Where a recording goes. An older file of the name is kept as FILE.old; if the recording does not come about, the
/// new file vanishes and the older one is back.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    /// <summary>Name for standard output.</summary>
    public const string StandardOutput = "-";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly bool _replaces;
    private bool _keep;

    private OutputFile(string path, bool replaces, bool keep, Stream stream)
    {
        _path = path;
        _replaces = replaces;
        _keep = keep;
        Stream = stream;
    }

    /// <summary>Unbuffered; can seek unless it is standard output, which gets perf's pipe form.</summary>
    public Stream Stream { get; }

    /// <summary>Opens <paramref name="path"/> for writing.</summary>
    /// <exception cref="UserErrorException">It cannot be written there.</exception>
    public static OutputFile Create(string path)
    {
        if (path == StandardOutput)
        {
            if (!Console.IsOutputRedirected)
            {
                throw new UserErrorException("a recording is binary and standard output is a terminal: send it into a pipe or a file");
            }

            return new OutputFile(path, replaces: false, keep: true, new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, 0));
        }

        if (Directory.Exists(path))
        {
            throw new UserErrorException($"cannot write {path}: it is a directory");
        }

        try
        {
            // What is there and no regular file, such as /dev/null, is written to, but neither moved nor deleted.
            bool isSpecial = NoFollowFile.StatusOf(path) is { IsRegular: false };
            bool replaces = !isSpecial && File.Exists(path) && new FileInfo(path).Length > 0;
            if (replaces)
            {
                File.Move(path, Old(path), overwrite: true);
            }

            var stream = Open(path, replaces);
            if (!stream.CanSeek)
            {
                stream.Dispose();
                throw new UserErrorException($"cannot write {path}: it is a pipe; -o - sends a recording into one, on standard output");
            }

            return new OutputFile(path, replaces, isSpecial, stream);
        }
        catch (DirectoryNotFoundException)
        {
            throw new UserErrorException($"cannot write {path}: there is no such directory");
        }
        catch (UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot write {path}: {Errno.Text(Errno.EACCES)}");
        }
        catch (FileNotFoundException) // a file system that makes no files, such as /proc
        {
            throw new UserErrorException($"cannot write {path}: no file can be made there");
        }
        catch (IOException failure)
        {
            throw new UserErrorException($"cannot write {path}: {failure.Message}");
        }
    }

    /// <summary>From here on the file stays, whatever happens.</summary>
    public void Keep() => _keep = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream.Dispose();
        if (_keep)
        {
            return;
        }

        File.Delete(_path);
        if (_replaces)
        {
            File.Move(Old(_path), _path);
        }
    }

    private static string Old(string path) => path + ".old";

    private static FileStream Open(string path, bool replaces)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                UnixCreateMode = OwnerOnly, // it holds addresses and names of whatever ran
            });
        }
        catch when (replaces)
        {
            File.Move(Old(path), path);
            throw;
        }
    }
}
