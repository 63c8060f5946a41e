namespace Viperf.Core.Symbols.Demangling;

/// <summary>
/// What a compiler made of a function's name, as the programmer wrote it: C++ (Itanium ABI) and Rust, in the words of perf.
/// Symbols come from files that may hold anything; what is not well-formed, nested too deep or stands for too much text is
/// not demangled.
/// </summary>
public sealed class Demangler
{
    [ThreadStatic]
    private static Demangler? s_ofThread;

    private readonly DemangledText _output = new();
    private readonly ItaniumDemangler _itanium;
    private readonly RustV0Demangler _rust;

    private Demangler()
    {
        _itanium = new ItaniumDemangler(_output);
        _rust = new RustV0Demangler(_output);
    }

    /// <summary>Demangles a symbol. Any thread may call it at any time.</summary>
    /// <param name="mangled">A symbol as it stands in a symbol table.</param>
    /// <param name="withParameters">
    /// Whether C++ functions have their parameters, return types and marks of copies, as perf shows them with -v. Rust's
    /// symbols do not tell such things.
    /// </param>
    /// <returns>Its name; null if there is none for it.</returns>
    public static string? Demangle(string mangled, bool withParameters = false)
    {
        ArgumentNullException.ThrowIfNull(mangled);
        return mangled is ['_', 'Z' or 'R' or 'G', ..]
            ? (s_ofThread ??= new Demangler()).Run(mangled, withParameters)
            : null;
    }

    private string? Run(string mangled, bool withParameters) => mangled[1] == 'R'
        ? _rust.Demangle(mangled)
        : RustLegacyDemangler.Demangle(mangled, _output) ?? _itanium.Demangle(mangled, withParameters);
}
