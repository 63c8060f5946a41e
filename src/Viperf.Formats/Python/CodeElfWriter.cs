using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Formats.Python;

/// <summary>
/// Writes an ELF file of Python code: symbols, functions and lines for addresses that stand for instructions of code objects, so
/// that whatever reads files of machine code shows Python functions. Code objects are written as they come; what stands behind
/// them, headers and tables, is kept until <see cref="Finish"/>.
/// </summary>
public sealed class CodeElfWriter
{
    /// <summary>
    /// Where the text begins, in the file and in memory: an address is an offset in the file. The headers fit before it.
    /// </summary>
    public const int TextOffset = 0x1000;

    /// <summary>Bytes of a build-id.</summary>
    public const int BuildIdBytes = ElfHeaders.BuildIdBytes;

    /// <summary>A smaller gap between code objects is written as zeros: going further flushes what streams gather.</summary>
    private const int SmallestHole = 0x1000;

    /// <summary>Of the loaded segments: the file's head, and the text.</summary>
    private const int PageBytes = 0x1000;

    private const int SegmentCount = 3;

    /// <summary>Where the build-id's note lies: behind the program headers.</summary>
    private const int NoteOffset = ElfHeaders.FileHeaderBytes + (SegmentCount * ElfSegment.HeaderSize64);

    /// <summary>The symbol table's first entry stands for none; its name is the empty one.</summary>
    private const int FirstSymbol = 1;

    private readonly Stream _stream;
    private readonly ElfMachine _machine;
    private readonly ElfSectionTable _sections = new();
    private readonly int _text;
    private readonly ByteWriter _note = new();

    /// <summary><c>.symtab</c>.</summary>
    private readonly ByteWriter _symbols = new();

    /// <summary><c>.strtab</c>, and <c>.debug_str</c> as well: functions are called as their symbols.</summary>
    private readonly ByteWriter _names = new();

    private readonly CodeDebugInfo _debug = new(TextOffset);

    /// <summary>Bytes from the start of the text to the end of the code that was added last.</summary>
    private ulong _end;

    /// <summary>Where the stream stands: behind the bytes that were written last. Text may end with a hole behind it.</summary>
    private ulong _position;

    private bool _isFinished;

