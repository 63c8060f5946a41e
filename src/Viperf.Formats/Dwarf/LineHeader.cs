using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// The part of a line number program's header that running the program needs (DWARF 5 §6.2.4; versions 2 to 5).
/// </summary>
internal readonly record struct LineHeader
{
    private const uint LongFormat = 0xffffffff;

    /// <summary>Offset in .debug_line of the unit's first byte.</summary>
    public int Start { get; private init; }

    /// <summary>Offset of the first byte behind the unit.</summary>
    public int End { get; private init; }

    /// <summary>Offset of the tables of directories and files.</summary>
    public int TablesStart { get; private init; }

    /// <summary>Offset of the first instruction.</summary>
    public int ProgramStart { get; private init; }

    /// <summary>2 to 5.</summary>
    public ushort Version { get; private init; }

    /// <summary>True for the 64-bit DWARF format, whose offsets have 8 bytes.</summary>
    public bool Is64BitFormat { get; private init; }

    /// <summary>Bytes that an address advances by for each operation.</summary>
    public byte MinimumInstructionLength { get; private init; }

    /// <summary>Operations of one instruction; 1 but for VLIW processors.</summary>
    public byte MaximumOperations { get; private init; }

    /// <summary>The least that a special opcode adds to the line.</summary>
    public sbyte LineBase { get; private init; }

    /// <summary>How many different amounts special opcodes add to the line; never 0.</summary>
    public byte LineRange { get; private init; }

    /// <summary>Number of the first special opcode.</summary>
    public byte OpcodeBase { get; private init; }

    /// <summary>Offset of the operand counts of the standard opcodes, of which number 1 comes first.</summary>
    public int OperandCounts { get; private init; }

    /// <summary>Where the unit at an offset ends, which is all that a reader needs who cannot read the rest.</summary>
    /// <exception cref="ParseException">Its length leads out of the section.</exception>
    public static int EndOf(ReadOnlySpan<byte> section, int start, string source)
    {
        var reader = new ByteReader(section[start..], source, (ulong)start);
        ReadLength(ref reader, out ulong length);
        if (length > (ulong)reader.Remaining)
        {
            reader.Fail($"a unit of {length} bytes announced, {reader.Remaining} left");
        }

        return start + reader.Position + (int)length;
    }

    /// <summary>Reads the header of the unit at an offset.</summary>
    /// <exception cref="ParseException">It is of another version, or not consistent.</exception>
    public static LineHeader Read(ReadOnlySpan<byte> section, int start, string source)
    {
        int end = EndOf(section, start, source);
        var reader = new ByteReader(section[start..end], source, (ulong)start);
        bool is64BitFormat = ReadLength(ref reader, out _);
        ushort version = reader.ReadUInt16();
        if (version is < 2 or > 5)
        {
            reader.Fail($"line table of version {version}, which viperf does not read");
        }

        if (version >= 5)
        {
            reader.Skip(2); // address_size, segment_selector_size
        }

        ulong headerLength = reader.ReadWord(is64BitFormat);
        if (headerLength > (ulong)reader.Remaining)
        {
            reader.Fail($"a line table's header of {headerLength} bytes announced, {reader.Remaining} left");
        }

        int programStart = start + reader.Position + (int)headerLength;
        byte minimumInstructionLength = reader.ReadByte();
        byte maximumOperations = version >= 4 ? reader.ReadByte() : (byte)1;
        reader.Skip(1); // default_is_stmt
        sbyte lineBase = (sbyte)reader.ReadByte();
        byte lineRange = reader.ReadByte();
        byte opcodeBase = reader.ReadByte();
        if (lineRange == 0 || opcodeBase == 0 || maximumOperations == 0)
        {
            reader.Fail("a line table's header divides by zero");
        }

        int operandCounts = start + reader.Position;
        reader.Skip(opcodeBase - 1);
        return new LineHeader
        {
            Start = start,
            End = end,
            TablesStart = start + reader.Position,
            ProgramStart = programStart,
            Version = version,
            Is64BitFormat = is64BitFormat,
            MinimumInstructionLength = minimumInstructionLength,
            MaximumOperations = maximumOperations,
            LineBase = lineBase,
            LineRange = lineRange,
            OpcodeBase = opcodeBase,
            OperandCounts = operandCounts,
        };
    }

    /// <summary>Reads an initial length (§7.4); returns whether it is the 64-bit format's.</summary>
    private static bool ReadLength(ref ByteReader reader, out ulong length)
    {
        uint first = reader.ReadUInt32();
        length = first == LongFormat ? reader.ReadUInt64() : first;
        return first == LongFormat;
    }
}
