using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Names;

/// <summary>The real addr2line, for comparison.</summary>
internal static class Addr2Line
{
    /// <summary>What it says of addresses of a file: functions innermost first, names as the compiler made them.</summary>
    public static Dictionary<ulong, List<NamedFunction>> Functions(string file, IEnumerable<ulong> addresses)
    {
        const string Path = "/usr/bin/addr2line";
        Assert.SkipUnless(File.Exists(Path), "addr2line is not installed (Debian: binutils)");
        string input = string.Concat(addresses.Distinct().Select(address => $"0x{address:x}\n"));
        var result = new Tool { File = Path, Input = input }.Run("-a", "-i", "-f", "-e", file).Succeeded();

        var found = new Dictionary<ulong, List<NamedFunction>>();
        string? name = null;
        List<NamedFunction> functions = [];
        foreach (string line in result.Lines)
        {
            if (name is null && line.StartsWith("0x", StringComparison.Ordinal))
            {
                found[Convert.ToUInt64(line, 16)] = functions = [];
            }
            else if (name is null)
            {
                name = line;
            }
            else
            {
                functions.Add(new(name, NamedFunction.LineOf(line)));
                name = null;
            }
        }

        return found;
    }
}
