using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>Writes what shared objects of 64 bits are made of, but for their sections' headers (elf(5)).</summary>
internal static class ElfHeaders
{
    /// <summary>Bytes of the file's header.</summary>
    public const int FileHeaderBytes = 64;

    /// <summary>Bytes of one symbol.</summary>
    public const int SymbolBytes = 24;

    /// <summary>Bytes of a build-id, as long as a SHA-1 as linkers make them.</summary>
    public const int BuildIdBytes = 20;

    /// <summary>What notes are aligned to.</summary>
    public const int NoteAlignment = 4;

    private const byte Class64 = 2; // ELFCLASS64
    private const byte LittleEndian = 1; // ELFDATA2LSB
    private const byte Version = 1; // EV_CURRENT
    private const int IdentBytes = 16; // EI_NIDENT
    private const int BuildIdNote = 3; // NT_GNU_BUILD_ID

    /// <summary><c>p_flags</c> of code: PF_R | PF_X.</summary>
    public const uint ReadAndExecute = 5;

    /// <summary><c>p_flags</c> of what is only read: PF_R.</summary>
    public const uint ReadOnly = 4;

    /// <summary>Writes the header that a file begins with.</summary>
    /// <param name="writer">Gets it.</param>
    /// <param name="machine">The processor; one of 64 bits.</param>
    /// <param name="entryPoint">An address, or 0.</param>
    /// <param name="segments">Where the program headers lie in the file.</param>
    /// <param name="segmentCount">How many there are.</param>
    /// <param name="sectionTable">Where the section headers lie.</param>
    /// <param name="sections">The sections; the last one has their names.</param>
    public static void WriteFileHeader(
        ByteWriter writer,
        ElfMachine machine,
        ulong entryPoint,
        ulong segments,
        int segmentCount,
        ulong sectionTable,
        ElfSectionTable sections)
    {
        int start = writer.Length;
        writer.WriteBytes("\u007fELF"u8);
        writer.WriteBytes([Class64, LittleEndian, Version]);
        writer.WriteZeros(start + IdentBytes - writer.Length);
        writer.WriteUInt16((ushort)ElfType.ET_DYN);
        writer.WriteUInt16((ushort)machine);
        writer.WriteUInt32(Version);
        writer.WriteUInt64(entryPoint);
        writer.WriteUInt64(segments);
        writer.WriteUInt64(sectionTable);
        writer.WriteUInt32(0); // flags
        writer.WriteUInt16(FileHeaderBytes);
        writer.WriteUInt16(ElfSegment.HeaderSize64);
        writer.WriteUInt16((ushort)segmentCount);
        writer.WriteUInt16(ElfSection.HeaderSize64);
        writer.WriteUInt16((ushort)sections.Count);
        writer.WriteUInt16((ushort)(sections.Count - 1));
    }

    /// <summary>Writes a program header.</summary>
    /// <param name="writer">Gets it.</param>
    /// <param name="segment">What it says.</param>
    /// <param name="flags">What the memory may be used for.</param>
    /// <param name="alignment">A power of two that offset and address differ by a multiple of.</param>
    public static void WriteSegment(ByteWriter writer, in ElfSegment segment, uint flags, ulong alignment)
    {
        writer.WriteUInt32((uint)segment.Type);
        writer.WriteUInt32(flags);
        writer.WriteUInt64(segment.Offset);
        writer.WriteUInt64(segment.Address);
        writer.WriteUInt64(segment.Address); // physical
        writer.WriteUInt64(segment.FileSize);
        writer.WriteUInt64(segment.MemorySize);
        writer.WriteUInt64(alignment);
    }

    /// <summary>Writes the symbol of a function, as a local one.</summary>
    /// <param name="writer">Gets it.</param>
    /// <param name="name">Where the name begins in the symbols' string table.</param>
    /// <param name="section">Number of the section that it lies in.</param>
    /// <param name="address">Its first byte.</param>
    /// <param name="size">Its bytes.</param>
    public static void WriteFunction(ByteWriter writer, uint name, int section, ulong address, ulong size)
    {
        writer.WriteUInt32(name);
        writer.WriteByte((byte)ElfSymbolBinding.STB_LOCAL << 4 | (byte)ElfSymbolType.STT_FUNC);
        writer.WriteByte((byte)ElfSymbolVisibility.STV_DEFAULT);
        writer.WriteUInt16((ushort)section);
        writer.WriteUInt64(address);
        writer.WriteUInt64(size);
    }

    /// <summary>Writes a note with a build-id.</summary>
    /// <returns>Where in <paramref name="writer"/> the build-id begins.</returns>
    public static int WriteBuildId(ByteWriter writer, ReadOnlySpan<byte> buildId)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(buildId.Length, BuildIdBytes);
        var owner = "GNU\0"u8;
        writer.WriteInt32(owner.Length);
        writer.WriteInt32(buildId.Length);
        writer.WriteInt32(BuildIdNote);
        writer.WriteBytes(owner);
        writer.WriteBytes(buildId);
        return writer.Length - buildId.Length;
    }
}
