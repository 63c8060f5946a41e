using System.Security.Cryptography;
using Viperf.Core.Linux;

namespace Viperf.Core.Python;

/// <summary>
/// The library that gives Python programs their trampolines. viperf carries it and puts it where other programs can load it
/// from: once for each version of it, to stay, since programs that outlive a recording start others with it still.
/// </summary>
internal static class AgentLibrary
{
    private const string ResourceName = "libviperf-agent.so";

    /// <summary>Of the library's digest, enough to tell versions apart.</summary>
    private const int DigestBytes = 8;

    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Puts the library down, where it is not yet.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="UserErrorException">There is no place for it.</exception>
    public static string Install()
    {
        byte[] library = Read();
        string version = Convert.ToHexStringLower(SHA256.HashData(library).AsSpan(0, DigestBytes));
        var problems = new List<string>();
        foreach (string place in Places())
        {
            try
            {
                return InstallBelow(place, version, library);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                problems.Add(problem.Message);
            }
        }

        throw new UserErrorException(
            $"no directory for viperf's agent ({string.Join("; ", problems)}): give one that may be executed from with TMPDIR, "
            + "or record with --python off");
    }

    /// <summary>
    /// In this order: /tmp can be read by whoever a program becomes, a home often cannot; but /tmp may be mounted noexec.
    /// </summary>
    private static IEnumerable<string> Places()
    {
        uint user = NoFollowFile.EffectiveUser;
        yield return Path.Combine(Path.GetTempPath(), $"viperf-agent-{user}");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(cache) || home.Length > 0)
        {
            yield return Path.Combine(string.IsNullOrEmpty(cache) ? Path.Combine(home, ".cache") : cache, "viperf");
        }

        yield return $"/dev/shm/viperf-agent-{user}";
    }

    private static string InstallBelow(string place, string version, byte[] library)
    {
        MakeOwnDirectory(place);
        string directory = Path.Combine(place, version);
        MakeOwnDirectory(directory);
        string path = Path.Combine(directory, ResourceName);
        if (!IsThere(path, library))
        {
            string made = $"{path}.{Environment.ProcessId}";
            File.WriteAllBytes(made, library);
            File.SetUnixFileMode(made, Everybody);
            File.Move(made, path, overwrite: true); // whoever loads it meanwhile finds the old one whole, or the new one
        }

        return ExecutableMapping.IsAllowed(path) ? path : throw new IOException($"{place} is mounted noexec");
    }

    private static bool IsThere(string path, byte[] library) =>
        new FileInfo(path) is { Exists: true, LinkTarget: null } && File.ReadAllBytes(path).AsSpan().SequenceEqual(library);

    private static void MakeOwnDirectory(string path)
    {
        Directory.CreateDirectory(path, Everybody);
        var directory = new DirectoryInfo(path);
        if (directory.LinkTarget is not null || NoFollowFile.OwnerOf(path) != NoFollowFile.EffectiveUser
            || (directory.UnixFileMode & WritableByOthers) != 0)
        {
            throw new IOException($"{path} is not this user's alone");
        }
    }

    private static byte[] Read()
    {
        using var resource = typeof(AgentLibrary).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException("viperf was built without its agent");
        byte[] bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
