using System.Text;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>
/// An ELF file of either class, little-endian. The headers are read when it is opened, sections only when somebody
/// asks for them; every failure is a <see cref="ParseException"/>.
/// </summary>
public sealed class ElfFile
{
    /// <summary>Bytes of an <c>Elf64_Ehdr</c>; an <c>Elf32_Ehdr</c> is shorter.</summary>
    private const int HeaderSize64 = 64;
    private const int HeaderSize32 = 52;

    /// <summary><c>e_shstrndx</c> where the number is in section 0's <c>sh_link</c> instead (SHN_XINDEX).</summary>
    private const int IndexElsewhere = 0xffff;

    /// <summary><c>e_phnum</c> where the number is in section 0's <c>sh_info</c> instead (PN_XNUM).</summary>
    private const int CountElsewhere = 0xffff;

    private const string DebugPrefix = ".debug_";
    private const string OldCompressedDebugPrefix = ".zdebug_";

    private readonly ByteSource _source;
    private readonly ElfSection[] _sections;
    private readonly ElfSegment[] _segments;

    /// <summary>Names of sections; empty if the file has none.</summary>
    private readonly ReadOnlyMemory<byte> _sectionNames;

    /// <summary>Reads sections that are compressed with zstd; null if they are not read.</summary>
    private readonly ZstdFrameDecompressor? _zstd;

    private ElfFile(
        ByteSource source, in Header header, ElfSection[] sections, ElfSegment[] segments, uint namesIndex, ZstdFrameDecompressor? zstd)
    {
        _source = source;
        _zstd = zstd;
        _sections = sections;
        _segments = segments;
        Is64Bit = header.Is64Bit;
        Type = header.Type;
        Machine = header.Machine;
        EntryPoint = header.EntryPoint;
        if (namesIndex != 0)
        {
            _sectionNames = ReadSection(Section(namesIndex));
        }
    }

    /// <summary>What messages call the file.</summary>
    public string Name => _source.Name;

    /// <summary>True for ELFCLASS64.</summary>
    public bool Is64Bit { get; }

    /// <summary>Executable, shared object, relocatable or core.</summary>
    public ElfType Type { get; }

    /// <summary>The processor that the code is for.</summary>
    public ElfMachine Machine { get; }

    /// <summary>Virtual address of the code that runs first; 0 if there is none.</summary>
    public ulong EntryPoint { get; }

    /// <summary>The section headers; index 0 is the null section. Empty if the file has none.</summary>
    public ReadOnlySpan<ElfSection> Sections => _sections;

    /// <summary>The program headers; empty if the file has none.</summary>
    public ReadOnlySpan<ElfSegment> Segments => _segments;

    /// <summary>True if a file begins as ELF files do; whether the rest is one, <see cref="Open"/> finds out.</summary>
    public static bool HasMagic(ByteSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Span<byte> start = stackalloc byte[4];
        return source.ReadAt(0, start) == start.Length && start.SequenceEqual("\u007fELF"u8);
    }

    /// <summary>Reads the headers.</summary>
    /// <param name="source">The file.</param>
    /// <param name="zstd">Reads sections that are compressed with zstd; without it reading one fails.</param>
    /// <exception cref="ParseException">Not ELF, big-endian, cut short or not consistent.</exception>
    public static ElfFile Open(ByteSource source, ZstdFrameDecompressor? zstd = null)
    {
        var header = Header.Read(source);
        ElfSection first = default;
        uint firstInfo = 0;
        if (header.SectionOffset != 0)
        {
            var bytes = Table(source, header.SectionOffset, 1, header.SectionEntrySize, Header.SectionSize(header.Is64Bit));
            first = ReadSectionHeader(Entry(bytes, 0, header.SectionEntrySize, source, header.SectionOffset), header.Is64Bit, out firstInfo);
        }

        // Files with 65,280 sections and more keep the true numbers in the otherwise empty section 0.
        ulong sectionCount = header.SectionOffset == 0 ? 0 : header.SectionCount != 0 ? header.SectionCount : first.Size;
        ulong segmentCount = header.SegmentCount == CountElsewhere && header.SectionOffset != 0 ? firstInfo : header.SegmentCount;
        uint namesIndex = header.NamesIndex == IndexElsewhere ? first.Link : header.NamesIndex;

        var segments = ReadSegments(source, header, segmentCount);
        var sections = ReadSections(source, header, sectionCount);
        return new ElfFile(source, header, sections, segments, sections.Length == 0 ? 0 : namesIndex, zstd);
    }

    /// <summary>The first section of a name, or null.</summary>
    public ElfSection? FindSection(ReadOnlySpan<byte> name)
    {
        foreach (var section in _sections)
        {
            if (NameOf(section).SequenceEqual(name))
            {
                return section;
            }
        }

        return null;
    }

    /// <summary>The first section of a type, or null.</summary>
    public ElfSection? FindSection(ElfSectionType type)
    {
        foreach (var section in _sections)
        {
            if (section.Type == type)
            {
                return section;
            }
        }

        return null;
    }

