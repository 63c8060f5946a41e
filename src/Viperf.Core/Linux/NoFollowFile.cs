using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Viperf.Core.Linux;

/// <summary>
/// A file in a directory that everybody may write to, such as /tmp: opened without following a link in its last
/// part, and asked who owns the very file that was opened.
/// </summary>
public static unsafe partial class NoFollowFile
{
    private const int AtCurrentDirectory = -100; // AT_FDCWD
    private const int AtEmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint StatxBasicStats = 0x7ff; // STATX_BASIC_STATS
    private const int NoEntry = 2; // ENOENT
    private const int TooManyLinks = 40; // ELOOP

    // O_NONBLOCK, so that opening a fifo does not wait for its writer. The values differ between processors.
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private static readonly int s_noFollow =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    /// <summary>The user that this process acts as.</summary>
    public static uint EffectiveUser => geteuid();

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="status">Who owns it and what it is.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It cannot be opened; a symbolic link never can.</exception>
    public static SafeFileHandle Open(string path, out FileStatus status)
    {
        int descriptor;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            descriptor = open(name, CloseOnExec | NonBlocking | s_noFollow);
        }

        if (descriptor < 0)
        {
            throw Failure(path);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Statx stat;
        byte empty = 0;
        if (statx(descriptor, &empty, AtEmptyPath, StatxBasicStats, &stat) != 0)
        {
            var failure = Failure(path);
            handle.Dispose();
            throw failure;
        }

        status = new FileStatus(stat.stx_uid, stat.stx_mode);
        return handle;
    }

    /// <summary>The user that owns what lies at a path, links followed; null if there is nothing or it is not told.</summary>
    public static uint? OwnerOf(string path) => StatusOf(path)?.Owner;

    /// <summary>What lies at a path, links followed, without opening it; null if there is nothing or it is not told.</summary>
    public static FileStatus? StatusOf(string path)
    {
        Statx stat;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return statx(AtCurrentDirectory, name, 0, StatxBasicStats, &stat) == 0
                ? new FileStatus(stat.stx_uid, stat.stx_mode)
                : null;
        }
    }

    private static IOException Failure(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            NoEntry => new FileNotFoundException("no such file", path),
            TooManyLinks => new IOException("a symbolic link, which is not followed here"),
            _ => new IOException(Marshal.GetPInvokeErrorMessage(error)),
        };
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte* path, int flags, uint mask, Statx* buffer);

    [LibraryImport("libc")]
    private static partial uint geteuid();

#pragma warning disable IDE1006 // the fields of linux/stat.h
    /// <summary>The beginning of <c>struct statx</c>, the same on every processor, in its full size.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    internal struct Statx
    {
        public uint stx_mask;
        public uint stx_blksize;
        public ulong stx_attributes;
        public uint stx_nlink;
        public uint stx_uid;
        public uint stx_gid;
        public ushort stx_mode;
    }
#pragma warning restore IDE1006
}

/// <summary>What decides whether a file in /tmp is to be believed.</summary>
/// <param name="Owner">The user it belongs to.</param>
/// <param name="Mode">Type and permissions, <c>st_mode</c>.</param>
public readonly record struct FileStatus(uint Owner, ushort Mode)
{
    private const int TypeMask = 0xf000; // S_IFMT
    private const int Regular = 0x8000; // S_IFREG

    /// <summary>False for directories, fifos, devices and sockets.</summary>
    public bool IsRegular => (Mode & TypeMask) == Regular;
}
