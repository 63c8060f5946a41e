using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>
/// Memory that another process may map too (<c>memfd_create(2)</c>), of a size that nobody can change: neither can make the
/// other fault.
/// </summary>
internal static unsafe partial class MemoryFile
{
    private const uint MFD_CLOEXEC = 1;
    private const uint MFD_ALLOW_SEALING = 2;
    private const int F_ADD_SEALS = 1033;
    private const int F_SEAL_SEAL = 1;
    private const int F_SEAL_SHRINK = 2;
    private const int F_SEAL_GROW = 4;

    /// <summary>Makes a file of zeros.</summary>
    /// <returns>A descriptor.</returns>
    /// <exception cref="UserErrorException">There are no descriptors or no memory left.</exception>
    public static int Create(string name, long bytes)
    {
        int file = MemfdCreate(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (file < 0 || SetLength(file, bytes) < 0 || Control(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) < 0)
        {
            string problem = Errno.Text(Marshal.GetLastPInvokeError());
            if (file >= 0)
            {
                _ = Descriptor.Close(file);
            }

            throw new UserErrorException($"no memory to share with a recorded process: {problem}");
        }

        return file;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int SetLength(int file, long bytes);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int file, int command, int argument);
}
