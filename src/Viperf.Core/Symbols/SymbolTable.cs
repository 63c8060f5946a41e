using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;

namespace Viperf.Core.Symbols;

/// <summary>
/// The symbols of one module, sorted by address. Names stay the file's bytes until somebody asks for one.
/// Looking up allocates nothing.
/// </summary>
public sealed class SymbolTable
{
    /// <summary>A table without symbols.</summary>
    /// <param name="reason">Why there are none.</param>
    internal static SymbolTable Empty(UnnamedReason reason) => new([], []) { Reason = reason };

    /// <summary>Ascending; equal ones do not occur.</summary>
    private readonly ulong[] _starts;

    /// <summary>By the same index as <see cref="_starts"/>: the first address behind the symbol.</summary>
    private readonly ulong[] _ends;

    /// <summary>
    /// By the same index: the nearest symbol before it that ends after it, or -1: the one that may enclose it. Null
    /// where no symbol overlaps the next, which is the rule.
    /// </summary>
    private readonly int[]? _enclosing;

    private readonly (int Offset, int Length, byte Text)[] _names;
    private readonly ReadOnlyMemory<byte>[] _texts;

    /// <summary>Creates a table.</summary>
    /// <param name="symbols">By ascending start, no two of which are equal.</param>
    /// <param name="texts">What <see cref="Symbol.Text"/> numbers.</param>
    internal SymbolTable(ReadOnlySpan<Symbol> symbols, ReadOnlyMemory<byte>[] texts)
    {
        _texts = texts;
        _starts = new ulong[symbols.Length];
        _ends = new ulong[symbols.Length];
        _names = new (int, int, byte)[symbols.Length];
        bool overlap = false;
        for (int i = 0; i < symbols.Length; i++)
        {
            ref readonly var symbol = ref symbols[i];
            _starts[i] = symbol.Start;
            _ends[i] = symbol.End;
            _names[i] = (symbol.NameOffset, symbol.NameLength, symbol.Text);
            overlap |= i != 0 && symbols[i - 1].End > symbol.Start;
        }

        _enclosing = overlap ? FindEnclosing(_ends) : null;
    }

    /// <summary>Where programs and threads begin; null where nobody looked.</summary>
    internal StartPlaces? Starts { get; init; }

    /// <summary>Why places that this table does not name have no name.</summary>
    internal UnnamedReason Reason { get; set; }

    /// <summary>Number of symbols.</summary>
    public int Count => _starts.Length;

    /// <summary>
    /// The symbol that an address lies in, or -1. Of several the one that starts last: a label inside a function is
    /// nearer than the function.
    /// </summary>
    public int Find(ulong address)
    {
        int index = Array.BinarySearch(_starts, address);
        if (index >= 0)
        {
            return index; // also a symbol without any size names its own address
        }

        index = ~index - 1;
        while (index >= 0 && address >= _ends[index])
        {
            index = _enclosing is null ? -1 : _enclosing[index];
        }

        return index;
    }

    /// <summary>A symbol's first address.</summary>
    public ulong StartOf(int symbol) => _starts[symbol];

    /// <summary>The first address behind a symbol; its first one for symbols without a size.</summary>
    public ulong EndOf(int symbol) => _ends[symbol];

    /// <summary>A symbol's name, as the file has it.</summary>
    public string NameOf(int symbol)
    {
        var (offset, length, text) = _names[symbol];
        return ByteReader.Text(_texts[text].Span.Slice(offset, length));
    }

    private static int[] FindEnclosing(ulong[] ends)
    {
        var enclosing = new int[ends.Length];
        for (int i = 0; i < ends.Length; i++)
        {
            // Whatever ends no later than i cannot hold an address that i ends before.
            int candidate = i - 1;
            while (candidate >= 0 && ends[candidate] <= ends[i])
            {
                candidate = enclosing[candidate];
            }

            enclosing[i] = candidate;
        }

        return enclosing;
    }
}
