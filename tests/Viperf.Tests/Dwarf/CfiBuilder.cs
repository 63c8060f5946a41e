using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;
using Viperf.Tests.Elf;

namespace Viperf.Tests.Dwarf;

/// <summary>Makes .eh_frame and .debug_frame sections, and the .eh_frame_hdr beside them; well-formed unless a test asks for damage.</summary>
internal sealed class CfiBuilder(CfiSectionKind kind = CfiSectionKind.EhFrame, ElfMachine machine = ElfMachine.EM_X86_64, ulong address = 0x10000)
{
    private readonly List<byte> _bytes = [];
    private readonly List<(ulong Start, int Offset)> _functions = [];
    private int _common;
    private byte _encoding;
    private bool _hasLength;
    private bool _is64BitFormat;

    public bool Is64Bit { get; init; } = true;

    public ulong TextAddress { get; init; }

    public ulong DataAddress { get; init; }

    public int Length => _bytes.Count;

    /// <summary>Adds common information; functions added behind refer to it.</summary>
    /// <param name="instructions">The initial instructions.</param>
    /// <param name="augmentation">Letters; the pointer encoding is written for R, an indirect personality for P.</param>
    /// <param name="version">1, 3 or 4.</param>
    /// <param name="encoding">Of functions' addresses, for augmentations with R.</param>
    /// <param name="is64BitFormat">Whether lengths have 8 bytes behind 0xffffffff.</param>
    /// <param name="codeAlignment">Bytes of one advance.</param>
    /// <param name="returnAddress">Its register; the processor's own if not given.</param>
    public CfiBuilder Common(
        Cfi instructions, string augmentation = "zR", byte version = 1, byte encoding = 0x1b, bool is64BitFormat = false,
        uint codeAlignment = 1, int returnAddress = -1)
    {
        _common = _bytes.Count;
        _encoding = augmentation.Contains('R') ? encoding : (byte)0;
        _hasLength = augmentation.Contains('z');
        _is64BitFormat = is64BitFormat;
        var data = new ByteList();
        foreach (char letter in augmentation)
        {
            switch (letter)
            {
                case 'R':
                    data.U8(encoding);
                    break;
                case 'L':
                    data.U8(0x1b);
                    break;
                case 'P':
                    data.U8(0x9b).U32(0x1234); // DW_EH_PE_indirect | pcrel | sdata4
                    break;
            }
        }

        var content = new ByteList().U8(version).Text(augmentation);
        if (version >= 4)
        {
            content.U8((byte)(Is64Bit ? 8 : 4)).U8(0);
        }

        content.Uleb(codeAlignment).Sleb(Is64Bit ? -8 : -4);
        content.Uleb((ulong)(returnAddress >= 0 ? returnAddress : machine == ElfMachine.EM_AARCH64 ? 30 : 16));
        if (_hasLength)
        {
            content.Uleb((ulong)data.Length);
        }

        content.Bytes(data.ToArray()).Bytes(instructions.ToArray());
        Entry(kind == CfiSectionKind.EhFrame ? 0 : ulong.MaxValue, content.ToArray());
        return this;
    }

    /// <summary>Adds a function's description, its augmentation data of a length that is not 0.</summary>
    public CfiBuilder Function(ulong start, ulong length, Cfi instructions)
    {
        int headSize = _is64BitFormat ? (kind == CfiSectionKind.EhFrame ? 16 : 20) : 8;
        _functions.Add((start, _bytes.Count));
        ulong place = address + (ulong)(_bytes.Count + headSize);
        var content = new ByteList();
        ulong relative = start - (_encoding & 0x70) switch
        {
            0x10 => place,
            0x20 => TextAddress,
            0x30 => DataAddress,
            _ => 0ul,
        };
        Write(content, relative);
        Write(content, length);
        if (_hasLength)
        {
            content.Uleb(4).U32(0);
        }

        ulong pointer = kind == CfiSectionKind.EhFrame
            ? (ulong)(_bytes.Count + (_is64BitFormat ? 12 : 4) - _common)
            : (ulong)_common;
        Entry(pointer, content.Bytes(instructions.ToArray()).ToArray());
        return this;
    }

    /// <summary>Adds a length of 0, which ends what one object file gave.</summary>
    public CfiBuilder Terminator() => Raw(0, 0, 0, 0);

    public CfiBuilder Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public byte[] Bytes() => [.. _bytes];

    public CfiSection Section(byte[]? bytes = null) =>
        new(bytes ?? Bytes(), address, kind, machine, Is64Bit, "test") { TextAddress = TextAddress, DataAddress = DataAddress };

    public CfiTable Open() => CfiTable.Open(Section());

