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

    /// <summary>Of a line program's 32-bit length.</summary>
    private const int LengthBytes = sizeof(uint);

    private const byte MinimumInstructionLength = 1;
    private const byte DefaultIsStatement = 1;

    /// <summary>Special opcodes step by lines from here on; none is written, so any value will do.</summary>
    private const byte LineBase = unchecked((byte)-5);
    private const byte LineRange = 14;
    private const byte OpcodeBase = 10;

    private const byte Copy = 1; // DW_LNS_copy
    private const byte AdvancePc = 2; // DW_LNS_advance_pc
    private const byte AdvanceLine = 3; // DW_LNS_advance_line
    private const byte SetFile = 4; // DW_LNS_set_file
    private const byte Extended = 0;
    private const byte EndSequence = 1; // DW_LNE_end_sequence
    private const byte SetAddress = 2; // DW_LNE_set_address

    private const byte CompileUnit = 0x11; // DW_TAG_compile_unit
    private const byte NoChildren = 0; // DW_CHILDREN_no
    private const byte StatementList = 0x10; // DW_AT_stmt_list
    private const byte Data4 = 0x06; // DW_FORM_data4
    private const byte LowPc = 0x11; // DW_AT_low_pc
    private const byte HighPc = 0x12; // DW_AT_high_pc
    private const byte Address = 0x01; // DW_FORM_addr
    private const byte AbbreviationCode = 1;

    /// <summary>Operands of the standard opcodes 1 to 9.</summary>
    private static ReadOnlySpan<byte> OperandCounts => [0, 1, 1, 1, 1, 0, 0, 0, 1];

    /// <summary>Writes <c>.debug_line</c>.</summary>
    /// <param name="writer">Gets the section.</param>
    /// <param name="lines">In any order; those of one place: the last counts.</param>
    /// <param name="start">Address of the code's first byte.</param>
    /// <param name="size">Bytes of code; lines beyond it are left out.</param>
    public static void WriteLines(ByteWriter writer, ReadOnlySpan<JitLine> lines, ulong start, uint size)
    {
        JitLine[] rows = [.. lines.ToArray().Where(line => line.CodeOffset < size).OrderBy(line => line.CodeOffset)];
        string[] files = [.. rows.Select(row => row.FileName).Distinct()];
        int begin = writer.Length;
        writer.WriteUInt32(0); // the length, set at the end
        writer.WriteUInt16(Version);
        int headerLength = writer.Length;
        writer.WriteUInt32(0);
        writer.WriteByte(MinimumInstructionLength);
        writer.WriteByte(DefaultIsStatement);
        writer.WriteByte(LineBase);
        writer.WriteByte(LineRange);
        writer.WriteByte(OpcodeBase);
        writer.WriteBytes(OperandCounts);
        writer.WriteByte(0); // no directories
        foreach (string file in files)
        {
            writer.WriteText(file);
            writer.WriteZeros(3); // directory, time and size, which nobody knows
        }

        writer.WriteByte(0);
        writer.PatchUInt32(headerLength, (uint)(writer.Length - headerLength - LengthBytes));
        WriteProgram(writer, rows, files, start, size);
        writer.PatchUInt32(begin, (uint)(writer.Length - begin - LengthBytes));
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

    private static void WriteProgram(ByteWriter writer, JitLine[] rows, string[] files, ulong start, uint size)
    {
        writer.WriteByte(Extended);
        writer.WriteULeb128(1 + sizeof(ulong));
        writer.WriteByte(SetAddress);
        writer.WriteUInt64(start);
        uint at = 0;
        int line = 1;
        string file = files.Length == 0 ? "" : files[0];
        var numbers = files.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index + 1);
        foreach (var row in rows)
        {
            if (row.FileName != file)
            {
                file = row.FileName;
                writer.WriteByte(SetFile);
                writer.WriteULeb128((ulong)numbers[file]);
            }

            if (row.Line != line)
            {
                writer.WriteByte(AdvanceLine);
                writer.WriteSLeb128((long)row.Line - line);
                line = row.Line;
            }

            Advance(writer, row.CodeOffset - at);
            at = row.CodeOffset;
            writer.WriteByte(Copy);
        }

        Advance(writer, size - at);
        writer.WriteByte(Extended);
        writer.WriteULeb128(1);
        writer.WriteByte(EndSequence);
    }

    private static void Advance(ByteWriter writer, uint bytes)
    {
        if (bytes > 0)
        {
            writer.WriteByte(AdvancePc);
            writer.WriteULeb128(bytes);
        }
    }
}
