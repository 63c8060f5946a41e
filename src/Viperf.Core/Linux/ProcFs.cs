using System.Globalization;

namespace Viperf.Core.Linux;

/// <summary>
/// Reads /proc and /sys. Processes come and go while they are read: what is gone, or may not be read, is null or
/// empty, never an error.
/// </summary>
public static class ProcFs
{
    /// <summary>A setting below /proc/sys, such as <c>kernel/perf_event_paranoid</c>, or null.</summary>
    public static string? ReadSetting(string name) => ReadText("/proc/sys/" + name)?.Trim();

    /// <summary>A small file as text, or null.</summary>
    public static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A small file's bytes, or null.</summary>
    public static byte[]? ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>All processes.</summary>
    public static IReadOnlyList<int> Processes() => Numbers("/proc");

    /// <summary>The threads of a process, its first one first; empty if it is gone.</summary>
    public static IReadOnlyList<int> Threads(int pid) => Numbers($"/proc/{pid}/task");

    /// <summary>A thread's name, without the line feed; null if it is gone.</summary>
    public static byte[]? ThreadName(int pid, int tid) =>
        ReadBytes($"/proc/{pid}/task/{tid}/comm") is { } name ? name.AsSpan().TrimEnd((byte)'\n').ToArray() : null;

    /// <summary>A number of /proc/PID/status, such as <c>Tgid</c> or <c>PPid</c>; null if it is not there.</summary>
    public static int? StatusNumber(int pid, string field)
    {
        string? status = ReadText($"/proc/{pid}/status");
        if (status == null)
        {
            return null;
        }

        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(field) && line.Length > field.Length && line[field.Length] == ':')
            {
                return int.TryParse(line[(field.Length + 1)..], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int number)
                    ? number
                    : null;
            }
        }

        return null;
    }

    /// <summary>The mappings of a process, as /proc/PID/maps lists them; empty if it is gone or not ours.</summary>
    public static IReadOnlyList<ProcessMapping> Mappings(int pid)
    {
        var mappings = new List<ProcessMapping>();
        ReadOnlySpan<byte> text = ReadBytes($"/proc/{pid}/maps");
        while (text.Length > 0)
        {
            int end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (ProcessMapping.TryParse(line, out var mapping))
            {
                mappings.Add(mapping);
            }
        }

        return mappings;
    }

    private static List<int> Numbers(string directory)
    {
        var numbers = new List<int>();
        try
        {
            foreach (string path in Directory.EnumerateDirectories(directory))
            {
                if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                {
                    numbers.Add(number);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return numbers; // the process ended meanwhile: what was seen of it
        }

        numbers.Sort();
        return numbers;
    }
}
