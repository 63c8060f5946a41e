using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Tests.Elf;

/// <summary>Makes small ELF files, well-formed ones unless a test asks for damage.</summary>
internal sealed class ElfBuilder(bool is64Bit = true, ElfType type = ElfType.ET_DYN, ElfMachine machine = ElfMachine.EM_X86_64)
{
    private readonly List<Section> _sections = [new("", 0, 0, 0, [], 0, 0)];
    private readonly List<(ulong Offset, ulong Address, ulong FileSize, ulong MemorySize, uint Type)> _segments = [];
    private readonly List<byte[]> _symbols = [];
    private readonly List<byte> _names = [0];

    /// <summary>Writes section count, names' index and segment count into section 0.</summary>
    public bool ExtendedNumbering { get; init; }

    public byte ByteOrder { get; init; } = 1;

    /// <summary>Virtual address of the program's first instruction.</summary>
    public ulong EntryPoint { get; init; }

    public ElfBuilder Segment(ulong offset, ulong address, ulong fileSize, ulong? memorySize = null, ElfSegmentType kind = ElfSegmentType.PT_LOAD)
    {
        _segments.Add((offset, address, fileSize, memorySize ?? fileSize, (uint)kind));
        return this;
    }

    /// <summary>Adds a section; its bytes go behind those of the sections before it.</summary>
    public ElfBuilder Section(
        string name, ElfSectionType kind, byte[] bytes, ulong address = 0, ElfSectionFlags flags = 0, uint link = 0, ulong entrySize = 0)
    {
        _sections.Add(new Section(name, kind, flags, address, bytes, link, entrySize));
        return this;
    }

    public ElfBuilder Text(ulong address = 0x1000, int size = 0x1000, string name = ".text") =>
        Section(name, ElfSectionType.SHT_PROGBITS, new byte[size], address, ElfSectionFlags.SHF_ALLOC | ElfSectionFlags.SHF_EXECINSTR);

    public ElfBuilder BuildId(params byte[] id) => Section(".note.gnu.build-id", ElfSectionType.SHT_NOTE, Note(id), flags: ElfSectionFlags.SHF_ALLOC);

