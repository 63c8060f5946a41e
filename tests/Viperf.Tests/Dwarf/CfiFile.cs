using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;

namespace Viperf.Tests.Dwarf;

/// <summary>The call frame information of an ELF file.</summary>
internal static class CfiFile
{
    public static CfiSection? Section(ElfFile file, CfiSectionKind kind = CfiSectionKind.EhFrame)
    {
        var name = kind == CfiSectionKind.EhFrame ? ".eh_frame"u8 : ".debug_frame"u8;
        return file.FindSection(name) is not { } section
            ? null
            : new CfiSection(file.ReadSection(section), section.Address, kind, file.Machine, file.Is64Bit, file.Name)
            {
                TextAddress = file.FindSection(".text"u8)?.Address ?? 0,
                DataAddress = file.FindSection(".got"u8)?.Address ?? 0,
            };
    }

    public static EhFrameHeader? Header(ElfFile file) =>
        file.FindSection(".eh_frame_hdr"u8) is { } section
            ? EhFrameHeader.Read(file.ReadSection(section), section.Address, file.Is64Bit, file.Name)
            : null;

    public static ElfFile Open(byte[] bytes, string name) => ElfFile.Open(new MemorySource(bytes, name));
}
