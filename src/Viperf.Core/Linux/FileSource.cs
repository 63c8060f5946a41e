using Microsoft.Win32.SafeHandles;
using Viperf.Formats.Bytes;

namespace Viperf.Core.Linux;

/// <summary>
/// A file as a <see cref="ByteSource"/>. It is read, not mapped: a file that somebody truncates would kill the
/// process through its mapping.
/// </summary>
public sealed class FileSource : ByteSource, IDisposable
{
    private readonly SafeFileHandle _handle;

    /// <summary>
    /// Opens <paramref name="path"/> for reading. Only a regular file: a recording can name any path, and opening a fifo
    /// waits for its writer, opening a device may have effects.
    /// </summary>
    /// <exception cref="IOException">The file cannot be opened, or is no regular one.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public FileSource(string path)
        : this(OpenRegular(path), path)
    {
    }

    /// <summary>Takes over an open file.</summary>
    public FileSource(SafeFileHandle handle, string name)
    {
        _handle = handle;
        Name = name;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override ulong Length => (ulong)RandomAccess.GetLength(_handle);

    /// <inheritdoc/>
    public override int ReadAt(ulong offset, Span<byte> destination)
    {
        if (offset > long.MaxValue - (ulong)destination.Length)
        {
            return 0; // no file is so long, though a recording can say so
        }

        int total = 0;
        while (total < destination.Length)
        {
            int got = RandomAccess.Read(_handle, destination[total..], (long)offset + total);
            if (got == 0)
            {
                break;
            }

            total += got;
        }

        return total;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static SafeFileHandle OpenRegular(string path) =>
        path.Length == 0 ? throw new FileNotFoundException("no name")
        : NoFollowFile.StatusOf(path) is { IsRegular: false } ? throw new IOException("not a regular file")
        : File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
