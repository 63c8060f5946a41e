using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// Writes line number programs, and the headers before them, of DWARF 2 to 4 (DWARF 4 §6.2): sequences of rows, each of which
/// begins at an address of its own and has to be ended.
/// </summary>
/// <param name="writer">Gets the program's instructions.</param>
internal sealed class LineProgramWriter(ByteWriter writer)
{
    /// <summary>Since this version headers have <c>maximum_operations_per_instruction</c>.</summary>
    private const ushort FirstWithOperations = 4;

    private const byte MinimumInstructionLength = 1;
    private const byte MaximumOperations = 1;
    private const byte DefaultIsStatement = 1;

    /// <summary>
    /// The least step by lines that a special opcode can make, and how many there are. Steps by addresses are as far as the rest
    /// of the opcodes allows: 24 bytes, or twelve instructions of bytecode.
    /// </summary>
    private const int LineBase = -3;
    private const int LineRange = 10;
    private const int OpcodeBase = 10;

    private const byte AdvancePc = 2; // DW_LNS_advance_pc
    private const byte AdvanceLine = 3; // DW_LNS_advance_line
    private const byte SetFile = 4; // DW_LNS_set_file
    private const byte Extended = 0;
    private const byte EndOfSequence = 1; // DW_LNE_end_sequence
    private const byte SetAddress = 2; // DW_LNE_set_address

    private ulong _address;
    private uint _file;
    private uint _line;

    /// <summary>Operands of the standard opcodes 1 to 9.</summary>
    private static ReadOnlySpan<byte> OperandCounts => [0, 1, 1, 1, 1, 0, 0, 0, 1];

    /// <summary>Writes what stands before a program: a whole unit of <c>.debug_line</c> but for the program itself.</summary>
    /// <param name="unit">Gets it.</param>
    /// <param name="version">2 to 4.</param>
    /// <param name="files">Entries of files as <see cref="WriteFile"/> makes them; the first is number 1.</param>
    /// <param name="programBytes">Bytes of the program.</param>
    public static void WriteHeader(ByteWriter unit, ushort version, ReadOnlySpan<byte> files, int programBytes)
    {
        int start = unit.Length;
        unit.WriteUInt32(0); // the unit's length, set at the end
        unit.WriteUInt16(version);
        int headerLength = unit.Length;
        unit.WriteUInt32(0);
        unit.WriteByte(MinimumInstructionLength);
        if (version >= FirstWithOperations)
        {
            unit.WriteByte(MaximumOperations);
        }

        unit.WriteByte(DefaultIsStatement);
        unit.WriteByte(unchecked((byte)LineBase));
        unit.WriteByte(LineRange);
        unit.WriteByte(OpcodeBase);
        unit.WriteBytes(OperandCounts);
        unit.WriteByte(0); // no directories
        unit.WriteBytes(files);
        unit.WriteByte(0);
        unit.PatchUInt32(headerLength, (uint)(unit.Length - headerLength - sizeof(uint)));
        unit.PatchUInt32(start, (uint)(unit.Length - start - sizeof(uint)) + (uint)programBytes);
    }

    /// <summary>Writes the entry of a file, its name up to the first zero byte. An empty name would end the table.</summary>
    public static void WriteFile(ByteWriter files, ReadOnlySpan<byte> name)
    {
        int zero = name.IndexOf((byte)0);
        name = zero < 0 ? name : name[..zero];
        files.WriteBytes(name.IsEmpty ? "??"u8 : name);
        files.WriteByte(0);
        files.WriteZeros(3); // directory, time and size, which nobody knows
    }

    /// <summary>Begins a sequence.</summary>
    public void Begin(ulong address)
    {
        writer.WriteByte(Extended);
        writer.WriteULeb128(1 + sizeof(ulong));
        writer.WriteByte(SetAddress);
        writer.WriteUInt64(address);
        _address = address;
        _file = 1;
        _line = 1;
    }

    /// <summary>Says which line code belongs to from an address on; addresses of a sequence do not descend.</summary>
    public void Add(ulong address, uint file, uint line)
    {
        if (file != _file)
        {
            writer.WriteByte(SetFile);
            writer.WriteULeb128(file);
            _file = file;
        }

        long step = (long)line - _line;
        if (step is < LineBase or >= LineBase + LineRange)
        {
            writer.WriteByte(AdvanceLine);
            writer.WriteSLeb128(step);
            step = 0;
        }

        _line = line;
        ulong bytes = address - _address;
        ulong special = bytes > byte.MaxValue ? ulong.MaxValue : (ulong)(step - LineBase) + (LineRange * bytes) + OpcodeBase;
        if (special > byte.MaxValue)
        {
            Advance(address);
            special = (ulong)(step - LineBase) + OpcodeBase;
        }

        _address = address;
        writer.WriteByte((byte)special);
    }

    /// <summary>Ends the sequence.</summary>
    /// <param name="address">The first that it says nothing of.</param>
    public void End(ulong address)
    {
        Advance(address);
        writer.WriteByte(Extended);
        writer.WriteULeb128(1);
        writer.WriteByte(EndOfSequence);
    }

    private void Advance(ulong address)
    {
        if (address != _address)
        {
            writer.WriteByte(AdvancePc);
            writer.WriteULeb128(address - _address);
            _address = address;
        }
    }
}
