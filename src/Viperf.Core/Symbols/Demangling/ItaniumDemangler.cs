using System.Text;
using Viperf.Formats.Bytes;

namespace Viperf.Core.Symbols.Demangling;

/// <summary>Demangles names of the Itanium C++ ABI, which GCC and clang use on Linux. One at a time; memory is used again.</summary>
internal sealed class ItaniumDemangler
{
    private const string GlobalStart = "_GLOBAL_";
    private const int GlobalStartLength = 11;

    private readonly DemangledText _output;
    private readonly ItaniumParser _parser;
    private readonly ItaniumPrinter _printer;

    public ItaniumDemangler(DemangledText output)
    {
        var tree = new ItaniumTree();
        _output = output;
        _parser = new ItaniumParser(tree);
        _printer = new ItaniumPrinter(tree, output);
    }

    /// <summary>Demangles a symbol; null if it is none of this ABI.</summary>
    public string? Demangle(string mangled, bool withParameters)
    {
        if (Ascii.IsValid(mangled))
        {
            return Run(mangled, withParameters);
        }

        // Lengths of identifiers count bytes: each becomes a character for a while.
        string? demangled = Run(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(mangled)), withParameters);
        return demangled is null ? null : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(demangled));
    }

    private string? Run(string mangled, bool withParameters)
    {
        if (mangled.Length > Limits.NameBytes)
        {
            return null;
        }

        int symbol = mangled.StartsWith("_Z", StringComparison.Ordinal) ? _parser.Parse(mangled, withParameters)
            : IsGlobal(mangled) ? _parser.ParseGlobal(mangled, ItaniumWords.SpecialOf(mangled.AsSpan(9, 1)), GlobalStartLength)
            : 0;
        _output.Clear();
        return symbol != 0 && _printer.TryWrite(mangled, symbol) ? _output.ToString() : null;
    }

    private static bool IsGlobal(string mangled) =>
        mangled.Length > GlobalStartLength && mangled.StartsWith(GlobalStart, StringComparison.Ordinal)
        && mangled[8] is '_' or '.' or '$' && mangled[9] is 'I' or 'D' && mangled[10] == '_';
}
