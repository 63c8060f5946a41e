using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>Whether code of a file may run: mount options and policies forbid it in some places.</summary>
internal static unsafe partial class ExecutableMapping
{
    private const int PROT_READ = 1;
    private const int PROT_EXEC = 4;
    private const int MAP_PRIVATE = 2;
    private const nint MAP_FAILED = -1;

    /// <summary>Tries to map a file's first page as code.</summary>
    public static bool IsAllowed(string path)
    {
        using var file = File.OpenHandle(path);
        nuint size = (nuint)Environment.SystemPageSize;
        nint mapped = Map(0, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, (int)file.DangerousGetHandle(), 0);
        if (mapped == MAP_FAILED)
        {
            return false;
        }

        _ = Unmap(mapped, size);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint size);
}
