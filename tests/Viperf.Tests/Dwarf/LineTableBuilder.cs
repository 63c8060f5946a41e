using Viperf.Formats.Dwarf;
using Viperf.Tests.Elf;

namespace Viperf.Tests.Dwarf;

/// <summary>Makes units of .debug_line of every version, with the same file table in the version's own form.</summary>
internal sealed class LineTableBuilder(int version, bool is64BitFormat = false)
{
    public const int OpcodeBase = 13;
    public const int LineBase = -5;
    public const int LineRange = 14;

    private readonly ByteList _program = new();

    public byte LineRangeInHeader { get; init; } = LineRange;

    public byte MinimumInstructionLength { get; init; } = 1;

    /// <summary>Base names in the table: number 1 is a.c, 2 is b.h; version 5 has a.c as number 0 too.</summary>
    public LineTableBuilder SetAddress(ulong address)
    {
        _program.U8(0).Uleb(9).U8(2).U64(address);
        return this;
    }

    public LineTableBuilder SetFile(uint file)
    {
        _program.U8(4).Uleb(file);
        return this;
    }

    public LineTableBuilder AdvanceLine(int lines)
    {
        _program.U8(3).Sleb(lines);
        return this;
    }

    public LineTableBuilder AdvancePc(ulong operations)
    {
        _program.U8(2).Uleb(operations);
        return this;
    }

    public LineTableBuilder Copy() => Op(1);

    /// <summary>One byte that advances both registers and makes a row.</summary>
    public LineTableBuilder Special(int operations, int lines) =>
        Op((byte)(OpcodeBase + (operations * LineRange) + lines - LineBase));

    public LineTableBuilder ConstAddPc() => Op(8);

    public LineTableBuilder FixedAdvancePc(ushort bytes)
    {
        _program.U8(9).U16(bytes);
        return this;
    }

    public LineTableBuilder DefineFile(string name)
    {
        var text = new ByteList().Text(name).Uleb(0).Uleb(0).Uleb(0).ToArray();
        _program.U8(0).Uleb((ulong)text.Length + 1).U8(3).Bytes(text);
        return this;
    }

    public LineTableBuilder EndSequence()
    {
        _program.U8(0).Uleb(1).U8(1);
        return this;
    }

    /// <summary>Columns, statement marks, block marks, prologue ends, ISA, a discriminator and an unknown extension.</summary>
    public LineTableBuilder Noise()
    {
        _program.U8(5).Uleb(300).U8(6).U8(7).U8(10).U8(11).U8(12).Uleb(200);
        _program.U8(0).Uleb(2).U8(4).Uleb(3).U8(0).Uleb(4).U8(0x80).Bytes([1, 2, 3]);
        return this;
    }

    public byte[] Unit()
    {
        var tables = new ByteList();
        if (version >= 5)
        {
            // Directories by .debug_line_str; files by .debug_str, directory number and MD5.
            tables.U8(1).Uleb(1).Uleb(0x1f).Uleb(1).Word(0, is64BitFormat);
            tables.U8(3).Uleb(1).Uleb(0x0e).Uleb(2).Uleb(0x0b).Uleb(5).Uleb(0x1e).Uleb(3);
            foreach (uint offset in (uint[])[0, 0, 9])
            {
                tables.Word(offset, is64BitFormat).U8(0).Bytes(new byte[16]);
            }
        }
        else
        {
            tables.Text("dir").U8(0);
            tables.Text("/src/a.c").Uleb(0).Uleb(0).Uleb(0).Text("b.h").Uleb(1).Uleb(0).Uleb(0).U8(0);
        }

        var rest = new ByteList().U8(MinimumInstructionLength);
        if (version >= 4)
        {
            rest.U8(1);
        }

        rest.U8(1).U8(unchecked((byte)LineBase)).U8(LineRangeInHeader).U8(OpcodeBase).Bytes([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
        rest.Bytes(tables.ToArray());

        var body = new ByteList().U16((ushort)version);
        if (version >= 5)
        {
            body.U8(8).U8(0);
        }

        body.Word((ulong)rest.Length, is64BitFormat).Bytes(rest.ToArray()).Bytes(_program.ToArray());
        var unit = new ByteList();
        if (is64BitFormat)
        {
            unit.U32(0xffffffff);
        }

        return unit.Word((ulong)body.Length, is64BitFormat).Bytes(body.ToArray()).ToArray();
    }

    public static LineTable Read(params byte[][] units) => LineTable.Read(Sections([.. units.SelectMany(unit => unit)]));

    public static LineSections Sections(byte[] lines) =>
        new(lines, "/build\0"u8.ToArray(), "/src/a.c\0b.h\0"u8.ToArray(), "test");

    private LineTableBuilder Op(byte opcode)
    {
        _program.U8(opcode);
        return this;
    }
}
