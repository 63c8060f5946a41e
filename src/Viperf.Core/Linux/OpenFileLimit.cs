using System.Runtime.InteropServices;

namespace Viperf.Core.Linux;

/// <summary>How many files this process may have open (RLIMIT_NOFILE, <c>getrlimit(2)</c>).</summary>
internal static unsafe partial class OpenFileLimit
{
    private const int RLIMIT_NOFILE = 7; // of x86-64 and arm64

    /// <summary>
    /// Raises it as far as this user may: each captured process takes a file for each CPU. Programs that were started before
    /// keep theirs.
    /// </summary>
    public static void Raise()
    {
        ulong* limit = stackalloc ulong[2]; // struct rlimit: the limit in force, and how far it may be raised
        if (GetLimit(RLIMIT_NOFILE, limit) == 0 && limit[0] < limit[1])
        {
            limit[0] = limit[1];
            _ = SetLimit(RLIMIT_NOFILE, limit);
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ulong* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, ulong* limit);
}
