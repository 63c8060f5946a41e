namespace Viperf.Formats.Dwarf;

/// <summary>What an entry describes: those <c>DW_TAG_…</c> that make a difference here (DWARF 5 §7.5.3).</summary>
internal enum DwarfTag : ushort
{
    ArrayType = 0x01,
    EnumerationType = 0x04,
    CompileUnit = 0x11,
    StructureType = 0x13,
    SubroutineType = 0x15,
    UnionType = 0x17,
    InlinedSubroutine = 0x1d,
    Subprogram = 0x2e,
    PartialUnit = 0x3c,
    TypeUnit = 0x41,
    CallSite = 0x48,
    SkeletonUnit = 0x4a,
    GnuCallSite = 0x4109,
}

/// <summary>What an attribute tells: those <c>DW_AT_…</c> that are read or written here (DWARF 5 §7.5.4).</summary>
internal enum DwarfAttribute : ushort
{
    Sibling = 0x01,
    Name = 0x03,
    LineProgram = 0x10, // DW_AT_stmt_list
    LowPc = 0x11,
    HighPc = 0x12,
    Language = 0x13,
    CompilationDirectory = 0x1b,
    Producer = 0x25,
    AbstractOrigin = 0x31,
    DeclarationFile = 0x3a, // DW_AT_decl_file
    DeclarationLine = 0x3b,
    Specification = 0x47,
    Ranges = 0x55,
    CallFile = 0x58,
    CallLine = 0x59,
    LinkageName = 0x6e,
    StringOffsetsBase = 0x72,
    AddressBase = 0x73,
    RangeListsBase = 0x74,
    SplitName = 0x76, // DW_AT_dwo_name
    MipsLinkageName = 0x2007,
    GnuSplitName = 0x2130,
    GnuSplitId = 0x2131,
    GnuRangesBase = 0x2132,
    GnuAddressBase = 0x2133,
}
