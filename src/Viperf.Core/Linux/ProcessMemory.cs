using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>Memory of other processes.</summary>
internal static unsafe partial class ProcessMemory
{
    /// <summary>
    /// Copies memory of a running process; false where it is not mapped, or the process is gone or not to be read: that takes
    /// what ptrace(2) takes.
    /// </summary>
    public static bool TryRead(int pid, ulong address, Span<byte> bytes)
    {
        fixed (byte* buffer = bytes)
        {
            var here = new IoVector { Base = (ulong)buffer, Length = (nuint)bytes.Length };
            var there = new IoVector { Base = address, Length = (nuint)bytes.Length };
            return process_vm_readv(pid, &here, 1, &there, 1, 0) == bytes.Length;
        }
    }

    /// <summary>Copies memory from an address on, as far as it is mapped, page for page.</summary>
    /// <returns>Bytes that were copied.</returns>
    public static int ReadUpTo(int pid, ulong address, Span<byte> bytes)
    {
        const int MostPieces = 64;
        var pieces = stackalloc IoVector[MostPieces];
        ulong pageSize = (ulong)Environment.SystemPageSize;
        int count = 0;
        ulong at = address;
        ulong end = address + (ulong)bytes.Length;
        for (; count < MostPieces && at < end; count++)
        {
            ulong next = Math.Min((at | (pageSize - 1)) + 1, end);
            pieces[count] = new IoVector { Base = at, Length = (nuint)(next - at) };
            at = next;
        }

        fixed (byte* buffer = bytes)
        {
            var here = new IoVector { Base = (ulong)buffer, Length = (nuint)(at - address) };
            return (int)Math.Max(process_vm_readv(pid, &here, 1, pieces, (nuint)count, 0), 0);
        }
    }

    [LibraryImport("libc")]
    private static partial nint process_vm_readv(
        int pid, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public ulong Base;
        public nuint Length;
    }
}