    /// <summary>The search table, for a place 0x1000 bytes below the section.</summary>
    /// <param name="tableEncoding">0x3b in all that linkers make: signed 4 bytes from the header's start.</param>
    /// <param name="sorted">False to leave the functions in the order of the section.</param>
    public byte[] HeaderBytes(byte tableEncoding = 0x3b, bool sorted = true)
    {
        var header = new ByteList().U8(1).U8(0x1b).U8(0x03).U8(tableEncoding);
        header.U32((uint)(address - (HeaderAddress + 4))).U32((uint)_functions.Count);
        ulong origin = (tableEncoding & 0x70) == 0x30 ? HeaderAddress : 0;
        foreach (var (start, offset) in sorted ? _functions.OrderBy(function => function.Start) : _functions.AsEnumerable())
        {
            foreach (ulong value in new[] { start - origin, address + (ulong)offset - origin })
            {
                Write(header, value, tableEncoding);
            }
        }

        return header.ToArray();
    }

    public ulong HeaderAddress => address - 0x1000;

    public EhFrameHeader Header(byte tableEncoding = 0x3b, bool sorted = true) =>
        EhFrameHeader.Read(HeaderBytes(tableEncoding, sorted), HeaderAddress, Is64Bit, "test");

    private void Write(ByteList list, ulong value) => Write(list, value, _encoding);

    private void Write(ByteList list, ulong value, byte encoding)
    {
        switch (encoding & 0x0f)
        {
            case 0x01:
                list.Uleb(value);
                break;
            case 0x09:
                list.Sleb((long)value);
                break;
            case 0x02 or 0x0a:
                list.U16((ushort)value);
                break;
            case 0x03 or 0x0b:
                list.U32((uint)value);
                break;
            case 0x04 or 0x0c:
                list.U64(value);
                break;
            default:
                list.Word(value, Is64Bit);
                break;
        }
    }

    private void Entry(ulong id, byte[] content)
    {
        var entry = new ByteList();
        int idSize = _is64BitFormat && kind == CfiSectionKind.DebugFrame ? 8 : 4;
        if (_is64BitFormat)
        {
            entry.U32(0xffffffff).U64((ulong)(idSize + content.Length));
        }
        else
        {
            entry.U32((uint)(idSize + content.Length));
        }

        entry.Word(id, idSize == 8).Bytes(content);
        _bytes.AddRange(entry.ToArray());
    }
}

/// <summary>Call frame instructions one after another, in their order.</summary>
internal sealed class Cfi
{
    private readonly ByteList _bytes = new();

    /// <summary>What a function's first instruction finds on x86-64: CFA = rsp + 8, the return address at CFA - 8.</summary>
    public static Cfi X64Start => new Cfi().DefCfa(7, 8).Offset(16, 1);

    /// <summary>What a function's first instruction finds on aarch64: CFA = sp.</summary>
    public static Cfi Arm64Start => new Cfi().DefCfa(31, 0);

    public Cfi Advance(int units) => Op((byte)(0x40 | units));

    public Cfi DefCfa(uint register, ulong offset) => Op(0x0c, register, offset);

    public Cfi DefCfaOffset(ulong offset) => Op(0x0e, offset);

    public Cfi DefCfaRegister(uint register) => Op(0x0d, register);

    public Cfi DefCfaExpression(params byte[] expression) => Op(0x0f, (ulong)expression.Length).Raw(expression);

    /// <summary>Saved below the CFA, in units of the data alignment.</summary>
    public Cfi Offset(byte register, ulong units) => Op((byte)(0x80 | register), units);

    public Cfi Restore(byte register) => Op((byte)(0xc0 | register));

    public Cfi Remember() => Op(0x0a);

    public Cfi RestoreState() => Op(0x0b);

    public Cfi NegateRaState() => Op(0x2d);

    public Cfi Expression(byte opcode, uint register, params byte[] expression) =>
        Op(opcode, register, (ulong)expression.Length).Raw(expression);

    /// <summary>An instruction with unsigned LEB128 operands.</summary>
    public Cfi Op(byte opcode, params ReadOnlySpan<ulong> operands)
    {
        _bytes.U8(opcode);
        foreach (ulong operand in operands)
        {
            _bytes.Uleb(operand);
        }

        return this;
    }

    /// <summary>An instruction whose last operand is signed, behind a register unless that is less than 0.</summary>
    public Cfi Signed(byte opcode, int register, long operand)
    {
        _bytes.U8(opcode);
        if (register >= 0)
        {
            _bytes.Uleb((ulong)register);
        }

        _bytes.Sleb(operand);
        return this;
    }

    public Cfi Raw(params byte[] bytes)
    {
        _bytes.Bytes(bytes);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();
}
