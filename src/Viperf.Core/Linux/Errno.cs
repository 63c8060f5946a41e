using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>The error numbers that viperf tells apart (<c>errno(3)</c>, the numbers of x86-64 and arm64).</summary>
public static class Errno
{
    /// <summary>Not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file, or no such event for <c>perf_event_open</c>.</summary>
    public const int ENOENT = 2;

    /// <summary>No such process.</summary>
    public const int ESRCH = 3;

    /// <summary>A signal came during the call.</summary>
    public const int EINTR = 4;

    /// <summary>No memory for it.</summary>
    public const int ENOMEM = 12;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>In use: the PMU has no counter left.</summary>
    public const int EBUSY = 16;

    /// <summary>There is something of that name.</summary>
    public const int EEXIST = 17;

    /// <summary>No such device: the event's PMU is not there.</summary>
    public const int ENODEV = 19;

    /// <summary>A bad argument, or one that the kernel is too old for.</summary>
    public const int EINVAL = 22;

    /// <summary>Too many open files.</summary>
    public const int EMFILE = 24;

    /// <summary>No space left on the device.</summary>
    public const int ENOSPC = 28;

    /// <summary>The reader of a pipe has gone.</summary>
    public const int EPIPE = 32;

    /// <summary>The kernel has no such call, or a filter says so (seccomp).</summary>
    public const int ENOSYS = 38;

    /// <summary>The PMU cannot do this.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>MAX_ERRNO (linux/err.h).</summary>
    private const int Largest = 4095;

    /// <summary>The system's text for <paramref name="errno"/>: "Permission denied".</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>The same of a failed access to a file, whose message names the file once more.</summary>
    public static string Text(Exception failure) => failure switch
    {
        UnauthorizedAccessException => Text(EACCES),
        FileNotFoundException or DirectoryNotFoundException => Text(ENOENT),
        IOException { HResult: > 0 and <= Largest } => Text(failure.HResult), // otherwise it is no error number
        _ => failure.Message,
    };
}
