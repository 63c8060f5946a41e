using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>Takes the rows of a line number program, one after another.</summary>
internal interface ILineSink
{
    /// <summary>A row: from this address on, code belongs to a line of a file.</summary>
    void Row(ulong address, uint file, uint line);

    /// <summary>The address behind the sequence's last row; returns false to run no further.</summary>
    /// <param name="address">The first address that the sequence does not cover.</param>
    /// <param name="next">Offset in .debug_line of the instruction behind it, where the next sequence begins.</param>
    bool EndSequence(ulong address, int next);

    /// <summary>A file that the program itself adds to the unit's table (DWARF 2 to 4).</summary>
    void DefineFile(ReadOnlySpan<byte> name);
}

/// <summary>Runs line number programs (DWARF 5 §6.2.5).</summary>
internal static class LineProgram
{
    private const byte ExtendedOpcode = 0;

    private enum Standard : byte
    {
        Copy = 1,
        AdvancePc = 2,
        AdvanceLine = 3,
        SetFile = 4,
        ConstAddPc = 8,
        FixedAdvancePc = 9,
    }

    private enum Extended : byte
    {
        EndSequence = 1,
        SetAddress = 2,
        DefineFile = 3,
    }

    /// <summary>Runs a unit's program from a sequence's first instruction to the unit's end, or until the sink has enough.</summary>
    /// <exception cref="ParseException">An instruction is cut short.</exception>
    public static void Run<TSink>(ReadOnlySpan<byte> section, in LineHeader header, int start, string source, ref TSink sink)
        where TSink : struct, ILineSink
    {
        var operandCounts = section.Slice(header.OperandCounts, header.OpcodeBase - 1);
        var reader = new ByteReader(section[start..header.End], source, (ulong)start);
        var state = new State(header);
        while (!reader.AtEnd)
        {
            byte opcode = reader.ReadByte();
            if (opcode >= header.OpcodeBase)
            {
                int adjusted = opcode - header.OpcodeBase;
                state.Advance((ulong)(adjusted / header.LineRange));
                state.Line += (uint)(header.LineBase + (adjusted % header.LineRange));
                sink.Row(state.Address, state.File, state.Line);
            }
            else if (opcode == ExtendedOpcode)
            {
                if (!RunExtended(ref reader, ref state, start, source, ref sink))
                {
                    return;
                }
            }
            else
            {
                RunStandard((Standard)opcode, operandCounts[opcode - 1], ref reader, ref state, ref sink);
            }
        }
    }

    private static void RunStandard<TSink>(Standard opcode, byte operands, ref ByteReader reader, ref State state, ref TSink sink)
        where TSink : struct, ILineSink
    {
        switch (opcode)
        {
            case Standard.Copy:
                sink.Row(state.Address, state.File, state.Line);
                break;
            case Standard.AdvancePc:
                state.Advance(reader.ReadULeb128());
                break;
            case Standard.AdvanceLine:
                state.Line += (uint)reader.ReadSLeb128();
                break;
            case Standard.SetFile:
                state.File = (uint)Math.Min(reader.ReadULeb128(), uint.MaxValue);
                break;
            case Standard.ConstAddPc:
                state.AdvanceByLastSpecial();
                break;
            case Standard.FixedAdvancePc:
                state.AdvanceBytes(reader.ReadUInt16());
                break;
            default:
                // Columns, statement and block marks, and opcodes of later versions: the header counts the operands.
                for (; operands != 0; operands--)
                {
                    reader.ReadULeb128();
                }

                break;
        }
    }

    private static bool RunExtended<TSink>(ref ByteReader reader, ref State state, int start, string source, ref TSink sink)
        where TSink : struct, ILineSink
    {
        ulong length = reader.ReadULeb128();
        if (length > (ulong)reader.Remaining)
        {
            reader.Fail($"an instruction of {length} bytes announced, {reader.Remaining} left");
        }

        var instruction = new ByteReader(reader.ReadBytes((int)length), source, reader.Offset - length);
        if (instruction.AtEnd)
        {
            return true;
        }

        switch ((Extended)instruction.ReadByte())
        {
            case Extended.EndSequence:
                ulong end = state.Address;
                state.Reset();
                return sink.EndSequence(end, start + reader.Position);
            case Extended.SetAddress when instruction.Remaining is sizeof(uint) or sizeof(ulong):
                state.SetAddress(instruction.ReadWord(instruction.Remaining == sizeof(ulong)));
                break;
            case Extended.DefineFile:
                sink.DefineFile(instruction.ReadCString());
                break;
            default:
                break; // discriminators and vendors' own
        }

        return true;
    }

    /// <summary>The state machine's registers that lines need.</summary>
    private struct State
    {
        private readonly byte _instructionLength;
        private readonly byte _maximumOperations;
        private readonly ulong _lastSpecialAdvance;

        /// <summary>Operation within the instruction; 0 but for VLIW processors.</summary>
        private ulong _operation;

        public State(in LineHeader header)
        {
            _instructionLength = header.MinimumInstructionLength;
            _maximumOperations = header.MaximumOperations;
            _lastSpecialAdvance = (ulong)((byte.MaxValue - header.OpcodeBase) / header.LineRange);
            Reset();
        }

        public ulong Address { get; private set; }

        public uint File { get; set; }

        public uint Line { get; set; }

        public void Reset()
        {
            Address = 0;
            File = 1;
            Line = 1;
            _operation = 0;
        }

        /// <summary>Some producers write steps backwards as huge unsigned ones: addresses wrap around.</summary>
        public void Advance(ulong operations)
        {
            if (_maximumOperations == 1)
            {
                Address += _instructionLength * operations;
                return;
            }

            ulong total = _operation + operations;
            Address += _instructionLength * (total / _maximumOperations);
            _operation = total % _maximumOperations;
        }

        public void AdvanceByLastSpecial() => Advance(_lastSpecialAdvance);

        public void AdvanceBytes(ushort bytes) => SetAddress(Address + bytes);

        public void SetAddress(ulong address)
        {
            Address = address;
            _operation = 0;
        }
    }
}