    /// <summary>A section's name; empty where the header's offset leads nowhere.</summary>
    public ReadOnlySpan<byte> NameOf(in ElfSection section) => ByteReader.CStringAt(_sectionNames.Span, section.NameOffset);

    /// <summary>The section with an index from the file, such as <see cref="ElfSection.Link"/>.</summary>
    public ElfSection Section(uint index)
    {
        if (index >= (uint)_sections.Length)
        {
            ParseException.Throw($"section {index} of {_sections.Length} asked for", Name, 0);
        }

        return _sections[index];
    }

    /// <summary>A section's bytes, decompressed if the file compresses them; empty for SHT_NOBITS.</summary>
    public ReadOnlyMemory<byte> ReadSection(in ElfSection section)
    {
        if (section.Type == ElfSectionType.SHT_NOBITS)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        var bytes = _source.Slice(section.Offset, section.Size, Limits.SectionBytes);
        return section.IsCompressed ? CompressedSection.Decompress(bytes, Is64Bit, _zstd, Name, section.Offset) : bytes;
    }

    /// <summary>
    /// Whether the file has a debug section with bytes of its own: in a file that was stripped, and in the file that strip made
    /// of the rest, the sections that went to the other one are missing or are SHT_NOBITS.
    /// </summary>
    /// <param name="name">Without its prefix: <c>info</c> for <c>.debug_info</c>.</param>
    public bool HasDebugSection(string name) =>
        FindSection(Encoding.UTF8.GetBytes(DebugPrefix + name)) is { Type: not ElfSectionType.SHT_NOBITS }
        || FindSection(Encoding.UTF8.GetBytes(OldCompressedDebugPrefix + name)) is not null;

    /// <summary>
    /// A debug section's bytes, whichever way the file has it: as it is, with SHF_COMPRESSED, or as <c>.zdebug_NAME</c>. Empty if
    /// it has none.
    /// </summary>
    /// <param name="name">Without its prefix: <c>info</c> for <c>.debug_info</c>.</param>
    public ReadOnlyMemory<byte> ReadDebugSection(string name)
    {
        if (FindSection(Encoding.UTF8.GetBytes(DebugPrefix + name)) is { } section)
        {
            return ReadSection(section);
        }

        return FindSection(Encoding.UTF8.GetBytes(OldCompressedDebugPrefix + name)) is { } old
            ? CompressedSection.DecompressOld(ReadSection(old), Name, old.Offset)
            : default;
    }

    /// <summary>A segment's bytes in the file.</summary>
    public ReadOnlyMemory<byte> ReadSegment(in ElfSegment segment) =>
        _source.Slice(segment.Offset, segment.FileSize, Limits.SectionBytes);

    /// <summary>The virtual address at which a byte of the file is loaded.</summary>
    public bool TryGetAddress(ulong fileOffset, out ulong address)
    {
        foreach (var segment in _segments)
        {
            if (segment.Type == ElfSegmentType.PT_LOAD && fileOffset - segment.Offset < segment.FileSize)
            {
                address = fileOffset - segment.Offset + segment.Address;
                return true;
            }
        }

        address = 0;
        return false;
    }

    /// <summary>The place in the file of a virtual address; also of one behind the segment's bytes in the file.</summary>
    public bool TryGetFileOffset(ulong address, out ulong fileOffset)
    {
        foreach (var segment in _segments)
        {
            if (segment.Type == ElfSegmentType.PT_LOAD && address - segment.Address < segment.MemorySize)
            {
                fileOffset = address - segment.Address + segment.Offset;
                return true;
            }
        }

        fileOffset = 0;
        return false;
    }

    private static ElfSegment[] ReadSegments(ByteSource source, in Header header, ulong count)
    {
        if (count == 0 || header.SegmentOffset == 0)
        {
            return [];
        }

        var bytes = Table(source, header.SegmentOffset, count, header.SegmentEntrySize, Header.SegmentSize(header.Is64Bit));
        var segments = new ElfSegment[count];
        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = ReadSegmentHeader(
                Entry(bytes, i, header.SegmentEntrySize, source, header.SegmentOffset), header.Is64Bit);
        }

