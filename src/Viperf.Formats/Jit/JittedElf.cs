using System.Buffers.Binary;
using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;

namespace Viperf.Formats.Jit;

/// <summary>One piece of generated code, of which <see cref="JittedElf"/> makes a file.</summary>
public readonly ref struct JittedFunction
{
    /// <summary>The processor that it is for; one of 64 bits.</summary>
    public ElfMachine Machine { get; init; }

    /// <summary>The function's name, without a zero byte.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Bytes of code.</summary>
    public uint Size { get; init; }

    /// <summary>The code; empty where it was lost, and the file says only how much there was.</summary>
    public ReadOnlySpan<byte> Code { get; init; }

    /// <summary><c>.eh_frame</c>, directly followed by <c>.eh_frame_hdr</c>, as the runtime wrote both: for a place
    /// behind the code, at the next multiple of 8 bytes. Empty: none.</summary>
    public ReadOnlySpan<byte> Unwinding { get; init; }

    /// <summary>Bytes of <see cref="Unwinding"/> that are <c>.eh_frame_hdr</c>.</summary>
    public int EhFrameHeaderSize { get; init; }

    /// <summary>The line table; empty: none.</summary>
    public ReadOnlySpan<JitLine> Lines { get; init; }
}

/// <summary>Where things lie in the ELF files of generated code: readers differ in what they take a mapping's start for.</summary>
public enum JittedElfLayout
{
    /// <summary>
    /// As in any shared object the segment begins with the file, so that what is mapped at S from the file's offset O has its
    /// address 0 at S - O. The code comes right behind the ELF header: the next function's file, which begins as far
    /// before its code, must not reach into this one's, and CPython's trampolines lie 96 bytes apart.
    /// </summary>
    SharedObject,

    /// <summary>
    /// As <c>perf inject --jit</c> writes them: the segment is the code alone, at 0x80. perf since 6.8 unwinds through such
    /// a file only if its path begins with <c>/tmp/jitted-</c>, and through no other one there.
    /// </summary>
    Perf,
}

/// <summary>
/// Builds the ELF files that stand for generated code where perf's readers look. The code lies at
/// <see cref="TextOffset"/>, in the file and in memory, its unwind information behind it as in the process. A file is
/// built in one buffer that is used again.
/// </summary>
/// <param name="layout">Where things lie.</param>
public sealed class JittedElf(JittedElfLayout layout)
{
    /// <summary>Bytes of a build-id.</summary>
    public const int BuildIdBytes = 20;

    private const byte Class64 = 2; // ELFCLASS64
    private const byte LittleEndian = 1; // ELFDATA2LSB
    private const byte ElfVersion = 1; // EV_CURRENT
    private const int IdentBytes = 16; // EI_NIDENT
    private const int HeaderBytes = 64;
    private const int PerfTextOffset = 0x80;
    private const int TypeOffset = 16;
    private const int EntryOffset = 24;
    private const int SegmentBytes = 56;
    private const int SectionBytes = 64;
    private const int SymbolBytes = 24;
    private const int TextAlignment = 16;
    private const int UnwindingAlignment = 8;
    private const int NoteAlignment = 4;
    private const int BuildIdNote = 3; // NT_GNU_BUILD_ID

    /// <summary>Of a symbol table with one symbol behind the empty one: ELF wants the number of local ones.</summary>
    private const int SymbolCount = 2;

    private const uint ReadAndExecute = 5; // PF_R | PF_X

    /// <summary>All names that sections can have; a file has them whether it has the section or not.</summary>
    private static readonly byte[] s_sectionNames =
    [
        .. "\0"u8, .. ".text\0"u8, .. ".shstrtab\0"u8, .. ".symtab\0"u8, .. ".strtab\0"u8, .. ".note.gnu.build-id\0"u8,
        .. ".debug_line\0"u8, .. ".debug_info\0"u8, .. ".debug_abbrev\0"u8, .. ".eh_frame_hdr\0"u8, .. ".eh_frame\0"u8,
    ];

    private readonly ByteWriter _file = new();
    private readonly ByteWriter _headers = new();
    private readonly List<Section> _sections = [];
    private int _buildIdOffset;

    /// <summary>Where the code begins; injected mappings have this as their offset in the file.</summary>
    public int TextOffset { get; } = layout == JittedElfLayout.Perf ? PerfTextOffset : HeaderBytes;

    /// <summary>True if a file's first bytes are those of one that was made here, or by perf.</summary>
    /// <param name="start">The first 64 bytes, or fewer if the file has fewer.</param>
    public static bool IsOne(ReadOnlySpan<byte> start) =>
        start.Length >= HeaderBytes
        && start.StartsWith("\u007fELF"u8)
        && BinaryPrimitives.ReadUInt16LittleEndian(start[TypeOffset..]) == (ushort)ElfType.ET_DYN
        && BinaryPrimitives.ReadUInt64LittleEndian(start[EntryOffset..]) is PerfTextOffset or HeaderBytes;

