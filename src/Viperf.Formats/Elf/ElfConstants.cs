namespace Viperf.Formats.Elf;

#pragma warning disable CS1591 // the names and values are elf(5)'s
#pragma warning disable IDE1006 // and so is their spelling

/// <summary><c>e_machine</c>: only the processors that viperf treats apart.</summary>
public enum ElfMachine : ushort
{
    EM_386 = 3,
    EM_ARM = 40,
    EM_X86_64 = 62,
    EM_AARCH64 = 183,
}

/// <summary><c>e_type</c>.</summary>
public enum ElfType : ushort
{
    ET_REL = 1,
    ET_EXEC = 2,
    ET_DYN = 3,
    ET_CORE = 4,
}

/// <summary><c>sh_type</c>.</summary>
public enum ElfSectionType : uint
{
    SHT_NULL = 0,
    SHT_PROGBITS = 1,
    SHT_SYMTAB = 2,
    SHT_STRTAB = 3,
    SHT_RELA = 4,
    SHT_NOTE = 7,
    SHT_NOBITS = 8,
    SHT_DYNSYM = 11,
    SHT_SYMTAB_SHNDX = 18,
}

/// <summary><c>sh_flags</c>.</summary>
[Flags]
public enum ElfSectionFlags : ulong
{
    SHF_ALLOC = 1 << 1,
    SHF_EXECINSTR = 1 << 2,
    SHF_COMPRESSED = 1 << 11,
}

/// <summary><c>p_type</c>.</summary>
public enum ElfSegmentType : uint
{
    PT_LOAD = 1,
    PT_NOTE = 4,
    PT_GNU_EH_FRAME = 0x6474e550,
}

/// <summary>The low four bits of <c>st_info</c>.</summary>
public enum ElfSymbolType : byte
{
    STT_NOTYPE = 0,
    STT_OBJECT = 1,
    STT_FUNC = 2,
    STT_GNU_IFUNC = 10,
}

/// <summary>The high four bits of <c>st_info</c>.</summary>
public enum ElfSymbolBinding : byte
{
    STB_LOCAL = 0,
    STB_GLOBAL = 1,
    STB_WEAK = 2,
}

/// <summary>The low two bits of <c>st_other</c>.</summary>
public enum ElfSymbolVisibility : byte
{
    STV_DEFAULT = 0,
    STV_INTERNAL = 1,
    STV_HIDDEN = 2,
    STV_PROTECTED = 3,
}
