using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// Code symbols of an ELF file by file offset: <c>.symtab</c>, <c>.dynsym</c> and the stubs of the procedure linkage
/// table, chosen as perf chooses them.
/// </summary>
internal static class ElfSymbols
{
    /// <summary>Reads the symbols; a file may have none.</summary>
    /// <param name="file">The file that was mapped.</param>
    /// <param name="debug">The file that its <c>.symtab</c> was moved to, if it was: the same sections and addresses.</param>
    /// <param name="names">How functions are called, which perf looks at where it chooses; null for their symbols.</param>
    /// <exception cref="ParseException">A file is not consistent.</exception>
    public static SymbolTable Read(ElfFile file, ElfFile? debug = null, NameOptions? names = null)
    {
        var owner = HasFullTable(file) ? file : debug ?? file;
        var full = owner.FindSection(ElfSectionType.SHT_SYMTAB) is { } symtab ? ElfSymbolTable.Read(owner, symtab) : null;
        var dynamic = file.FindSection(ElfSectionType.SHT_DYNSYM) is { } dynsym ? ElfSymbolTable.Read(file, dynsym) : null;
        long announced = (long)(full?.Count ?? 0) + (dynamic?.Count ?? 0);
        if (announced > Limits.Symbols)
        {
            throw new ParseException($"{announced} symbols, more than the limit of {Limits.Symbols}", file.Name, 0);
        }

        // About a half are functions; the rest are data, files and what other files define.
        var builder = new SymbolTableBuilder((int)announced / 2, names);
        builder.Starts.AddEntry(file);
        if (full is not null)
        {
            Add(builder, file, owner, full);
        }

        if (dynamic is not null)
        {
            Add(builder, file, file, dynamic);
            AddStubs(builder, file, dynamic);
        }

        return builder.Build();
    }

    /// <summary>True if the file has the table of all its symbols, which strip removes.</summary>
    public static bool HasFullTable(ElfFile file) => file.FindSection(ElfSectionType.SHT_SYMTAB) is not null;

    /// <summary>Adds a table of <paramref name="owner"/>, by offsets in the mapped <paramref name="file"/>.</summary>
    private static void Add(SymbolTableBuilder builder, ElfFile file, ElfFile owner, ElfSymbolTable table)
    {
        var sections = SectionsByKind(owner);
        byte text = builder.AddText(table.Names);
        var names = table.Names.Span;
        bool isArm = file.Machine is ElfMachine.EM_ARM or ElfMachine.EM_AARCH64;
        for (int i = 1; i < table.Count; i++)
        {
            var symbol = table[i];
            if (!IsCode(symbol, sections) || !TryGetOffset(file, owner, symbol, out ulong offset))
            {
                continue;
            }

            var name = table.NameOf(symbol);
            if (name.IsEmpty || (isArm && IsMappingSymbol(name)))
            {
                continue;
            }

            builder.Starts.AddNeighbour(name, offset);
            builder.Add(new Symbol
            {
                Start = offset,
                End = symbol.Size <= ulong.MaxValue - offset ? offset + symbol.Size : ulong.MaxValue,
                NameOffset = (int)symbol.NameOffset,
                NameLength = name.Length,
                Text = text,
                Type = symbol.Type,
                Binding = symbol.Binding,
            });
        }
    }

    /// <summary>Stubs have no symbols: they are called <c>name@plt</c>, as in disassemblies.</summary>
    private static void AddStubs(SymbolTableBuilder builder, ElfFile file, ElfSymbolTable dynamic)
    {
        var stubs = ElfPlt.Read(file);
        var names = new MemoryStream(stubs.Count * 32);
        List<Symbol> symbols = new(stubs.Count);
        foreach (var stub in stubs)
        {
            if (stub.Symbol >= (uint)dynamic.Count || !file.TryGetFileOffset(stub.Address, out ulong offset))
            {
                continue;
            }

            int nameOffset = (int)names.Length;
            names.Write(dynamic.NameOf(dynamic[(int)stub.Symbol])); // empty for indirect functions of the library's own, as perf has it
            names.Write("@plt"u8);
            symbols.Add(new Symbol
            {
                Start = offset,
                End = offset + stub.Size,
                NameOffset = nameOffset,
                NameLength = (int)names.Length - nameOffset,
                Type = ElfSymbolType.STT_FUNC,
                Binding = ElfSymbolBinding.STB_GLOBAL,
            });
        }

        byte text = builder.AddText(names.GetBuffer().AsMemory(0, (int)names.Length));
        foreach (var symbol in symbols)
        {
            builder.Add(symbol with { Text = text });
        }
    }

    /// <summary>
    /// Whether perf takes a symbol. Functions and indirect functions wherever they lie; objects since assembly has
    /// tables between its functions; labels of assembly only in sections that are called text.
    /// </summary>
    private static bool IsCode(in ElfSymbol symbol, SectionKind[] sections)
    {
        if (!symbol.IsDefined || symbol.SectionIndex >= (uint)sections.Length)
        {
            return false;
        }

        var section = sections[symbol.SectionIndex];
        return symbol.Type switch
        {
            ElfSymbolType.STT_FUNC or ElfSymbolType.STT_GNU_IFUNC or ElfSymbolType.STT_OBJECT => section != SectionKind.Data,
            ElfSymbolType.STT_NOTYPE => section == SectionKind.Text
                && symbol.Visibility is ElfSymbolVisibility.STV_DEFAULT or ElfSymbolVisibility.STV_PROTECTED,
            _ => false,
        };
    }

    /// <summary>
    /// Where the mapped file has a symbol's first byte: as its segments say, and in a file without segments (jitted
    /// code that older versions of perf saved) as the symbol's own section says.
    /// </summary>
    private static bool TryGetOffset(ElfFile file, ElfFile owner, in ElfSymbol symbol, out ulong offset)
    {
        if (file.TryGetFileOffset(symbol.Value, out offset))
        {
            return true;
        }

        var section = owner.Section(symbol.SectionIndex);
        offset = symbol.Value - section.Address + section.Offset;
        return owner == file && symbol.Value - section.Address < section.Size;
    }

    /// <summary><c>$x</c>, <c>$d</c> and so on: they tell disassemblers what follows, and name nothing.</summary>
    private static bool IsMappingSymbol(ReadOnlySpan<byte> name) =>
        name.Length >= 2 && name[0] == '$' && "adtx"u8.Contains(name[1]) && (name.Length == 2 || name[2] == '.');

    private static SectionKind[] SectionsByKind(ElfFile file)
    {
        var kinds = new SectionKind[file.Sections.Length];
        for (int i = 0; i < kinds.Length; i++)
        {
            var section = file.Sections[i];
            if (section.IsLoaded && section.IsExecutable)
            {
                kinds[i] = file.NameOf(section).IndexOf("text"u8) >= 0 ? SectionKind.Text : SectionKind.OtherCode;
            }
        }

        return kinds;
    }

    private enum SectionKind : byte
    {
        Data,
        OtherCode,
        Text,
    }
}
