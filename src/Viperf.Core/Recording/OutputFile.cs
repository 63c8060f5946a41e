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

    /// <summary>Unbuffered; can seek unless it is standard output.</summary>
    public Stream Stream { get; }

    /// <summary>True for standard output, which gets perf's pipe form.</summary>
    public bool IsPipe => _path == StandardOutput;

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
        catch (FileNotFoundException) // a file system that makes no files, such as /proc
        {
            throw new UserErrorException($"cannot write {path}: no file can be made there");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot write {path}: {Errno.Text(failure)} (name a file elsewhere with -o)");
        }
    }

    /// <summary>From here on the file stays, whatever happens.</summary>
    public void Keep() => _keep = true;

    /// <summary>Does what writes the file.</summary>
    /// <exception cref="UserErrorException">The file cannot be written on, such as on a full disk.</exception>
    /// <exception cref="IOException">The reader of standard output has gone, which is no error.</exception>
    public void Write(Action write)
    {
        try
        {
            write();
        }
        catch (IOException failure) when (failure.HResult != Errno.EPIPE)
        {
            string place = IsPipe ? "to standard output" : _path;
            string rest = _keep && Stream is { CanSeek: true, Length: > 0 } ? "; what came before is in it" : "";
            string remedy = failure.HResult == Errno.ENOSPC ? " (make room, or name a file elsewhere with -o)" : "";
            throw new UserErrorException($"cannot write {place}: {Errno.Text(failure)}{rest}{remedy}");
        }
    }

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
