using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>
/// Waits for many descriptors (<c>epoll(7)</c>): the cost of a wait goes with what is ready, not with how many are
/// watched.
/// </summary>
public sealed unsafe partial class Epoll : IDisposable
{
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const uint EPOLLIN = 1;
    private const uint EPOLLHUP = 0x10;

    private const int MaxReady = 64;

    // struct epoll_event is packed on x86-64 only: 12 bytes there, 16 elsewhere.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + sizeof(ulong);

    private readonly int _fd;
    private readonly byte[] _ready = GC.AllocateUninitializedArray<byte>(MaxReady * 16, pinned: true);

    /// <summary>Creates one that watches nothing yet.</summary>
    public Epoll()
    {
        _fd = Create(EPOLL_CLOEXEC);
        if (_fd < 0)
        {
            throw new UserErrorException($"cannot wait for events: {Errno.Text(Marshal.GetLastPInvokeError())}");
        }
    }

    /// <summary>Descriptors that the last wait found ready.</summary>
    public int ReadyCount { get; private set; }

    /// <summary>Watches <paramref name="fd"/>.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="input">True for input and its end, false for its end only.</param>
    public void Add(int fd, bool input)
    {
        byte* entry = stackalloc byte[16];
        *(uint*)entry = input ? EPOLLIN : 0; // EPOLLHUP is always reported
        *(ulong*)(entry + DataOffset) = (uint)fd;
        if (Control(_fd, EPOLL_CTL_ADD, fd, entry) < 0)
        {
            throw new UserErrorException($"cannot wait for an event: {Errno.Text(Marshal.GetLastPInvokeError())}");
        }
    }

    /// <summary>Watches <paramref name="fd"/> no more.</summary>
    public void Remove(int fd)
    {
        byte* entry = stackalloc byte[16];
        _ = Control(_fd, EPOLL_CTL_DEL, fd, entry);
    }

    /// <summary>Waits until a descriptor is ready, a signal came, or the time is over.</summary>
    /// <param name="milliseconds">-1 waits for ever.</param>
    public void Wait(int milliseconds)
    {
        fixed (byte* ready = _ready)
        {
            int count = Wait(_fd, ready, MaxReady, milliseconds);
            ReadyCount = Math.Max(count, 0); // EINTR: the caller looks at what the signal said and comes back
        }
    }

    /// <summary>The <paramref name="index"/>th ready descriptor, and whether its other side has ended.</summary>
    public (int Fd, bool Ended) Ready(int index)
    {
        var entry = _ready.AsSpan(index * EventSize, EventSize);
        return (MemoryMarshal.Read<int>(entry[DataOffset..]), (MemoryMarshal.Read<uint>(entry) & EPOLLHUP) != 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Descriptor.Close(_fd);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int epoll, int operation, int fd, byte* entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(int epoll, byte* entries, int count, int milliseconds);
}
