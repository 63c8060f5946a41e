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
    private const int ExclusiveLock = 2 | 4; // LOCK_EX | LOCK_NB
    private const int NoEntry = 2; // ENOENT
    private const int TooManyLinks = 40; // ELOOP

    // O_NONBLOCK, so that opening a fifo does not wait for its writer. The values differ between processors.
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int WriteOnlyNew = 0x1 | 0x40 | 0x80; // O_WRONLY | O_CREAT | O_EXCL
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

        return Opened(descriptor, path, out status);
    }

    /// <summary>Makes a file that was not there, for writing; null if something is at the path, be it a link to nowhere.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mode">Who may do what with it, before the umask.</param>
    /// <param name="status">What it has become.</param>
    /// <exception cref="FileNotFoundException">There is no such directory.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static SafeFileHandle? TryCreate(string path, UnixFileMode mode, out FileStatus status)
    {
        int descriptor;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            descriptor = create(name, CloseOnExec | WriteOnlyNew, (uint)mode);
        }

        if (descriptor >= 0)
        {
            return Opened(descriptor, path, out status);
        }

        status = default;
        return Marshal.GetLastPInvokeError() == Errno.EEXIST ? null : throw Failure(path);
    }

    /// <summary>Locks an open file against others that do so, .NET's writers included; false if one of them has it.</summary>
    public static bool TryLock(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return flock((int)handle.DangerousGetHandle(), ExclusiveLock) == 0;
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
                ? StatusOf(stat)
                : null;
        }
    }

    private static SafeFileHandle Opened(int descriptor, string path, out FileStatus status)
    {
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Statx stat;
        byte empty = 0;
        if (statx(descriptor, &empty, AtEmptyPath, StatxBasicStats, &stat) != 0)
        {
            var failure = Failure(path);
            handle.Dispose();
            throw failure;
        }

        status = StatusOf(stat);
        return handle;
    }

    private static FileStatus StatusOf(in Statx stat) =>
        new(stat.stx_uid, stat.stx_mode, stat.stx_ino, stat.stx_dev_major, stat.stx_dev_minor);

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
    private static partial int flock(int descriptor, int operation);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int create(byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte* path, int flags, uint mask, Statx* buffer);

    [LibraryImport("libc")]
    private static partial uint geteuid();

#pragma warning disable IDE1006 // the fields of linux/stat.h
    /// <summary>What is asked of <c>struct statx</c>, which is the same on every processor, in its full size.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Statx
    {
        [FieldOffset(20)]
        public uint stx_uid;
        [FieldOffset(28)]
        public ushort stx_mode;
        [FieldOffset(32)]
        public ulong stx_ino;
        [FieldOffset(136)]
        public uint stx_dev_major;
        [FieldOffset(140)]
        public uint stx_dev_minor;
    }
#pragma warning restore IDE1006
}

/// <summary>What decides whether a file in /tmp is to be believed, and which file it is.</summary>
/// <param name="Owner">The user it belongs to.</param>
/// <param name="Mode">Type and permissions, <c>st_mode</c>.</param>
/// <param name="Inode">Its number on the device.</param>
/// <param name="DeviceMajor">Major number of the device that it lies on.</param>
/// <param name="DeviceMinor">Minor number of that device.</param>
public readonly record struct FileStatus(uint Owner, ushort Mode, ulong Inode, uint DeviceMajor, uint DeviceMinor)
{
    private const int TypeMask = 0xf000; // S_IFMT
    private const int Regular = 0x8000; // S_IFREG

    /// <summary>False for directories, fifos, devices and sockets.</summary>
    public bool IsRegular => (Mode & TypeMask) == Regular;
}
