using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>A descriptor's memory mapped shared, readable and writable: a perf ring.</summary>
public sealed unsafe partial class SharedMapping : IDisposable
{
    // PROT_READ, PROT_WRITE and MAP_SHARED of sys/mman.h.
    private const int PROT_READ_WRITE = 3;
    private const int MAP_SHARED = 1;

    private byte* _start;
    private readonly nuint _length;

    private SharedMapping(byte* start, nuint length)
    {
        _start = start;
        _length = length;
    }

    /// <summary>First byte; valid until <see cref="Dispose"/>.</summary>
    public byte* Start => _start;

    /// <summary>Maps <paramref name="length"/> bytes of <paramref name="fd"/> from its beginning.</summary>
    /// <param name="fd">A perf event.</param>
    /// <param name="length">Bytes; for a perf ring 1 + 2^n pages.</param>
    /// <param name="errno">0, or why the call failed.</param>
    public static SharedMapping? TryCreate(int fd, long length, out int errno)
    {
        void* start = Mmap(null, (nuint)length, PROT_READ_WRITE, MAP_SHARED, fd, 0);
        if ((nint)start == -1)
        {
            errno = Marshal.GetLastPInvokeError();
            return null;
        }

        errno = 0;
        return new SharedMapping((byte*)start, (nuint)length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_start != null)
        {
            _ = Munmap(_start, _length);
            _start = null;
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Munmap(void* address, nuint length);
}
