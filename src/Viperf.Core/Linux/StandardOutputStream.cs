using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>
/// The process's standard output, unbuffered. Unlike .NET's console stream it says when a pipe's reader is gone, so that a
/// long output ends with it; unlike a FileStream it leaves the position of a shared file to the kernel.
/// </summary>
public sealed class StandardOutputStream : Stream
{
    private const int Fd = 1;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes all bytes.</summary>
    /// <exception cref="IOException">They cannot be written; <see cref="Exception.HResult"/> is the error number.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int written = Descriptor.Write(Fd, buffer);
            if (written < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                throw new IOException($"cannot write to standard output: {Errno.Text(errno)}", errno);
            }

            buffer = buffer[written..];
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Nothing is held back.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
