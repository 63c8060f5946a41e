using Viperf.Agent.Linux;

namespace Viperf.Agent.Output;

/// <summary>
/// Files in <c>/tmp</c>, where everybody may write: no link is followed, and a file that is there already is used only if it
/// is this user's own. No file stays open: a program that closes what it does not know would hand the number to another.
/// </summary>
internal static unsafe class OwnFile
{
    /// <summary>Returned for a file that is there and is not to be trusted.</summary>
    public const int NotOwn = -100_000;

    public const int PathBytes = 32;

    private const int OwnerOnly = 0x180; // rw-------

    /// <summary>O_NONBLOCK: a pipe that somebody put there must not make the program wait.</summary>
    private const int Flags = Syscall.O_NOFOLLOW | Syscall.O_CLOEXEC | Syscall.O_NONBLOCK;

    /// <summary>Opens a file to write behind its end; makes it if there is none.</summary>
    /// <param name="path">The path.</param>
    /// <param name="length">Its length so far.</param>
    /// <returns>A descriptor, a negative error number, or <see cref="NotOwn"/>.</returns>
    public static int OpenAppending(byte* path, out long length) =>
        Check(Syscall.Open(path, Flags | Syscall.O_WRONLY | Syscall.O_APPEND | Syscall.O_CREAT, OwnerOnly), out length);

    /// <summary>Opens a file that is there.</summary>
    /// <returns>As <see cref="OpenAppending"/>.</returns>
    public static int OpenExisting(byte* path, out long length) =>
        Check(Syscall.Open(path, Flags | Syscall.O_RDWR | Syscall.O_APPEND, 0), out length);

    /// <summary>Opens a file again that was made or checked before; in /tmp nobody else can put another in its place.</summary>
    /// <returns>A descriptor, or a negative error number.</returns>
    public static int Reopen(byte* path) => Syscall.Open(path, Flags | Syscall.O_WRONLY | Syscall.O_APPEND, 0);

    /// <summary>Makes a file, in place of an old one of this user's if there is one.</summary>
    /// <returns>As <see cref="OpenAppending"/>.</returns>
    public static int Create(byte* path)
    {
        const int create = Flags | Syscall.O_RDWR | Syscall.O_CREAT | Syscall.O_EXCL;
        int file = Syscall.Open(path, create, OwnerOnly);
        if (file == Syscall.EEXIST)
        {
            // In a directory with the sticky bit only one's own can be removed.
            _ = Syscall.Unlink(path);
            file = Syscall.Open(path, create, OwnerOnly);
        }

        return file == Syscall.EEXIST ? NotOwn : file;
    }

    /// <summary>Writes all of a record, or nothing of it that would stay.</summary>
    /// <returns>0 or a negative error number.</returns>
    public static int Append(int file, in TextBuffer record, long length)
    {
        nint written = 0;
        while (written < record.Length)
        {
            nint now = Syscall.Write(file, record.First + written, record.Length - written);
            if (now > 0)
            {
                written += now;
            }
            else if (now != Syscall.EINTR)
            {
                _ = Syscall.SetLength(file, length);
                return now == 0 ? Syscall.ENOSPC : (int)now;
            }
        }

        return 0;
    }

    private static int Check(int file, out long length)
    {
        length = 0;
        if (file < 0)
        {
            return file is Syscall.ELOOP or Syscall.ENXIO or Syscall.EISDIR ? NotOwn : file; // a link, a pipe, a directory
        }

        FileStatus status = default;
        if (Syscall.Stat(file, &status) == 0 && status.IsRegular && status.Owner == Syscall.GetEffectiveUserId() && status.Links == 1)
        {
            length = status.Length;
            return file;
        }

        Syscall.Close(file);
        return NotOwn;
    }
}