        return segments;
    }

    private static ElfSection[] ReadSections(ByteSource source, in Header header, ulong count)
    {
        if (count == 0)
        {
            return [];
        }

        var bytes = Table(source, header.SectionOffset, count, header.SectionEntrySize, Header.SectionSize(header.Is64Bit));
        var sections = new ElfSection[count];
        for (int i = 0; i < sections.Length; i++)
        {
            sections[i] = ReadSectionHeader(
                Entry(bytes, i, header.SectionEntrySize, source, header.SectionOffset), header.Is64Bit, out _);
        }

        return sections;
    }

    private static ReadOnlyMemory<byte> Table(ByteSource source, ulong offset, ulong count, int entrySize, int least)
    {
        if (count > Limits.ElfHeaders)
        {
            ParseException.Throw($"{count} headers announced, more than the limit of {Limits.ElfHeaders}", source.Name, offset);
        }

        if (entrySize < least)
        {
            ParseException.Throw($"headers of {entrySize} bytes announced, {least} expected", source.Name, offset);
        }

        return source.Slice(offset, count * (ulong)entrySize, Limits.SectionBytes);
    }

    private static ByteReader Entry(ReadOnlyMemory<byte> table, int index, int entrySize, ByteSource source, ulong origin)
    {
        // Within the int range: Table has bounded count * entrySize by Limits.SectionBytes.
        int start = index * entrySize;
        return new ByteReader(table.Span.Slice(start, entrySize), source.Name, origin + (ulong)start);
    }

    private static ElfSection ReadSectionHeader(ByteReader reader, bool is64Bit, out uint info)
    {
        uint name = reader.ReadUInt32();
        var type = (ElfSectionType)reader.ReadUInt32();
        var flags = (ElfSectionFlags)reader.ReadWord(is64Bit);
        ulong address = reader.ReadWord(is64Bit);
        ulong offset = reader.ReadWord(is64Bit);
        ulong size = reader.ReadWord(is64Bit);
        uint link = reader.ReadUInt32();
        info = reader.ReadUInt32();
        reader.ReadWord(is64Bit); // sh_addralign
        return new ElfSection(name, type, flags, address, offset, size, link, reader.ReadWord(is64Bit));
    }

    private static ElfSegment ReadSegmentHeader(ByteReader reader, bool is64Bit)
    {
        var type = (ElfSegmentType)reader.ReadUInt32();
        if (is64Bit)
        {
            reader.Skip(4); // p_flags lies behind p_memsz in the 32-bit form
        }

        ulong offset = reader.ReadWord(is64Bit);
        ulong address = reader.ReadWord(is64Bit);
        reader.ReadWord(is64Bit); // p_paddr
        ulong fileSize = reader.ReadWord(is64Bit);
        return new ElfSegment(type, offset, address, fileSize, reader.ReadWord(is64Bit));
    }

    /// <summary>What the file header says, unchecked but for the magic number, class and byte order.</summary>
    private readonly record struct Header(
        bool Is64Bit,
        ElfType Type,
        ElfMachine Machine,
        ulong EntryPoint,
        ulong SegmentOffset,
        ulong SectionOffset,
        int SegmentEntrySize,
        ushort SegmentCount,
        int SectionEntrySize,
        ushort SectionCount,
        ushort NamesIndex)
    {
        private const int IdentSize = 16;
        private const byte Class32 = 1;
        private const byte Class64 = 2;
        private const byte LittleEndian = 1;
        private const byte BigEndian = 2;

        public static int SectionSize(bool is64Bit) => is64Bit ? ElfSection.HeaderSize64 : ElfSection.HeaderSize32;

        public static int SegmentSize(bool is64Bit) => is64Bit ? ElfSegment.HeaderSize64 : ElfSegment.HeaderSize32;

        public static Header Read(ByteSource source)
        {
            Span<byte> bytes = stackalloc byte[HeaderSize64];
            bytes = bytes[..source.ReadAt(0, bytes)];
            if (bytes.Length < IdentSize || !bytes.StartsWith("\u007fELF"u8))
            {
                ParseException.Throw("not an ELF file", source.Name, 0);
            }

            byte fileClass = bytes[4];
            byte order = bytes[5];
            if (fileClass is not (Class32 or Class64))
            {
                ParseException.Throw($"unknown ELF class {fileClass}", source.Name, 4);
            }

            if (order != LittleEndian)
            {
                ParseException.Throw(
                    order == BigEndian ? "a big-endian ELF file, which viperf does not read" : $"unknown ELF byte order {order}",
                    source.Name,
                    5);
            }

            bool is64Bit = fileClass == Class64;
            if (bytes.Length < (is64Bit ? HeaderSize64 : HeaderSize32))
            {
                ParseException.Throw("ELF header cut short", source.Name, (ulong)bytes.Length);
            }

            var reader = new ByteReader(bytes, source.Name);
            reader.Skip(IdentSize);
            var type = (ElfType)reader.ReadUInt16();
            var machine = (ElfMachine)reader.ReadUInt16();
            reader.Skip(4); // e_version
            ulong entryPoint = reader.ReadWord(is64Bit);
            ulong segmentOffset = reader.ReadWord(is64Bit);
            ulong sectionOffset = reader.ReadWord(is64Bit);
            reader.Skip(4 + 2); // e_flags, e_ehsize
            return new Header(
                is64Bit,
                type,
                machine,
                entryPoint,
                segmentOffset,
                sectionOffset,
                SegmentEntrySize: reader.ReadUInt16(),
                SegmentCount: reader.ReadUInt16(),
                SectionEntrySize: reader.ReadUInt16(),
                SectionCount: reader.ReadUInt16(),
                NamesIndex: reader.ReadUInt16());
        }
    }
}
