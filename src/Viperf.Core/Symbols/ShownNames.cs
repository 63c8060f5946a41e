using Viperf.Core.Profiles;
using Viperf.Core.Symbols.Demangling;

namespace Viperf.Core.Symbols;

/// <summary>
/// What functions are called, by their symbols. Each symbol is demangled once, however many frames are in it.
/// </summary>
internal sealed class ShownNames(NameOptions options)
{
    /// <summary>What marks a stub of the procedure linkage table behind the name of the function that it goes on to.</summary>
    private const string StubMark = "@plt";

    private readonly Dictionary<string, string> _demangled = new(StringComparer.Ordinal);

    /// <summary>The name of a function in a module of some kind.</summary>
    /// <param name="symbol">Its symbol, or the linkage name that debug information has.</param>
    /// <param name="kind">The module's kind. What perf maps say is shown as it is, as perf does.</param>
    public string Of(string symbol, ModuleKind kind) => kind switch
    {
        ModuleKind.Jit => symbol,
        ModuleKind.Kernel or ModuleKind.KernelModule => options.DemangleKernel ? Of(symbol) : symbol,
        _ => OfJitted(symbol),
    };

    /// <summary>The name of a jitdump's function; perf reads those from ELF files that it makes of jitdumps.</summary>
    public string OfJitted(string symbol) => options.Demangle ? Of(symbol) : symbol;

    private string Of(string symbol)
    {
        if (!symbol.StartsWith('_'))
        {
            return symbol;
        }

        if (!_demangled.TryGetValue(symbol, out string? name))
        {
            name = Demangled(symbol) ?? symbol;
            _demangled.Add(symbol, name);
        }

        return name;
    }

    private string? Demangled(string symbol)
    {
        if (!symbol.EndsWith(StubMark, StringComparison.Ordinal))
        {
            return Demangler.Demangle(symbol, options.WithParameters);
        }

        string? name = Demangler.Demangle(symbol[..^StubMark.Length], options.WithParameters);
        return name is null ? null : name + StubMark;
    }
}