    public ElfBuilder Compressed(string name, byte[] bytes, uint compression = 1)
    {
        using var stream = new MemoryStream();
        using (var deflater = new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflater.Write(bytes);
        }

        var header = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(header, compression);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), (ulong)bytes.Length);
        return Section(name, ElfSectionType.SHT_PROGBITS, [.. header, .. stream.ToArray()], flags: ElfSectionFlags.SHF_COMPRESSED);
    }

    public ElfBuilder Symbol(
        string name,
        ulong value,
        ulong size = 0,
        ElfSymbolType kind = ElfSymbolType.STT_FUNC,
        ElfSymbolBinding binding = ElfSymbolBinding.STB_GLOBAL,
        ushort section = 1,
        ElfSymbolVisibility visibility = ElfSymbolVisibility.STV_DEFAULT)
    {
        if (_symbols.Count == 0)
        {
            _symbols.Add(new byte[is64Bit ? 24 : 16]);
        }

        byte info = (byte)(((int)binding << 4) | (int)kind);
        var entry = new ByteList();
        if (is64Bit)
        {
            entry.U32((uint)_names.Count).U8(info).U8((byte)visibility).U16(section).U64(value).U64(size);
        }
        else
        {
            entry.U32((uint)_names.Count).U32((uint)value).U32((uint)size).U8(info).U8((byte)visibility).U16(section);
        }

        _symbols.Add(entry.ToArray());
        _names.AddRange(Encoding.UTF8.GetBytes(name));
        _names.Add(0);
        return this;
    }

    /// <summary>Puts the symbols added so far into a table of their own.</summary>
    public ElfBuilder SymbolTable(ElfSectionType kind = ElfSectionType.SHT_SYMTAB)
    {
        bool dynamic = kind == ElfSectionType.SHT_DYNSYM;
        byte[] entries = [.. _symbols.SelectMany(symbol => symbol)];
        Section(dynamic ? ".dynsym" : ".symtab", kind, entries, link: (uint)_sections.Count + 1, entrySize: is64Bit ? 24u : 16u);
        Section(dynamic ? ".dynstr" : ".strtab", ElfSectionType.SHT_STRTAB, [.. _names]);
        _symbols.Clear();
        _names.Clear();
        _names.Add(0);
        return this;
    }

    public static byte[] Note(params byte[] id) =>
        new ByteList().U32(4).U32((uint)id.Length).U32(3).Bytes("GNU\0"u8).Bytes(id).Bytes(new byte[-id.Length & 3]).ToArray();

    public ElfFile Open() => ElfFile.Open(new MemorySource(Build(), "built.so"));

    public byte[] Build()
    {
        var sections = _sections.ToList();
        var sectionNames = new List<byte> { 0 };
        sections.Add(new Section(".shstrtab", ElfSectionType.SHT_STRTAB, 0, 0, [], 0, 0));
        var nameOffsets = new List<uint>();
        foreach (var section in sections)
        {
            nameOffsets.Add((uint)sectionNames.Count);
            sectionNames.AddRange(Encoding.UTF8.GetBytes(section.Name));
            sectionNames.Add(0);
        }

        sections[^1] = sections[^1] with { Bytes = [.. sectionNames] };

        int headerSize = is64Bit ? 64 : 52;
        int segmentSize = is64Bit ? 56 : 32;
        int sectionSize = is64Bit ? 64 : 40;
        ulong segmentsAt = (ulong)headerSize;
        ulong at = segmentsAt + (ulong)(segmentSize * _segments.Count);
        var offsets = new List<ulong>();
        foreach (var section in sections)
        {
            offsets.Add(at);
            at += (ulong)section.Bytes.Length;
        }

        ulong sectionsAt = at;
        uint namesIndex = (uint)sections.Count - 1;
        var file = new ByteList().Bytes("\u007fELF"u8).U8((byte)(is64Bit ? 2 : 1)).U8(ByteOrder).U8(1).Bytes(new byte[9])
            .U16((ushort)type).U16((ushort)machine).U32(1)
            .Word(EntryPoint, is64Bit).Word(_segments.Count == 0 ? 0 : segmentsAt, is64Bit).Word(sectionsAt, is64Bit)
            .U32(0).U16((ushort)headerSize)
            .U16((ushort)segmentSize).U16((ushort)(ExtendedNumbering ? 0xffff : _segments.Count))
            .U16((ushort)sectionSize).U16((ushort)(ExtendedNumbering ? 0 : sections.Count))
            .U16((ushort)(ExtendedNumbering ? 0xffff : namesIndex));
        foreach (var segment in _segments)
        {
            file.U32(segment.Type);
            if (is64Bit)
            {
                file.U32(5);
            }

            file.Word(segment.Offset, is64Bit).Word(segment.Address, is64Bit).Word(0, is64Bit)
                .Word(segment.FileSize, is64Bit).Word(segment.MemorySize, is64Bit);
            if (!is64Bit)
            {
                file.U32(5);
            }

            file.Word(0x1000, is64Bit);
        }

        foreach (var section in sections)
        {
            file.Bytes(section.Bytes);
        }

        for (int i = 0; i < sections.Count; i++)
        {
            var section = sections[i];
            bool first = i == 0 && ExtendedNumbering;
            file.U32(nameOffsets[i]).U32((uint)section.Type).Word((ulong)section.Flags, is64Bit).Word(section.Address, is64Bit)
                .Word(offsets[i], is64Bit).Word(first ? (ulong)sections.Count : (ulong)section.Bytes.Length, is64Bit)
                .U32(first ? namesIndex : section.Link).U32(first ? (uint)_segments.Count : 0)
                .Word(1, is64Bit).Word(section.EntrySize, is64Bit);
        }

        return file.ToArray();
    }
}

internal sealed record Section(string Name, ElfSectionType Type, ElfSectionFlags Flags, ulong Address, byte[] Bytes, uint Link, ulong EntrySize);

/// <summary>Little-endian numbers one after another.</summary>
internal sealed class ByteList
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public ByteList U8(byte value) => Bytes([value]);

    public ByteList U16(ushort value) => Bytes(BitConverter.GetBytes(value));

    public ByteList U32(uint value) => Bytes(BitConverter.GetBytes(value));

    public ByteList U64(ulong value) => Bytes(BitConverter.GetBytes(value));

    public ByteList Word(ulong value, bool is64Bit) => is64Bit ? U64(value) : U32((uint)value);

    public ByteList Text(string value) => Bytes(Encoding.UTF8.GetBytes(value + '\0'));

    public ByteList Uleb(ulong value)
    {
        do
        {
            byte part = (byte)(value & 0x7f);
            value >>= 7;
            U8((byte)(value != 0 ? part | 0x80 : part));
        }
        while (value != 0);

        return this;
    }

    public ByteList Sleb(long value)
    {
        while (true)
        {
            byte part = (byte)(value & 0x7f);
            value >>= 7;
            if ((value == 0 && (part & 0x40) == 0) || (value == -1 && (part & 0x40) != 0))
            {
                return U8(part);
            }

            U8((byte)(part | 0x80));
        }
    }

    public ByteList Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];
}
