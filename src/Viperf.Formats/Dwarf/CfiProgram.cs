using System.Diagnostics.CodeAnalysis;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// Runs call frame instructions (DWARF 5 §6.4.2) up to the row of one address. Every instruction takes a byte at least
/// and none jumps, so that a run ends with the entry's bytes, of which there are <see cref="Limits.CfiEntryBytes"/> at most.
/// </summary>
internal readonly ref struct CfiProgram
{
    private const byte PrimaryMask = 0xc0;
    private const byte OperandMask = 0x3f;

    private readonly CfiSection _section;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ref readonly FrameDescription _function;
    private readonly CommonInformation _common;

    /// <summary>The row as the initial instructions leave it, which DW_CFA_restore goes back to.</summary>
    private readonly ref CfiRow _initial;

    private readonly Span<CfiRow> _remembered;

    /// <param name="section">Where the instructions are.</param>
    /// <param name="function">Whose they are.</param>
    /// <param name="initial">Room for a row.</param>
    /// <param name="remembered">Room for rows; when it is full, the next DW_CFA_remember_state is an error.</param>
    public CfiProgram(
        CfiSection section, [UnscopedRef] in FrameDescription function, ref CfiRow initial, Span<CfiRow> remembered)
    {
        _section = section;
        _bytes = section.Bytes.Span;
        _function = ref function;
        _common = function.Common;
        _initial = ref initial;
        _remembered = remembered;
    }

    /// <summary>Finds the row of an address of the function.</summary>
    /// <exception cref="ParseException">The instructions are not consistent.</exception>
    public void Run(ulong address, ref CfiRow row)
    {
        row.Clear(_function.Start, _common);
        var reader = new ByteReader(_bytes[_common.Instructions.._common.End], _section.Source, (ulong)_common.Instructions);
        Execute(ref reader, ulong.MaxValue, ref row, isInitial: true);
        _initial = row;
        reader = new ByteReader(
            _bytes[_function.Instructions.._function.InstructionsEnd], _section.Source, (ulong)_function.Instructions);
        Execute(ref reader, address, ref row, isInitial: false);
    }

    /// <summary>Runs instructions to their end or to the first whose location is behind the address.</summary>
    private void Execute(ref ByteReader reader, ulong address, ref CfiRow row, bool isInitial)
    {
        int depth = 0;
        while (!reader.AtEnd)
        {
            byte code = reader.ReadByte();
            ulong operand = (ulong)(code & OperandMask);
            var opcode = (CfiOpcode)(code & PrimaryMask);
            switch (opcode == 0 ? (CfiOpcode)code : opcode)
            {
                case CfiOpcode.nop:
                    break;
                case CfiOpcode.advance_loc:
                    if (!Advance(ref reader, operand, address, ref row, isInitial))
                    {
                        return;
                    }

                    break;
                case CfiOpcode.advance_loc1 or CfiOpcode.advance_loc2 or CfiOpcode.advance_loc4 or CfiOpcode.MIPS_advance_loc8:
                    if (!Advance(ref reader, ReadDelta(ref reader, (CfiOpcode)code), address, ref row, isInitial))
                    {
                        return;
                    }

                    break;
                case CfiOpcode.set_loc:
                    ulong location = EncodedPointer.Read(
                        ref reader, _common.PointerEncoding, CommonInformation.BasesOf(_section, _common.Is64Bit));
                    if (!Reach(ref reader, location, address, ref row, isInitial))
                    {
                        return;
                    }

                    break;
                case CfiOpcode.remember_state:
                    if (depth == _remembered.Length)
                    {
                        reader.Fail($"more than {_remembered.Length} rows remembered");
                    }

                    _remembered[depth++] = row;
                    break;
                case CfiOpcode.restore_state:
                    if (depth == 0)
                    {
                        reader.Fail("a row restored that was not remembered");
                    }

                    row.RestoreRules(_remembered[--depth]);
                    break;
                case CfiOpcode.restore:
                    Restore(ref reader, operand, ref row, isInitial);
                    break;
                case CfiOpcode.restore_extended:
                    Restore(ref reader, reader.ReadULeb128(), ref row, isInitial);
                    break;
                case CfiOpcode.offset:
                    row.Set(operand, CfiRuleKind.Offset, Factored(reader.ReadULeb128()));
                    break;
                case CfiOpcode.AARCH64_negate_ra_state or CfiOpcode.AARCH64_negate_ra_state_with_pc:
                    if (_section.Machine == ElfMachine.EM_AARCH64)
                    {
                        row.IsReturnAddressSigned = !row.IsReturnAddressSigned;
                    }

                    break; // on SPARC the first one is DW_CFA_GNU_window_save
                case CfiOpcode.GNU_args_size:
                    reader.ReadULeb128(); // what a landing pad, not a caller, finds pushed on the stack
                    break;
                default:
                    if (!SetCfa(ref reader, (CfiOpcode)code, ref row) && !SetRule(ref reader, (CfiOpcode)code, ref row))
                    {
                        reader.Fail($"call frame instruction 0x{code:x}, which viperf does not know");
                    }

                    break;
            }
        }

        row.End = _function.End;
    }

    private static ulong ReadDelta(ref ByteReader reader, CfiOpcode opcode) => opcode switch
    {
        CfiOpcode.advance_loc1 => reader.ReadByte(),
        CfiOpcode.advance_loc2 => reader.ReadUInt16(),
        CfiOpcode.advance_loc4 => reader.ReadUInt32(),
        _ => reader.ReadUInt64(),
    };

    private bool Advance(ref ByteReader reader, ulong delta, ulong address, ref CfiRow row, bool isInitial) =>
        Reach(ref reader, row.Start + (delta * _common.CodeAlignment), address, ref row, isInitial);

    /// <summary>Goes on to a location; false if that is behind the address, so that the row is found.</summary>
    private bool Reach(ref ByteReader reader, ulong location, ulong address, ref CfiRow row, bool isInitial)
    {
        if (isInitial || location < row.Start)
        {
            reader.Fail(isInitial ? "a location in what is common to functions" : "a location that goes back");
        }

        if (location > address)
        {
            row.End = Math.Min(location, _function.End);
            return false;
        }

        row.Start = location;
        return true;
    }

    private void Restore(ref ByteReader reader, ulong register, ref CfiRow row, bool isInitial)
    {
        if (isInitial)
        {
            reader.Fail("an initial rule restored before it is there");
        }

        if (register < CfiRow.RegisterCount)
        {
            var rule = _initial[(int)register];
            row.Set(register, rule.Kind, rule.Value);
        }
    }

    /// <summary>DWARF 5 §6.4.2.2; false for other instructions.</summary>
    private bool SetCfa(ref ByteReader reader, CfiOpcode opcode, ref CfiRow row)
    {
        switch (opcode)
        {
            case CfiOpcode.def_cfa:
                row.Cfa = new CfaRule(CfaRuleKind.RegisterOffset, ReadRegister(ref reader), (long)reader.ReadULeb128());
                return true;
            case CfiOpcode.def_cfa_sf:
                ushort register = ReadRegister(ref reader);
                row.Cfa = new CfaRule(CfaRuleKind.RegisterOffset, register, Factored((ulong)reader.ReadSLeb128()));
                return true;
            case CfiOpcode.def_cfa_register:
                row.Cfa = NeedRegister(ref reader, row) with { Register = ReadRegister(ref reader) };
                return true;
            case CfiOpcode.def_cfa_offset:
                row.Cfa = NeedRegister(ref reader, row) with { Value = (long)reader.ReadULeb128() };
                return true;
            case CfiOpcode.def_cfa_offset_sf:
                row.Cfa = NeedRegister(ref reader, row) with { Value = Factored((ulong)reader.ReadSLeb128()) };
                return true;
            case CfiOpcode.def_cfa_expression:
                row.Cfa = new CfaRule(CfaRuleKind.Expression, 0, ReadExpression(ref reader));
                return true;
            default:
                return false;
        }
    }

    /// <summary>DWARF 5 §6.4.2.3; false for other instructions.</summary>
    private bool SetRule(ref ByteReader reader, CfiOpcode opcode, ref CfiRow row)
    {
        if (opcode is < CfiOpcode.offset_extended or > CfiOpcode.val_expression and not CfiOpcode.GNU_negative_offset_extended)
        {
            return false;
        }

        ulong register = reader.ReadULeb128();
        switch (opcode)
        {
            case CfiOpcode.undefined:
                row.Set(register, CfiRuleKind.Undefined, 0);
                return true;
            case CfiOpcode.same_value:
                row.Set(register, CfiRuleKind.SameValue, 0);
                return true;
            case CfiOpcode.offset_extended:
                row.Set(register, CfiRuleKind.Offset, Factored(reader.ReadULeb128()));
                return true;
            case CfiOpcode.offset_extended_sf:
                row.Set(register, CfiRuleKind.Offset, Factored((ulong)reader.ReadSLeb128()));
                return true;
            case CfiOpcode.GNU_negative_offset_extended:
                row.Set(register, CfiRuleKind.Offset, -Factored(reader.ReadULeb128()));
                return true;
            case CfiOpcode.val_offset:
                row.Set(register, CfiRuleKind.ValOffset, Factored(reader.ReadULeb128()));
                return true;
            case CfiOpcode.val_offset_sf:
                row.Set(register, CfiRuleKind.ValOffset, Factored((ulong)reader.ReadSLeb128()));
                return true;
            case CfiOpcode.register:
                row.Set(register, CfiRuleKind.Register, ReadRegister(ref reader));
                return true;
            case CfiOpcode.expression:
                row.Set(register, CfiRuleKind.Expression, ReadExpression(ref reader));
                return true;
            case CfiOpcode.val_expression:
                row.Set(register, CfiRuleKind.ValExpression, ReadExpression(ref reader));
                return true;
            default:
                return false;
        }
    }

    private long Factored(ulong offset) => (long)offset * _common.DataAlignment;

    private static CfaRule NeedRegister(ref ByteReader reader, in CfiRow row)
    {
        if (row.Cfa.Kind != CfaRuleKind.RegisterOffset)
        {
            reader.Fail("half a rule for a canonical frame address that has no register");
        }

        return row.Cfa;
    }

    private static ushort ReadRegister(ref ByteReader reader)
    {
        ulong register = reader.ReadULeb128();
        if (register > ushort.MaxValue)
        {
            reader.Fail($"register {register}");
        }

        return (ushort)register;
    }

    private static long ReadExpression(ref ByteReader reader)
    {
        ulong length = reader.ReadULeb128();
        if (length > (ulong)reader.Remaining)
        {
            reader.Fail($"an expression of {length} bytes announced, {reader.Remaining} left");
        }

        long place = PackedPlace.Pack((int)reader.Offset, (int)length);
        reader.Skip((int)length);
        return place;
    }
}
