using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;

namespace Viperf.Formats.Python;

/// <summary>
/// Collects the debug information of code objects as DWARF 4, which every reader knows: one unit, in it one subprogram for each
/// code object, and in its line table one sequence for each, in which no line goes on behind the code that it belongs to.
/// </summary>
internal sealed class CodeDebugInfo
{
    private const ushort Version = 4;

    /// <summary>Of <c>.debug_aranges</c>: all versions of DWARF have the same.</summary>
    private const ushort AddressRangesVersion = 2;

    private const ushort Python = 0x14; // DW_LANG_Python
    private const byte UnitCode = 1;
    private const byte FunctionCode = 2;
    private const byte HasChildren = 1; // DW_CHILDREN_yes
    private const byte NoChildren = 0; // DW_CHILDREN_no

    /// <summary>A tuple of <c>.debug_aranges</c> lies at a multiple of its size.</summary>
    private const int TupleBytes = 2 * sizeof(ulong);

    /// <summary>
    /// Bytes between code objects that become a part of the first one's sequence, without a line. GNU addr2line, and perf
    /// through it, compares each sequence with all before that it does not touch: 50,000 of them took it 40 seconds, and 0.2
    /// where they touch.
    /// </summary>
    private const int LargestBridge = 0x1000;

    private readonly ByteWriter _info = new();
    private readonly ByteWriter _program = new();
    private readonly LineProgramWriter _lines;
    private readonly FileNumbers _files = new();

    /// <summary>Where in <see cref="_info"/> the unit's number of bytes of code stands.</summary>
    private readonly int _unitSize;

    /// <summary>First address of the unit's code.</summary>
    private readonly ulong _start;

    /// <summary>Where the code object that was added last ends, and its sequence is still to be ended; 0 before the first.</summary>
    private ulong _end;

    /// <summary>Of that code object.</summary>
    private uint _file;

    /// <summary>Begins the unit.</summary>
    /// <param name="start">The first address of its code.</param>
    public CodeDebugInfo(ulong start)
    {
        _start = start;
        _lines = new(_program);
        _info.WriteUInt32(0); // the unit's length, set at the end
        _info.WriteUInt16(Version);
        _info.WriteUInt32(0); // offset in .debug_abbrev
        _info.WriteByte(sizeof(ulong));
        _info.WriteULeb128(UnitCode);
        _info.WriteText("viperf");
        _info.WriteUInt16(Python);
        _info.WriteText("Python");
        _info.WriteUInt32(0); // offset in .debug_line
        _info.WriteUInt64(start);
        _unitSize = _info.Length;
        _info.WriteUInt64(0);
    }

    /// <summary><c>.debug_info</c>, once the unit is finished.</summary>
    public ReadOnlySpan<byte> Info => _info.Written;

    /// <summary>The instructions of <c>.debug_line</c>, which come behind its header.</summary>
    public ReadOnlySpan<byte> LineProgram => _program.Written;

    /// <summary>Adds a code object.</summary>
    /// <param name="code">What it is.</param>
    /// <param name="name">Where in <c>.debug_str</c> its name begins.</param>
    public void Add(in PlacedCode code, uint name)
    {
        uint file = _files.Of(code.SourceFile);
        ulong start = _start + code.Offset;
        _info.WriteULeb128(FunctionCode);
        _info.WriteUInt32(name);
        _info.WriteULeb128(file);
        _info.WriteULeb128(code.FirstLine);
        _info.WriteUInt64(start);
        _info.WriteUInt32(code.Size);
        EndLines(start);
        AddLines(code, start, file);
        (_end, _file) = (start + code.Size, file);
    }

    /// <summary>Ends the unit.</summary>
    /// <param name="textBytes">Bytes from its first address to the end of its code.</param>
    public void Finish(ulong textBytes)
    {
        EndLines(ulong.MaxValue);
        _info.PatchUInt64(_unitSize, textBytes);
        _info.WriteByte(0); // behind the last subprogram
        _info.PatchUInt32(0, (uint)(_info.Length - sizeof(uint)));
    }

