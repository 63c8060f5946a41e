using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>One entry of a symbol table (<c>Elf64_Sym</c>, <c>Elf32_Sym</c>).</summary>
/// <param name="NameOffset">Of the name in <see cref="ElfSymbolTable.Names"/>.</param>
/// <param name="Info">Type and binding.</param>
/// <param name="Other">Visibility.</param>
/// <param name="SectionIndex">The section it lies in, extended numbers resolved; see <see cref="IsDefined"/>.</param>
/// <param name="Value">A virtual address in executables and shared objects, an offset in the section in relocatable files.</param>
/// <param name="Size">Bytes; 0 where nobody said.</param>
public readonly record struct ElfSymbol(uint NameOffset, byte Info, byte Other, uint SectionIndex, ulong Value, ulong Size)
{
    /// <summary>SHN_LORESERVE: this index and those up to 0xffff are no sections (SHN_ABS, SHN_COMMON).</summary>
    internal const uint FirstReservedSection = 0xff00;

    /// <summary>SHN_XINDEX: the index is in a section of type SHT_SYMTAB_SHNDX.</summary>
    internal const uint SectionElsewhere = 0xffff;

    /// <summary>What it names.</summary>
    public ElfSymbolType Type => (ElfSymbolType)(Info & 0xf);

    /// <summary>Who sees it at link time.</summary>
    public ElfSymbolBinding Binding => (ElfSymbolBinding)(Info >> 4);

    /// <summary>Who sees it at run time.</summary>
    public ElfSymbolVisibility Visibility => (ElfSymbolVisibility)(Other & 3);

    /// <summary>True if it lies in a section of this file.</summary>
    public bool IsDefined => SectionIndex != 0 && SectionIndex != AbsoluteOrCommon;

    /// <summary>What <see cref="SectionIndex"/> is for every reserved index, so that it is no section's number.</summary>
    internal const uint AbsoluteOrCommon = uint.MaxValue;
}

/// <summary>The symbols of one section, in the file's order. Reads an entry when it is asked for; copies nothing.</summary>
public sealed class ElfSymbolTable
{
    private const int EntrySize32 = 16;
    private const int EntrySize64 = 24;

    private readonly ReadOnlyMemory<byte> _entries;

    /// <summary>Section numbers of symbols that say <see cref="ElfSymbol.SectionElsewhere"/>; empty as a rule.</summary>
    private readonly ReadOnlyMemory<byte> _sectionIndexes;
    private readonly bool _is64Bit;

    private ElfSymbolTable(ReadOnlyMemory<byte> entries, ReadOnlyMemory<byte> names, ReadOnlyMemory<byte> sectionIndexes, bool is64Bit)
    {
        _entries = entries;
        _sectionIndexes = sectionIndexes;
        _is64Bit = is64Bit;
        Names = names;
        Count = entries.Length / (is64Bit ? EntrySize64 : EntrySize32);
    }

    /// <summary>Number of symbols; a half one at the end does not count.</summary>
    public int Count { get; }

    /// <summary>The names, each ended by a zero byte.</summary>
    public ReadOnlyMemory<byte> Names { get; }

    /// <summary>The symbol at an index.</summary>
    public ElfSymbol this[int index]
    {
        get
        {
            int size = _is64Bit ? EntrySize64 : EntrySize32;
            var entry = _entries.Span.Slice(index * size, size);
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            return _is64Bit
                ? new ElfSymbol(
                    name,
                    Info: entry[4],
                    Other: entry[5],
                    SectionOf(index, BinaryPrimitives.ReadUInt16LittleEndian(entry[6..])),
                    Value: BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
                    Size: BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]))
                : new ElfSymbol(
                    name,
                    Info: entry[12],
                    Other: entry[13],
                    SectionOf(index, BinaryPrimitives.ReadUInt16LittleEndian(entry[14..])),
                    Value: BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]),
                    Size: BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
        }
    }

    /// <summary>Reads a symbol table and its names.</summary>
    /// <param name="file">The file.</param>
    /// <param name="section">One of type SHT_SYMTAB or SHT_DYNSYM.</param>
    public static ElfSymbolTable Read(ElfFile file, in ElfSection section)
    {
        var entries = file.ReadSection(section);
        var names = file.ReadSection(file.Section(section.Link));
        var sectionIndexes = ReadOnlyMemory<byte>.Empty;
        if (section.Type == ElfSectionType.SHT_SYMTAB && file.FindSection(ElfSectionType.SHT_SYMTAB_SHNDX) is { } indexes)
        {
            sectionIndexes = file.ReadSection(indexes);
        }

        return new ElfSymbolTable(entries, names, sectionIndexes, file.Is64Bit);
    }

    /// <summary>A symbol's name; empty where its offset leads nowhere.</summary>
    public ReadOnlySpan<byte> NameOf(in ElfSymbol symbol) => ByteReader.CStringAt(Names.Span, symbol.NameOffset);

    private uint SectionOf(int symbol, uint index)
    {
        if (index < ElfSymbol.FirstReservedSection)
        {
            return index;
        }

        return index == ElfSymbol.SectionElsewhere && symbol < _sectionIndexes.Length / sizeof(uint)
            ? BinaryPrimitives.ReadUInt32LittleEndian(_sectionIndexes.Span[(symbol * sizeof(uint))..])
            : ElfSymbol.AbsoluteOrCommon;
    }
}