    /// <summary>Begins a file.</summary>
    /// <param name="stream">Gets it, from position 0; has to be able to seek, and has nothing yet. It stays open.</param>
    /// <param name="machine">The processor of the process; one of 64 bits.</param>
    /// <param name="buildId">Something that no file with other content has.</param>
    public CodeElfWriter(Stream stream, ElfMachine machine, ReadOnlySpan<byte> buildId)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _machine = machine;
        ElfHeaders.WriteBuildId(_note, buildId);
        _sections.Add(".note.gnu.build-id"u8, new()
        {
            Type = ElfSectionType.SHT_NOTE,
            Flags = ElfSectionFlags.SHF_ALLOC,
            Address = NoteOffset,
            Offset = NoteOffset,
            Size = (ulong)_note.Length,
            Alignment = ElfHeaders.NoteAlignment,
        });
        _text = _sections.Add(".text"u8, new()
        {
            Type = ElfSectionType.SHT_PROGBITS,
            Flags = ElfSectionFlags.SHF_ALLOC | ElfSectionFlags.SHF_EXECINSTR,
            Address = TextOffset,
            Offset = TextOffset,
            Alignment = 1,
        });
        _names.WriteByte(0);
        _symbols.WriteZeros(FirstSymbol * ElfHeaders.SymbolBytes);
        _stream.Position = 0;
        _stream.Write(stackalloc byte[TextOffset]); // the headers, set at the end
        _position = TextOffset;
    }

    /// <summary>Adds a code object behind those that were added before.</summary>
    /// <exception cref="ArgumentException">It overlaps the one before, has no size, or more bytes than its size.</exception>
    public void Add(in PlacedCode code)
    {
        ObjectDisposedException.ThrowIf(_isFinished, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(code.Offset, _end);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code.Offset, (ulong)long.MaxValue - TextOffset - code.Size);
        ArgumentOutOfRangeException.ThrowIfZero(code.Size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)code.Code.Length, code.Size);
        uint name = AddName(code.Name);
        ElfHeaders.WriteFunction(_symbols, name, _text, TextOffset + code.Offset, code.Size);
        _debug.Add(code, name);
        if (!code.Code.IsEmpty)
        {
            Write(TextOffset + code.Offset, code.Code);
        }

        _end = code.Offset + code.Size;
    }

    /// <summary>Writes what stands behind the code, and the headers; nothing can be added after.</summary>
    public void Finish()
    {
        ObjectDisposedException.ThrowIf(_isFinished, this);
        _isFinished = true;
        _sections[_text] = _sections[_text] with { Size = _end };
        _debug.Finish(_end);
        ulong end = TextOffset + _end;
        var part = new ByteWriter();
        end = Put(".debug_info"u8, ElfSectionType.SHT_PROGBITS, end, _debug.Info);
        CodeDebugInfo.WriteAbbreviations(part);
        end = Put(".debug_abbrev"u8, ElfSectionType.SHT_PROGBITS, end, part.Written);
        part.Clear();
        _debug.WriteAddressRanges(part, _end);
        end = Put(".debug_aranges"u8, ElfSectionType.SHT_PROGBITS, end, part.Written);
        part.Clear();
        _debug.WriteLineHeader(part);
        end = Put(".debug_line"u8, ElfSectionType.SHT_PROGBITS, end, part.Written, _debug.LineProgram);
        end = Put(".debug_str"u8, ElfSectionType.SHT_PROGBITS, end, _names.Written);
        end = Put(".strtab"u8, ElfSectionType.SHT_STRTAB, end, _names.Written);
        uint namesOfSymbols = (uint)_sections.Count - 1;
        end = Put(".symtab"u8, ElfSectionType.SHT_SYMTAB, end, _symbols.Written);
        int last = _sections.Count - 1;
        _sections[last] = _sections[last] with
        {
            Link = namesOfSymbols,
            Info = (uint)(_symbols.Length / ElfHeaders.SymbolBytes), // all are local ones
            EntrySize = ElfHeaders.SymbolBytes,
        };
        end = PutSectionNames(end);
        part.Clear();
        _sections.WriteTo(part);
        ulong table = Aligned(end);
        Write(table, part.Written);
        WriteHeaders(table);
        _stream.Flush();
    }

    /// <summary>Adds a symbol's name, up to its first zero byte and as long as readers take names; returns where it begins.</summary>
    private uint AddName(ReadOnlySpan<byte> name)
    {
        name = name[..Math.Min(name.Length, Limits.NameBytes - 1)];
        int zero = name.IndexOf((byte)0);
        uint start = (uint)_names.Length;
        _names.WriteBytes(zero < 0 ? name : name[..zero]);
        _names.WriteByte(0);
        return start;
    }

    private ulong PutSectionNames(ulong end)
    {
        // The names are whole once this section has its own.
        int index = _sections.Add(".shstrtab"u8, new()
        {
            Type = ElfSectionType.SHT_STRTAB,
            Offset = Aligned(end),
            Alignment = sizeof(ulong),
        });
        _sections[index] = _sections[index] with { Size = (ulong)_sections.Names.Length };
        return Write(Aligned(end), _sections.Names);
    }

    /// <summary>Writes a section behind what was written before, and returns where it ends.</summary>
    private ulong Put(
        ReadOnlySpan<byte> name, ElfSectionType type, ulong end, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> more = default)
    {
        ulong offset = Aligned(end);
        _sections.Add(name, new()
        {
            Type = type,
            Offset = offset,
            Size = (ulong)bytes.Length + (ulong)more.Length,
            Alignment = sizeof(ulong),
        });
        return Write(Write(offset, bytes), more);
    }

    private static ulong Aligned(ulong offset) => (offset + sizeof(ulong) - 1) & ~(sizeof(ulong) - 1UL);

    /// <summary>Writes bytes at an offset that is not below those written before, and returns where they end.</summary>
    private ulong Write(ulong offset, ReadOnlySpan<byte> bytes)
    {
        ulong gap = offset - _position;
        if (gap >= SmallestHole)
        {
            _stream.Position = (long)offset;
        }
        else if (gap > 0)
        {
            Span<byte> zeros = stackalloc byte[SmallestHole];
            _stream.Write(zeros[..(int)gap]);
        }

        _stream.Write(bytes);
        return _position = offset + (ulong)bytes.Length;
    }

    private void WriteHeaders(ulong sectionTable)
    {
        var headers = new ByteWriter();
        ElfHeaders.WriteFileHeader(
            headers, _machine, 0, ElfHeaders.FileHeaderBytes, SegmentCount, sectionTable, _sections);
        ulong note = (ulong)_note.Length;
        ulong head = NoteOffset + note;
        ElfHeaders.WriteSegment(headers, new(ElfSegmentType.PT_LOAD, 0, 0, head, head), ElfHeaders.ReadOnly, PageBytes);

        // Of its own: a recording maps text alone, and samply takes no file of which the mapping has half a segment.
        ElfHeaders.WriteSegment(
            headers, new(ElfSegmentType.PT_LOAD, TextOffset, TextOffset, _end, _end), ElfHeaders.ReadAndExecute, PageBytes);
        ElfHeaders.WriteSegment(
            headers,
            new(ElfSegmentType.PT_NOTE, NoteOffset, NoteOffset, note, note),
            ElfHeaders.ReadOnly,
            ElfHeaders.NoteAlignment);
        headers.WriteBytes(_note.Written);
        _stream.Position = 0;
        _stream.Write(headers.Written);
    }
}
