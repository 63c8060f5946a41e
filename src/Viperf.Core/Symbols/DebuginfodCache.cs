using System.Globalization;

namespace Viperf.Core.Symbols;

/// <summary>
/// The directory in which clients of debuginfod keep what they got, in the layout of elfutils' client, with which it is shared:
/// <c>BUILDID/debuginfo</c>, <c>BUILDID/executable</c>; an empty file says that no server had it.
/// </summary>
/// <param name="directory">The directory.</param>
internal sealed class DebuginfodCache(string directory)
{
    private const string MissSeconds = "cache_miss_s";
    private const int DefaultMissSeconds = 600;
    private const int LongestNumber = 32;

    /// <summary>The directory that the environment names: DEBUGINFOD_CACHE_PATH, or one in the user's cache.</summary>
    public static DebuginfodCache OfEnvironment()
    {
        if (Environment.GetEnvironmentVariable("DEBUGINFOD_CACHE_PATH") is { Length: > 0 } named)
        {
            return new DebuginfodCache(named);
        }

        string home = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } set ? set : "/";
        string older = Path.Combine(home, ".debuginfod_client_cache");
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".cache");
        return new DebuginfodCache(Directory.Exists(older) ? older : Path.Combine(cache, "debuginfod_client"));
    }

    /// <summary>Where a file of a build-id lies, or would.</summary>
    public string PathOf(string buildId, string kind) => Path.Combine(directory, buildId, kind);

    /// <summary>The file if it was got before; null otherwise.</summary>
    /// <param name="buildId">Hexadecimal digits.</param>
    /// <param name="kind">"debuginfo" or "executable".</param>
    /// <param name="isKnownMissing">True if no server had it a short while ago.</param>
    public string? TryGet(string buildId, string kind, out bool isKnownMissing)
    {
        var file = new FileInfo(PathOf(buildId, kind));
        isKnownMissing = file.Exists && file.Length == 0
            && DateTime.UtcNow - file.LastWriteTimeUtc < TimeSpan.FromSeconds(Number(MissSeconds, DefaultMissSeconds));
        return file.Exists && file.Length != 0 ? file.FullName : null;
    }

    /// <summary>Takes note that no server has a file.</summary>
    public void NoteMissing(string buildId, string kind)
    {
        Directory.CreateDirectory(Path.Combine(directory, buildId));
        string path = PathOf(buildId, kind);
        using (File.Create(path))
        {
        }

        File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
    }

    /// <summary>Puts a file into its place at once, so that nobody sees a half of it.</summary>
    /// <param name="buildId">Hexadecimal digits.</param>
    /// <param name="kind">"debuginfo" or "executable".</param>
    /// <param name="fill">Writes the file; false if it is not to be kept.</param>
    /// <returns>The file's path; null if it was not kept.</returns>
    public string? Add(string buildId, string kind, Func<string, bool> fill)
    {
        string folder = Path.Combine(directory, buildId);
        Directory.CreateDirectory(folder);
        string path = PathOf(buildId, kind);
        string temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            if (!fill(temporary))
            {
                return null;
            }

            File.Move(temporary, path, overwrite: true);
            return path;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>A number that the cache's users may change in a file of its name.</summary>
    private int Number(string name, int otherwise)
    {
        try
        {
            using var reader = File.OpenText(Path.Combine(directory, name));
            var text = new char[LongestNumber];
            int length = reader.ReadBlock(text);
            return int.TryParse(text.AsSpan(0, length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return otherwise;
        }
    }
}
