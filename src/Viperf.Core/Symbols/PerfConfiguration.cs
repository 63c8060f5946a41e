using Viperf.Core.Linux;

namespace Viperf.Core.Symbols;

/// <summary>What perf's configuration says (<c>perf-config(1)</c>): <c>~/.perfconfig</c>, and before it the machine's.</summary>
internal static class PerfConfiguration
{
    /// <summary>Bytes that a file may have; people write them by hand.</summary>
    private const int MostBytes = 1 << 20;

    private const string MachineFile = "/etc/perfconfig";

    /// <summary>A variable's value; null if no file sets it.</summary>
    /// <param name="section">The name in brackets.</param>
    /// <param name="key">The variable.</param>
    public static string? Value(string section, string key)
    {
        string? home = Environment.GetEnvironmentVariable("HOME");
        return (home is null ? null : ValueIn(Path.Combine(home, ".perfconfig"), section, key)) ?? ValueIn(MachineFile, section, key);
    }

    /// <summary>A variable's value in a configuration's text; null if it is not set.</summary>
    internal static string? Parse(string text, string section, string key)
    {
        bool inSection = false;
        string? value = null;
        foreach (var part in text.AsSpan().EnumerateLines())
        {
            var line = part.Trim();
            if (line is ['[', .., ']'])
            {
                inSection = line[1..^1].Trim().Equals(section, StringComparison.OrdinalIgnoreCase);
            }
            else if (inSection && line.IndexOf('=') is > 0 and int equals
                && line[..equals].Trim().Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                var rest = line[(equals + 1)..];
                int comment = rest.IndexOfAny('#', ';');
                value = (comment < 0 ? rest : rest[..comment]).Trim().Trim('"').ToString();
            }
        }

        return value;
    }

    private static string? ValueIn(string path, string section, string key)
    {
        try
        {
            using var source = new FileSource(path);
            var bytes = new byte[(int)Math.Min(source.Length, MostBytes)];
            int length = source.ReadAt(0, bytes);
            return Parse(System.Text.Encoding.UTF8.GetString(bytes, 0, length), section, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
