using System.Runtime.InteropServices;
using System.Text;
using Viperf.Core.Symbols.Demangling;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// Collects a module's symbols in any order and applies perf's rules to them: a symbol without a size reaches to
/// the next one, and of several at one address one stays.
/// </summary>
internal sealed class SymbolTableBuilder
{
    /// <summary>The unit that a last symbol without a size is rounded up to: what perf uses, whatever the machine's pages are.</summary>
    private const ulong Page = 4096;

    private readonly List<Symbol> _symbols;
    private readonly List<ReadOnlyMemory<byte>> _texts = [];
    private readonly NameOptions? _shown;

    /// <summary>How many symbols were demangled to choose between aliases.</summary>
    private int _demangled;

    /// <param name="capacity">Symbols expected.</param>
    /// <param name="shown">How functions are called, which decides between aliases; null for their symbols.</param>
    public SymbolTableBuilder(int capacity = 0, NameOptions? shown = null)
    {
        _symbols = new(capacity);
        _shown = shown;
    }

    /// <summary>Where programs and threads begin in the module.</summary>
    public StartPlaces Starts { get; } = new();

    /// <summary>Adds bytes that names lie in; returns their number for <see cref="Symbol.Text"/>.</summary>
    public byte AddText(ReadOnlyMemory<byte> text)
    {
        _texts.Add(text);
        return checked((byte)(_texts.Count - 1));
    }

    public void Add(in Symbol symbol) => _symbols.Add(symbol);

    /// <summary>Sorts what was added, and builds the table.</summary>
    public SymbolTable Build()
    {
        var symbols = Sorted();
        ExtendEnds(symbols);
        int count = KeepBest(symbols);
        return new SymbolTable(symbols[..count], [.. _texts]) { Starts = Starts };
    }

    /// <summary>By ascending start; equal ones in the order in which they were added. May be the list's own memory.</summary>
    private Span<Symbol> Sorted()
    {
        var added = CollectionsMarshal.AsSpan(_symbols);
        var starts = new ulong[added.Length];
        var order = new int[added.Length];
        bool sorted = true;
        for (int i = 0; i < added.Length; i++)
        {
            starts[i] = added[i].Start;
            order[i] = i;
            sorted &= i == 0 || starts[i - 1] <= starts[i];
        }

        if (sorted)
        {
            return added;
        }

        // Keys and indexes are sorted instead of the structs: no comparer is called, and a third of the bytes moves.
        Array.Sort(starts, order);
        var symbols = new Symbol[added.Length];
        for (int i = 0; i < order.Length;)
        {
            int end = i + 1;
            while (end < order.Length && starts[end] == starts[i])
            {
                end++;
            }

            Array.Sort(order, i, end - i);
            for (; i < end; i++)
            {
                symbols[i] = added[order[i]];
            }
        }

        return symbols;
    }

    /// <summary>
    /// Gives symbols without a size one. Of several at one address only the last reaches anywhere, and so wins in
    /// <see cref="KeepBest"/>: that is how perf comes to its names of the kernel's functions, which all lack sizes.
    /// </summary>
    private static void ExtendEnds(Span<Symbol> symbols)
    {
        for (int i = 0; i < symbols.Length; i++)
        {
            ref var symbol = ref symbols[i];
            if (symbol.End != symbol.Start)
            {
                continue;
            }

            bool reachesNext = i + 1 < symbols.Length && symbols[i + 1].Group == symbol.Group;
            symbol.End = reachesNext ? symbols[i + 1].Start : NextPage(symbol.Start);
        }
    }

    private static ulong NextPage(ulong start)
    {
        ulong end = ((start + Page - 1) & ~(Page - 1)) + Page;
        return end > start ? end : ulong.MaxValue;
    }

    /// <summary>Leaves one symbol per start; returns how many are left.</summary>
    private int KeepBest(Span<Symbol> symbols)
    {
        int count = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            if (count == 0 || symbols[count - 1].Start != symbols[i].Start)
            {
                symbols[count++] = symbols[i];
            }
            else if (IsBetter(symbols[i], symbols[count - 1]))
            {
                symbols[count - 1] = symbols[i];
            }
        }

        return count;
    }

    /// <summary>Whether perf prefers <paramref name="candidate"/> to <paramref name="present"/>, which was added earlier.</summary>
    private bool IsBetter(in Symbol candidate, in Symbol present)
    {
        bool candidateHasSize = candidate.End != candidate.Start;
        bool presentHasSize = present.End != present.Start;
        if (candidateHasSize != presentHasSize)
        {
            return candidateHasSize;
        }

        bool candidateIsLabel = candidate.Type == ElfSymbolType.STT_NOTYPE;
        bool presentIsLabel = present.Type == ElfSymbolType.STT_NOTYPE;
        if (candidateIsLabel != presentIsLabel)
        {
            return presentIsLabel;
        }

        bool candidateIsWeak = candidate.Binding == ElfSymbolBinding.STB_WEAK;
        bool presentIsWeak = present.Binding == ElfSymbolBinding.STB_WEAK;
        if (candidateIsWeak != presentIsWeak)
        {
            return presentIsWeak;
        }

        bool candidateIsGlobal = candidate.Binding == ElfSymbolBinding.STB_GLOBAL;
        bool presentIsGlobal = present.Binding == ElfSymbolBinding.STB_GLOBAL;
        if (candidateIsGlobal != presentIsGlobal)
        {
            return candidateIsGlobal;
        }

        var candidateName = NameOf(candidate);
        var presentName = NameOf(present);
        if (candidateName.SequenceEqual(presentName))
        {
            return false; // both of a file's tables have it
        }

        var (candidateUnderscores, candidateLength) = ShapeOf(candidateName);
        var (presentUnderscores, presentLength) = ShapeOf(presentName);
        if (candidateUnderscores != presentUnderscores)
        {
            return candidateUnderscores < presentUnderscores;
        }

        return candidateLength != presentLength ? candidateLength > presentLength : IsSystemCallAlias(presentName);
    }

    /// <summary>Older kernels have each system call's entry under two names of one length; perf takes the other one.</summary>
    private static bool IsSystemCallAlias(ReadOnlySpan<byte> name) =>
        name.StartsWith("SyS"u8) || name.StartsWith("compat_SyS"u8);

    /// <summary>How many underscores a name begins with and how long it is, once demangled: perf chooses among the names that it shows.</summary>
    private (int Underscores, int Length) ShapeOf(ReadOnlySpan<byte> name)
    {
        if (_shown is { Demangle: true } && (name.StartsWith("_Z"u8) || name.StartsWith("_R"u8))
            && _demangled++ < Limits.DemangledAliases
            && Demangler.Demangle(ByteReader.Text(name), _shown.WithParameters) is { } demangled)
        {
            return (demangled.Length - demangled.AsSpan().TrimStart('_').Length, Encoding.UTF8.GetByteCount(demangled));
        }

        return (LeadingUnderscores(name), name.Length);
    }

    private static int LeadingUnderscores(ReadOnlySpan<byte> name)
    {
        int count = name.IndexOfAnyExcept((byte)'_');
        return count < 0 ? name.Length : count;
    }

    private ReadOnlySpan<byte> NameOf(in Symbol symbol) =>
        _texts[symbol.Text].Span.Slice(symbol.NameOffset, symbol.NameLength);
}