    /// <summary>Builds the file of one piece of code, with a build-id of zeros.</summary>
    /// <returns>The file; valid until the next call.</returns>
    public ReadOnlySpan<byte> Build(in JittedFunction code)
    {
        _file.Clear();
        _sections.Clear();
        _sections.Add(default);
        _file.WriteZeros(TextOffset); // the headers, set at the end
        AddText(code);
        AddUnwinding(code);
        int names = Begin(".shstrtab"u8, ElfSectionType.SHT_STRTAB);
        _file.WriteBytes(s_sectionNames);
        End();
        AddSymbols(code);
        AddBuildId();
        AddLines(code);
        _file.Align(sizeof(ulong));
        int segments = layout == JittedElfLayout.Perf ? HeaderBytes : _file.Length;
        if (layout != JittedElfLayout.Perf)
        {
            _file.WriteZeros(SegmentBytes);
        }

        int table = _file.Length;
        foreach (var section in _sections)
        {
            Write(section);
        }

        WriteHeader(code, segments, table, names);
        WriteSegment(code, segments);
        return _file.Written;
    }

    /// <summary>Gives the file that was built last its build-id: something that no file with other bytes has.</summary>
    public void SetBuildId(ReadOnlySpan<byte> buildId)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(buildId.Length, BuildIdBytes);
        _file.PatchBytes(_buildIdOffset, buildId);
    }

    private void AddText(in JittedFunction code)
    {
        bool isLost = code.Code.IsEmpty;
        Begin(
            ".text"u8,
            isLost ? ElfSectionType.SHT_NOBITS : ElfSectionType.SHT_PROGBITS,
            TextAlignment,
            ElfSectionFlags.SHF_ALLOC | ElfSectionFlags.SHF_EXECINSTR);
        _file.WriteBytes(code.Code);
        End();
        _sections[^1] = _sections[^1] with { Address = (ulong)TextOffset, Size = code.Size };
    }

    private void AddUnwinding(in JittedFunction code)
    {
        if (code.Unwinding.IsEmpty)
        {
            return;
        }

        // Its addresses are relative: they hold where it lies as far behind the code as in the process.
        ulong address = ((ulong)TextOffset + code.Size + UnwindingAlignment - 1) & ~(UnwindingAlignment - 1UL);
        int frames = code.Unwinding.Length - code.EhFrameHeaderSize;
        Begin(".eh_frame"u8, ElfSectionType.SHT_PROGBITS, UnwindingAlignment, ElfSectionFlags.SHF_ALLOC);
        _file.WriteBytes(code.Unwinding[..frames]);
        End();
        _sections[^1] = _sections[^1] with { Address = address };
        Begin(".eh_frame_hdr"u8, ElfSectionType.SHT_PROGBITS, NoteAlignment, ElfSectionFlags.SHF_ALLOC);
        _file.WriteBytes(code.Unwinding[frames..]);
        End();
        _sections[^1] = _sections[^1] with { Address = address + (ulong)(_sections[^1].Offset - _sections[^2].Offset) };
    }

    private void AddSymbols(in JittedFunction code)
    {
        int symbols = Begin(".symtab"u8, ElfSectionType.SHT_SYMTAB, sizeof(ulong));
        _file.WriteZeros(SymbolBytes);
        _file.WriteUInt32(1); // the name, behind the empty one
        _file.WriteByte((byte)ElfSymbolBinding.STB_LOCAL << 4 | (byte)ElfSymbolType.STT_FUNC);
        _file.WriteByte((byte)ElfSymbolVisibility.STV_DEFAULT);
        _file.WriteUInt16(1); // .text
        _file.WriteUInt64((ulong)TextOffset);
        _file.WriteUInt64(code.Size);
        End();
        _sections[symbols] = _sections[symbols] with
        {
            Link = (uint)symbols + 1,
            Info = SymbolCount,
            EntrySize = SymbolBytes,
        };
        Begin(".strtab"u8, ElfSectionType.SHT_STRTAB);
        _file.WriteByte(0);
        _file.WriteBytes(code.Name);
        _file.WriteByte(0);
        End();
    }

    private void AddBuildId()
    {
        var owner = "GNU\0"u8;
        Begin(".note.gnu.build-id"u8, ElfSectionType.SHT_NOTE, NoteAlignment, ElfSectionFlags.SHF_ALLOC);
        _file.WriteInt32(owner.Length);
        _file.WriteInt32(BuildIdBytes);
        _file.WriteInt32(BuildIdNote);
        _file.WriteBytes(owner);
        _buildIdOffset = _file.Length;
        _file.WriteZeros(BuildIdBytes);
        End();
    }

    private void AddLines(in JittedFunction code)
    {
        if (code.Lines.IsEmpty)
        {
            return;
        }

        Begin(".debug_line"u8, ElfSectionType.SHT_PROGBITS);
        LineTableWriter.WriteLines(_file, code.Lines, (ulong)TextOffset, code.Size);
        End();
        Begin(".debug_info"u8, ElfSectionType.SHT_PROGBITS);
        LineTableWriter.WriteUnit(_file, (ulong)TextOffset, code.Size);
        End();
        Begin(".debug_abbrev"u8, ElfSectionType.SHT_PROGBITS);
        LineTableWriter.WriteAbbreviations(_file);
        End();
    }

    /// <summary>Begins a section where the file ends, and returns its number.</summary>
    private int Begin(
        ReadOnlySpan<byte> name, ElfSectionType type, int alignment = 1, ElfSectionFlags flags = 0)
    {
        // A name ends with its zero: .eh_frame is not where .eh_frame_hdr begins.
        Span<byte> ended = stackalloc byte[name.Length + 1];
        name.CopyTo(ended);
        ended[^1] = 0;
        _file.Align(alignment);
        _sections.Add(new Section
        {
            Name = (uint)s_sectionNames.AsSpan().IndexOf(ended),
            Type = type,
            Flags = flags,
            Offset = _file.Length,
            Alignment = (uint)alignment,
        });
        return _sections.Count - 1;
    }

    private void End() => _sections[^1] = _sections[^1] with { Size = (ulong)(_file.Length - _sections[^1].Offset) };

    private void Write(in Section section)
    {
        _file.WriteUInt32(section.Name);
        _file.WriteUInt32((uint)section.Type);
        _file.WriteUInt64((ulong)section.Flags);
        _file.WriteUInt64(section.Address);
        _file.WriteUInt64((ulong)section.Offset);
        _file.WriteUInt64(section.Size);
        _file.WriteUInt32(section.Link);
        _file.WriteUInt32(section.Info);
        _file.WriteUInt64(section.Alignment);
        _file.WriteUInt64(section.EntrySize);
    }

    private void WriteHeader(in JittedFunction code, int segmentTable, int sectionTable, int namesIndex)
    {
        _headers.Clear();
        _headers.WriteBytes("\u007fELF"u8);
        _headers.WriteBytes([Class64, LittleEndian, ElfVersion]);
        _headers.WriteZeros(IdentBytes - _headers.Length);
        _headers.WriteUInt16((ushort)ElfType.ET_DYN);
        _headers.WriteUInt16((ushort)code.Machine);
        _headers.WriteUInt32(ElfVersion);
        _headers.WriteUInt64((ulong)TextOffset); // the entry point
        _headers.WriteUInt64((ulong)segmentTable);
        _headers.WriteUInt64((ulong)sectionTable);
        _headers.WriteUInt32(0); // flags
        _headers.WriteUInt16(HeaderBytes);
        _headers.WriteUInt16(SegmentBytes);
        _headers.WriteUInt16(1);
        _headers.WriteUInt16(SectionBytes);
        _headers.WriteUInt16((ushort)_sections.Count);
        _headers.WriteUInt16((ushort)namesIndex);
        _file.PatchBytes(0, _headers.Written);
    }

    /// <summary>Writes the one program header, without the unwind information: that may lie where the next function does.</summary>
    private void WriteSegment(in JittedFunction code, int place)
    {
        ulong start = layout == JittedElfLayout.Perf ? (ulong)TextOffset : 0;
        ulong before = (ulong)TextOffset - start;
        _headers.Clear();
        _headers.WriteUInt32((uint)ElfSegmentType.PT_LOAD);
        _headers.WriteUInt32(ReadAndExecute);
        _headers.WriteUInt64(start); // in the file
        _headers.WriteUInt64(start); // in memory
        _headers.WriteUInt64(start); // physical
        _headers.WriteUInt64(before + (ulong)code.Code.Length);
        _headers.WriteUInt64(before + code.Size);
        _headers.WriteUInt64(sizeof(ulong)); // alignment
        _file.PatchBytes(place, _headers.Written);
    }

    /// <summary>A section header, in the order of ELF's fields.</summary>
    private readonly record struct Section
    {
        /// <summary>Offset in the names of sections.</summary>
        public uint Name { get; init; }

        public ElfSectionType Type { get; init; }

        public ElfSectionFlags Flags { get; init; }

        public ulong Address { get; init; }

        public int Offset { get; init; }

        public ulong Size { get; init; }

        public uint Link { get; init; }

        public uint Info { get; init; }

        public uint Alignment { get; init; }

        public uint EntrySize { get; init; }
    }
}
