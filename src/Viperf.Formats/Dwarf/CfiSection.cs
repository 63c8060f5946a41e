using Viperf.Formats.Elf;

namespace Viperf.Formats.Dwarf;

/// <summary>Which of the two forms of call frame information a section has.</summary>
public enum CfiSectionKind
{
    /// <summary><c>.eh_frame</c> (Linux Standard Base 5.0, Core, §10.6): loaded with the program, pointers encoded.</summary>
    EhFrame,

    /// <summary><c>.debug_frame</c> (DWARF 5 §6.4.1): not loaded, plain addresses.</summary>
    DebugFrame,
}

/// <summary>A section with call frame information, and what its numbers are relative to.</summary>
/// <param name="Bytes">The section, decompressed. It may be longer than the section, where only its start is known.</param>
/// <param name="Address">Virtual address of the first byte; of no meaning for <see cref="CfiSectionKind.DebugFrame"/>.</param>
/// <param name="Kind">Its form.</param>
/// <param name="Machine">Whose registers its numbers are.</param>
/// <param name="Is64Bit">Whether the file's addresses have 8 bytes.</param>
/// <param name="Source">What messages call the section.</param>
public sealed record CfiSection(
    ReadOnlyMemory<byte> Bytes, ulong Address, CfiSectionKind Kind, ElfMachine Machine, bool Is64Bit, string Source)
{
    /// <summary>Virtual address of <c>.text</c>, which DW_EH_PE_textrel pointers are relative to.</summary>
    public ulong TextAddress { get; init; }

    /// <summary>Virtual address of <c>.got</c>, which DW_EH_PE_datarel pointers are relative to.</summary>
    public ulong DataAddress { get; init; }
}
