namespace Viperf.Formats.Elf;

/// <summary>One section header, of either class, as numbers from the file: nothing in it is checked yet.</summary>
/// <param name="NameOffset">Of the name in the section names' string table.</param>
/// <param name="Type">What the section holds.</param>
/// <param name="Flags">See <see cref="ElfSectionFlags"/>.</param>
/// <param name="Address">Virtual address of its first byte in memory; 0 where it is not loaded.</param>
/// <param name="Offset">Of its first byte in the file.</param>
/// <param name="Size">Bytes in the file, compressed ones counted as they lie there; for
/// <see cref="ElfSectionType.SHT_NOBITS"/> bytes in memory only.</param>
/// <param name="Link">Index of the section that this one refers to: a symbol table's names, a relocation table's symbols.</param>
/// <param name="EntrySize">Bytes of one entry, for tables.</param>
public readonly record struct ElfSection(
    uint NameOffset,
    ElfSectionType Type,
    ElfSectionFlags Flags,
    ulong Address,
    ulong Offset,
    ulong Size,
    uint Link,
    ulong EntrySize)
{
    /// <summary>Bytes of an <c>Elf32_Shdr</c>.</summary>
    internal const int HeaderSize32 = 40;

    /// <summary>Bytes of an <c>Elf64_Shdr</c>.</summary>
    internal const int HeaderSize64 = 64;

    /// <summary>True if the section is code.</summary>
    public bool IsExecutable => (Flags & ElfSectionFlags.SHF_EXECINSTR) != 0;

    /// <summary>True if the section lies in memory while the program runs.</summary>
    public bool IsLoaded => (Flags & ElfSectionFlags.SHF_ALLOC) != 0;

    /// <summary>True if its bytes start with a compression header.</summary>
    public bool IsCompressed => (Flags & ElfSectionFlags.SHF_COMPRESSED) != 0;
}

/// <summary>One program header.</summary>
/// <param name="Type">What it describes.</param>
/// <param name="Offset">First byte in the file.</param>
/// <param name="Address">Virtual address of the first byte.</param>
/// <param name="FileSize">Bytes in the file.</param>
/// <param name="MemorySize">Bytes in memory; those beyond <paramref name="FileSize"/> are zero.</param>
public readonly record struct ElfSegment(ElfSegmentType Type, ulong Offset, ulong Address, ulong FileSize, ulong MemorySize)
{
    /// <summary>Bytes of an <c>Elf32_Phdr</c>.</summary>
    internal const int HeaderSize32 = 32;

    /// <summary>Bytes of an <c>Elf64_Phdr</c>.</summary>
    internal const int HeaderSize64 = 56;
}
