using System.Globalization;

namespace Viperf.Core.Linux;

/// <summary>Where the kernel and its modules lie in memory.</summary>
public static class KernelLayout
{
    /// <summary>
    /// More bytes than any kernel's text has. The true end (_etext) stands more than 100,000 lines further in
    /// /proc/kallsyms, whose text the kernel makes as it is read: 50 ms of CPU.
    /// </summary>
    public const ulong LongestText = 512 << 20;

    /// <summary>The first symbol of the text, as perf looks for it; null where addresses are hidden.</summary>
    public static (string Symbol, ulong Start)? FindText()
    {
        try
        {
            foreach (string line in File.ReadLines("/proc/kallsyms"))
            {
                // "ffffffff81000000 T _text"
                int name = line.LastIndexOf(' ') + 1;
                if (line.AsSpan(name) is "_text" or "_stext")
                {
                    return TryHex(line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)), out ulong start) && start != 0
                        ? (line[name..], start)
                        : null;
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return null;
    }

    /// <summary>Loaded modules with their addresses; empty where these are hidden or there are no modules.</summary>
    public static IReadOnlyList<(string Name, ulong Start, ulong Length)> Modules()
    {
        var modules = new List<(string, ulong, ulong)>();
        foreach (string line in (ProcFs.ReadText("/proc/modules") ?? "").Split('\n'))
        {
            // "nf_tables 331776 0 - Live 0xffffffffc0a00000"
            string[] fields = line.Split(' ');
            if (fields.Length >= 6
                && ulong.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong length)
                && fields[5].StartsWith("0x", StringComparison.Ordinal)
                && TryHex(fields[5].AsSpan(2), out ulong start) && start != 0)
            {
                modules.Add((fields[0], start, length));
            }
        }

        return modules;
    }

    private static bool TryHex(ReadOnlySpan<char> text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
