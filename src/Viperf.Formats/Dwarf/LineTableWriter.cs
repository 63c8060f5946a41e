using System.Text;
using Viperf.Formats.Bytes;
using Viperf.Formats.Jit;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// Writes the line table of one piece of code as DWARF 2: <c>.debug_line</c>, and the <c>.debug_info</c> and
/// <c>.debug_abbrev</c> that readers find it by. One unit, one sequence.
/// </summary>
internal static class LineTableWriter
{
    private const ushort Version = 2;

    /// <summary>Of a unit's 32-bit length.</summary>
    private const int LengthBytes = sizeof(uint);

    private const byte CompileUnit = 0x11; // DW_TAG_compile_unit
    private const byte NoChildren = 0; // DW_CHILDREN_no
    private const byte StatementList = 0x10; // DW_AT_stmt_list
    private const byte Data4 = 0x06; // DW_FORM_data4
    private const byte LowPc = 0x11; // DW_AT_low_pc
    private const byte HighPc = 0x12; // DW_AT_high_pc
    private const byte Address = 0x01; // DW_FORM_addr
    private const byte AbbreviationCode = 1;

    /// <summary>Writes <c>.debug_line</c>.</summary>
    /// <param name="writer">Gets the section.</param>
    /// <param name="lines">In any order; those of one place: the last counts.</param>
    /// <param name="start">Address of the code's first byte.</param>
    /// <param name="size">Bytes of code; lines beyond it are left out.</param>
    public static void WriteLines(ByteWriter writer, ReadOnlySpan<JitLine> lines, ulong start, uint size)
    {
        JitLine[] rows = [.. lines.ToArray().Where(line => line.CodeOffset < size).OrderBy(line => line.CodeOffset)];
        var numbers = new Dictionary<string, uint>();
        var files = new ByteWriter();
        var program = new ByteWriter();
        var sequence = new LineProgramWriter(program);
        sequence.Begin(start);
        foreach (var row in rows)
        {
            if (!numbers.TryGetValue(row.FileName, out uint number))
            {
                numbers.Add(row.FileName, number = (uint)numbers.Count + 1);
                LineProgramWriter.WriteFile(files, Encoding.UTF8.GetBytes(row.FileName));
            }

            sequence.Add(start + row.CodeOffset, number, (uint)row.Line);
        }

        sequence.End(start + size);
        LineProgramWriter.WriteHeader(writer, Version, files.Written, program.Length);
        writer.WriteBytes(program.Written);
    }

    /// <summary>Writes <c>.debug_info</c>: a unit for the line table at offset 0.</summary>
    public static void WriteUnit(ByteWriter writer, ulong start, uint size)
    {
        int begin = writer.Length;
        writer.WriteUInt32(0); // the length, set at the end
        writer.WriteUInt16(Version);
        writer.WriteUInt32(0); // offset in .debug_abbrev
        writer.WriteByte(sizeof(ulong));
        writer.WriteULeb128(AbbreviationCode);
        writer.WriteUInt32(0); // offset in .debug_line
        writer.WriteUInt64(start);
        writer.WriteUInt64(start + size);
        writer.PatchUInt32(begin, (uint)(writer.Length - begin - LengthBytes));
    }

    /// <summary>Writes <c>.debug_abbrev</c>: what <see cref="WriteUnit"/>'s unit has.</summary>
    public static void WriteAbbreviations(ByteWriter writer) => writer.WriteBytes(
    [
        AbbreviationCode, CompileUnit, NoChildren,
        StatementList, Data4, LowPc, Address, HighPc, Address,
        0, 0, // of the attributes
        0, // of the abbreviations
    ]);
}
