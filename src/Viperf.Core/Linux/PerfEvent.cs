using System.Runtime.InteropServices;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Linux;

/// <summary><c>perf_event_open(2)</c> and the ioctls and reads on its descriptors.</summary>
public static unsafe partial class PerfEvent
{
    // The calls of include/uapi/asm-generic/ioctl.h: _IO('$', n) and, for ID, _IOR('$', 7, u64 *).
    private const nuint PERF_EVENT_IOC_ENABLE = 0x2400;
    private const nuint PERF_EVENT_IOC_DISABLE = 0x2401;
    private const nuint PERF_EVENT_IOC_SET_OUTPUT = 0x2405;
    private const nuint PERF_EVENT_IOC_ID = 0x80082407;

    private const ulong PERF_FLAG_FD_CLOEXEC = 8;

    /// <summary>The number of <c>perf_event_open</c>; glibc has no wrapper for it.</summary>
    private static readonly nint SyscallNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 298,
        Architecture.Arm64 => 241,
        var other => throw new PlatformNotSupportedException($"no perf_event_open number for {other}"),
    };

    /// <summary>Opens an event; the descriptor is closed on exec.</summary>
    /// <param name="attr">Its <c>size</c> says how much of it the kernel looks at.</param>
    /// <param name="pid">Thread to follow; -1 for all, which needs a CPU.</param>
    /// <param name="cpu">CPU to count on; -1 for any.</param>
    /// <param name="errno">0, or why the call failed.</param>
    /// <returns>The descriptor, or -1.</returns>
    public static int Open(in PerfEventAttr attr, int pid, int cpu, out int errno)
    {
        fixed (PerfEventAttr* pointer = &attr)
        {
            nint fd = Syscall(SyscallNumber, pointer, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
            errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
            return (int)fd;
        }
    }

    /// <summary>Starts an event, and the inherited ones of its children.</summary>
    public static void Enable(int fd) => Check(Ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), "enable an event");

    /// <summary>Stops an event, and the inherited ones of its children.</summary>
    public static void Disable(int fd) => Check(Ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), "disable an event");

    /// <summary>Lets <paramref name="fd"/> write into the ring of <paramref name="owner"/>, of the same CPU.</summary>
    public static void SetOutput(int fd, int owner) =>
        Check(Ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, owner), "share a ring");

    /// <summary>The id by which samples name the event.</summary>
    public static ulong Id(int fd)
    {
        ulong id;
        Check(Ioctl(fd, PERF_EVENT_IOC_ID, (nint)(&id)), "read an event's id");
        return id;
    }

    /// <summary>Reads an event's values, in the shape that its <c>read_format</c> gives them.</summary>
    /// <returns>Values read; 0 where the event cannot be read any more.</returns>
    public static int Read(int fd, Span<ulong> values)
    {
        fixed (ulong* pointer = values)
        {
            nint bytes = Read(fd, pointer, (nuint)values.Length * sizeof(ulong));
            return bytes < 0 ? 0 : (int)bytes / sizeof(ulong);
        }
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
        {
            throw new UserErrorException($"cannot {what}: {Errno.Text(Marshal.GetLastPInvokeError())}");
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, PerfEventAttr* attr, int pid, int cpu, int group, ulong flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(int fd, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int fd, void* buffer, nuint count);
}
