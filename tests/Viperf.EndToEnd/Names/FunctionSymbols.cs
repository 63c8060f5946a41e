using Viperf.EndToEnd.Harness;

namespace Viperf.EndToEnd.Names;

/// <summary>The symbols of functions of a file and of its debug file, as readelf lists them.</summary>
internal sealed class FunctionSymbols
{
    private readonly Dictionary<string, string> _addresses = [];
    private readonly Dictionary<string, string> _first = [];

    private FunctionSymbols()
    {
    }

    /// <summary>Reads those of a file and of the debug file that its build-id leads to.</summary>
    public static FunctionSymbols Of(string file)
    {
        var symbols = new FunctionSymbols();
        symbols.Add(file);
        string id = new Tool { File = "readelf" }.Run("-nW", file).Succeeded().Lines
            .Select(line => line.Split("Build ID: "))
            .FirstOrDefault(parts => parts.Length == 2, ["", "--"])[1];
        string debug = $"/usr/lib/debug/.build-id/{id[..2]}/{id[2..]}.debug";
        if (File.Exists(debug))
        {
            symbols.Add(debug);
        }

        return symbols;
    }

    /// <summary>
    /// One name for all that begin at the same address: the compiler makes one function of equal ones, and the C library
    /// calls <c>__GI___libc_malloc</c> what others know as <c>malloc</c>. The name itself if it is no symbol's.
    /// </summary>
    public string FirstNameOf(string name) =>
        _addresses.TryGetValue(NameOf(name), out string? address) ? _first[address] : name;

    private static string NameOf(string symbol) => symbol.Split('@')[0];

    private void Add(string file)
    {
        foreach (string line in new Tool { File = "readelf" }.Run("-sW", file).Succeeded().Lines)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var address, _, "FUNC" or "IFUNC", _, _, not "UND", var name, ..])
            {
                _addresses.TryAdd(NameOf(name), address);
                _first.TryAdd(address, NameOf(name));
            }
        }
    }
}