    /// <summary>Writes what <c>.debug_line</c> begins with.</summary>
    public void WriteLineHeader(ByteWriter writer) =>
        LineProgramWriter.WriteHeader(writer, Version, _files.Entries, _program.Length);

    /// <summary>Writes <c>.debug_aranges</c>, by which readers find a unit without reading it.</summary>
    public void WriteAddressRanges(ByteWriter writer, ulong textBytes)
    {
        int start = writer.Length;
        writer.WriteUInt32(0); // the length, set at the end
        writer.WriteUInt16(AddressRangesVersion);
        writer.WriteUInt32(0); // offset in .debug_info
        writer.WriteByte(sizeof(ulong));
        writer.WriteByte(0); // of segments
        writer.WriteZeros(-(writer.Length - start) & (TupleBytes - 1));
        writer.WriteUInt64(_start);
        writer.WriteUInt64(textBytes);
        writer.WriteZeros(TupleBytes);
        writer.PatchUInt32(start, (uint)(writer.Length - start - sizeof(uint)));
    }

    /// <summary>Writes <c>.debug_abbrev</c>.</summary>
    public static void WriteAbbreviations(ByteWriter writer)
    {
        Begin(writer, UnitCode, DwarfTag.CompileUnit, HasChildren);
        Attribute(writer, DwarfAttribute.Producer, DwarfForm.String);
        Attribute(writer, DwarfAttribute.Language, DwarfForm.Data2);
        Attribute(writer, DwarfAttribute.Name, DwarfForm.String);
        Attribute(writer, DwarfAttribute.LineProgram, DwarfForm.SectionOffset);
        Attribute(writer, DwarfAttribute.LowPc, DwarfForm.Address);
        Attribute(writer, DwarfAttribute.HighPc, DwarfForm.Data8);
        writer.WriteZeros(2);
        Begin(writer, FunctionCode, DwarfTag.Subprogram, NoChildren);
        Attribute(writer, DwarfAttribute.Name, DwarfForm.StringOffset);
        Attribute(writer, DwarfAttribute.DeclarationFile, DwarfForm.UnsignedData);
        Attribute(writer, DwarfAttribute.DeclarationLine, DwarfForm.UnsignedData);
        Attribute(writer, DwarfAttribute.LowPc, DwarfForm.Address);
        Attribute(writer, DwarfAttribute.HighPc, DwarfForm.Data4);
        writer.WriteZeros(2);
        writer.WriteByte(0);
    }

    /// <summary>Adds the rows of a code object; where its ranges have gaps, its code has no line.</summary>
    private void AddLines(in PlacedCode code, ulong start, uint file)
    {
        _lines.Begin(start);
        uint at = 0;
        foreach (var range in code.Lines)
        {
            if (range.Start >= code.Size || range.Start < at || range.End <= range.Start)
            {
                continue;
            }

            if (range.Start > at)
            {
                _lines.Add(start + at, file, 0);
            }

            _lines.Add(start + range.Start, file, range.Line);
            at = range.End;
        }

        if (at < code.Size)
        {
            _lines.Add(start + at, file, 0);
        }
    }

    /// <summary>Ends the sequence of the code object that was added last, before the next one begins.</summary>
    private void EndLines(ulong next)
    {
        if (_end == 0)
        {
            return;
        }

        bool isBridged = next - _end < LargestBridge;
        if (isBridged && next != _end)
        {
            _lines.Add(_end, _file, 0);
        }

        _lines.End(isBridged ? next : _end);
    }

    private static void Begin(ByteWriter writer, byte code, DwarfTag tag, byte children)
    {
        writer.WriteULeb128(code);
        writer.WriteULeb128((ulong)tag);
        writer.WriteByte(children);
    }

    private static void Attribute(ByteWriter writer, DwarfAttribute attribute, DwarfForm form)
    {
        writer.WriteULeb128((ulong)attribute);
        writer.WriteULeb128((ulong)form);
    }
}
