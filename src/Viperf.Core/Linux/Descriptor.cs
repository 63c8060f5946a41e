using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>Plain calls on file descriptors that no .NET type stands for.</summary>
internal static unsafe partial class Descriptor
{
    /// <summary>O_CLOEXEC of x86-64 and arm64.</summary>
    private const int O_CLOEXEC = 0x80000;

    /// <summary>Makes a pipe whose ends no program inherits.</summary>
    public static (int ReadEnd, int WriteEnd) Pipe()
    {
        int* ends = stackalloc int[2];
        if (Pipe2(ends, O_CLOEXEC) < 0)
        {
            throw new UserErrorException($"cannot make a pipe: {Errno.Text(Marshal.GetLastPInvokeError())}");
        }

        return (ends[0], ends[1]);
    }

    /// <summary>Reads up to <paramref name="buffer"/>'s length; 0 at the end, -1 on failure. Signals do not end it.</summary>
    public static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                nint got = Read(fd, pointer, (nuint)buffer.Length);
                if (got >= 0 || Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    return (int)got;
                }
            }
        }
    }

    /// <summary>Writes; returns how much, or -1 on failure. Signals do not end it.</summary>
    public static int Write(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            while (true)
            {
                nint put = Write(fd, pointer, (nuint)bytes.Length);
                if (put >= 0 || Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    return (int)put;
                }
            }
        }
    }

    /// <summary>Opens a file to read it.</summary>
    /// <param name="path">Its path, with a zero byte behind it.</param>
    /// <returns>The descriptor, or -1.</returns>
    public static int OpenToRead(ReadOnlySpan<byte> path)
    {
        fixed (byte* pointer = path)
        {
            return Open(pointer, O_CLOEXEC);
        }
    }

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int Open(byte* path, int flags);

    /// <summary>Closes <paramref name="fd"/>.</summary>
    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int fd, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int fd, void* buffer, nuint count);
}
