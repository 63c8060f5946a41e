using System.Globalization;

namespace Viperf.Core.Linux;

/// <summary>How a process that still lives sees files and its own pid, where it lives in a container.</summary>
public static class ProcessNamespaces
{
    /// <summary>
    /// <c>/proc/PID/root</c> if the process lives and sees other mounts than we do; null otherwise, and where we may
    /// not look.
    /// </summary>
    public static string? RootOf(int pid) =>
        pid > 0 && MountNamespaceOf(pid) is { } theirs && MountNamespaceOf("self") is { } ours && theirs != ours
            ? $"/proc/{pid}/root"
            : null;

    /// <summary>The pid that a process has in its own pid namespace; <paramref name="pid"/> itself where nobody says.</summary>
    public static int OwnPidOf(int pid)
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/{pid}/status"))
            {
                // From the outermost namespace, ours, to the process's own.
                if (line.StartsWith("NSpid:", StringComparison.Ordinal))
                {
                    return int.TryParse(line.AsSpan(line.LastIndexOf('\t') + 1), CultureInfo.InvariantCulture, out int own) ? own : pid;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process is gone: what it was called inside nobody knows any more.
        }

        return pid;
    }

    private static string? MountNamespaceOf(object process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/mnt").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
