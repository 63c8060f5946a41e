using System.Globalization;

namespace Viperf.Core.Linux;

/// <summary>
/// A file that a recorded process wrote about itself to a directory that everybody may write to: its perf map, its
/// jitdump. Everybody can put a file of that name there, so that only some people's are believed.
/// </summary>
public static class ProcessFile
{
    /// <summary>Opens the file, if it is to be believed. No link is followed.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="pid">The process that is said to have written it; 0 or less where nobody says.</param>
    /// <param name="recordingOwner">The user that owns the recording; null where nobody says.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It cannot be opened, is no regular file, or belongs to somebody else than root, us,
    /// the recording's owner or the process's user.</exception>
    public static FileSource Open(string path, int pid, uint? recordingOwner)
    {
        var handle = NoFollowFile.Open(path, out var status);
        string? problem = !status.IsRegular ? "not a regular file, so it is not believed; remove it"
            : !IsBelieved(status.Owner, pid, recordingOwner)
                ? $"belongs to user {status.Owner}, who is neither root, nor you, nor the profiled process's user: "
                    + "it is not believed; if it is right, chown it to yourself"
            : null;
        if (problem != null)
        {
            handle.Dispose();
            throw new IOException(problem);
        }

        return new FileSource(handle, path);
    }

    private static bool IsBelieved(uint owner, int pid, uint? recordingOwner) =>
        owner == 0
        || owner == NoFollowFile.EffectiveUser
        || owner == recordingOwner
        || (pid > 0 && owner == NoFollowFile.OwnerOf(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}")));
}
