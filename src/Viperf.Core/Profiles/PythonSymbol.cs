namespace Viperf.Core.Profiles;

/// <summary>
/// A Python function as trampolines' symbols name it, <c>py::QUALNAME:FILE</c>: what CPython's own support and viperf's agent
/// write to perf maps and jitdumps.
/// </summary>
/// <param name="Name">The function's qualified name.</param>
/// <param name="File">Its source file as the interpreter calls it; empty where the symbol has none.</param>
public readonly record struct PythonSymbol(string Name, string File)
{
    private const string Prefix = "py::";

    /// <summary>Takes a symbol apart; false if it is no Python function's.</summary>
    public static bool TryParse(string symbol, out PythonSymbol python)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        python = default;
        if (!symbol.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        int colon = symbol.IndexOf(':', Prefix.Length);
        python = colon < 0
            ? new PythonSymbol(symbol[Prefix.Length..], "")
            : new PythonSymbol(symbol[Prefix.Length..colon], symbol[(colon + 1)..]);
        return true;
    }

    /// <summary>The symbol.</summary>
    public override string ToString() => File.Length == 0 ? $"{Prefix}{Name}" : $"{Prefix}{Name}:{File}";
}
