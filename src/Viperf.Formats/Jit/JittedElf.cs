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
    public const int BuildIdBytes = ElfHeaders.BuildIdBytes;

    private const int HeaderBytes = ElfHeaders.FileHeaderBytes;
    private const int PerfTextOffset = 0x80;
    private const int TypeOffset = 16;
    private const int EntryOffset = 24;
    private const int TextAlignment = 16;
    private const int UnwindingAlignment = 8;

    /// <summary>Of a symbol table with one symbol behind the empty one: ELF wants the number of local ones.</summary>
    private const int SymbolCount = 2;

    private readonly ByteWriter _file = new();
    private readonly ByteWriter _headers = new();
    private readonly ElfSectionTable _sections = new();
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
        _file.WriteZeros(TextOffset); // the headers, set at the end
        AddText(code);
        AddUnwinding(code);
        AddSymbols(code);
        AddBuildId();
        AddLines(code);
        Begin(".shstrtab"u8, ElfSectionType.SHT_STRTAB);
        _file.WriteBytes(_sections.Names);
        End();
        _file.Align(sizeof(ulong));
        int segments = layout == JittedElfLayout.Perf ? HeaderBytes : _file.Length;
        if (layout != JittedElfLayout.Perf)
        {
            _file.WriteZeros(ElfSegment.HeaderSize64);
        }

        int table = _file.Length;
        _sections.WriteTo(_file);
        WriteHeader(code, segments, table);
        WriteSegment(code, segments);
        return _file.Written;
    }

    /// <summary>Gives the file that was built last its build-id: something that no file with other bytes has.</summary>
    public void SetBuildId(ReadOnlySpan<byte> buildId)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(buildId.Length, BuildIdBytes);
        _file.PatchBytes(_buildIdOffset, buildId);
    }

    /// <summary>The section that was begun last.</summary>
    private ElfSectionHeader Last
    {
        get => _sections[_sections.Count - 1];
        set => _sections[_sections.Count - 1] = value;
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
        Last = Last with { Address = (ulong)TextOffset, Size = code.Size };
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
        Last = Last with { Address = address };
        ulong offset = Last.Offset;
        Begin(".eh_frame_hdr"u8, ElfSectionType.SHT_PROGBITS, ElfHeaders.NoteAlignment, ElfSectionFlags.SHF_ALLOC);
        _file.WriteBytes(code.Unwinding[frames..]);
        End();
        Last = Last with { Address = address + (Last.Offset - offset) };
    }

    private void AddSymbols(in JittedFunction code)
    {
        int symbols = Begin(".symtab"u8, ElfSectionType.SHT_SYMTAB, sizeof(ulong));
        _file.WriteZeros(ElfHeaders.SymbolBytes);
        ElfHeaders.WriteFunction(_file, 1, 1, (ulong)TextOffset, code.Size); // its name lies behind the empty one, it in .text
        End();
        _sections[symbols] = _sections[symbols] with
        {
            Link = (uint)symbols + 1,
            Info = SymbolCount,
            EntrySize = ElfHeaders.SymbolBytes,
        };
        Begin(".strtab"u8, ElfSectionType.SHT_STRTAB);
        _file.WriteByte(0);
        _file.WriteBytes(code.Name);
        _file.WriteByte(0);
        End();
    }

    private void AddBuildId()
    {
        Begin(".note.gnu.build-id"u8, ElfSectionType.SHT_NOTE, ElfHeaders.NoteAlignment, ElfSectionFlags.SHF_ALLOC);
        _buildIdOffset = ElfHeaders.WriteBuildId(_file, stackalloc byte[BuildIdBytes]);
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
        _file.Align(alignment);
        return _sections.Add(
            name, new() { Type = type, Flags = flags, Offset = (ulong)_file.Length, Alignment = (uint)alignment });
    }

    private void End() => Last = Last with { Size = (ulong)_file.Length - Last.Offset };

    private void WriteHeader(in JittedFunction code, int segmentTable, int sectionTable)
    {
        _headers.Clear();
        ElfHeaders.WriteFileHeader(
            _headers, code.Machine, (ulong)TextOffset, (ulong)segmentTable, 1, (ulong)sectionTable, _sections);
        _file.PatchBytes(0, _headers.Written);
    }

    /// <summary>Writes the one program header, without the unwind information: that may lie where the next function does.</summary>
    private void WriteSegment(in JittedFunction code, int place)
    {
        ulong start = layout == JittedElfLayout.Perf ? (ulong)TextOffset : 0;
        ulong before = (ulong)TextOffset - start;
        var segment = new ElfSegment(
            ElfSegmentType.PT_LOAD, start, start, before + (ulong)code.Code.Length, before + code.Size);
        _headers.Clear();
        ElfHeaders.WriteSegment(_headers, segment, ElfHeaders.ReadAndExecute, sizeof(ulong));
        _file.PatchBytes(place, _headers.Written);
    }
}
