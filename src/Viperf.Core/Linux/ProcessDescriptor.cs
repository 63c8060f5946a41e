using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>Descriptors of processes (<c>pidfd_open(2)</c>, Linux 5.3): they have input once the process has ended.</summary>
internal static partial class ProcessDescriptor
{
    private const nint OpenNumber = 434; // the same on every architecture

    /// <summary>Opens one.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="errno">0, or why the call failed.</param>
    /// <returns>The descriptor, or -1.</returns>
    public static int Open(int pid, out int errno)
    {
        int fd = (int)Syscall(OpenNumber, pid, 0);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, int pid, uint flags);
}
