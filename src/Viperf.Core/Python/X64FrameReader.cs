using Iced.Intel;

namespace Viperf.Core.Python;

/// <summary>
/// Reads x86-64 functions up to their first call. Compilers link a frame with <c>push rbp; mov rbp, rsp</c>, but not
/// always at the start: behind endbr64 and what needs no frame (shrink-wrapping), other instructions in between.
/// </summary>
internal sealed class X64FrameReader
{
    private const int Bitness = 64;

    private readonly Bytes _bytes = new();
    private readonly Decoder _decoder;

    /// <summary>Creates a reader, which can be used again and again.</summary>
    public X64FrameReader() => _decoder = Decoder.Create(Bitness, _bytes);

    /// <summary>Reads one function.</summary>
    /// <param name="code">Its machine code, or the first part of it.</param>
    public FunctionFrame Read(ReadOnlyMemory<byte> code)
    {
        _bytes.Start(code);
        // True while the caller's rbp is what lies on top of the stack: a frame is linked by pointing rbp there. After
        // any other push it would point beside it, and the two instructions only save a register and use it.
        bool savedOnTop = false;
        while (!_bytes.AtEnd)
        {
            _decoder.Decode(out var instruction);
            switch (instruction.FlowControl)
            {
                case FlowControl.Call or FlowControl.IndirectCall:
                    return FunctionFrame.Missing;
                case FlowControl.Exception: // ud2, or bytes that are no instruction
                    if (instruction.IsInvalid)
                    {
                        return FunctionFrame.NoCall;
                    }

                    break;
                default:
                    if (instruction.Code == Code.Push_r64 && instruction.Op0Register == Register.RBP)
                    {
                        savedOnTop = true;
                    }
                    else if (savedOnTop && IsMoveOfStackPointer(instruction))
                    {
                        return FindsCall() ? FunctionFrame.Linked : FunctionFrame.NoCall;
                    }
                    else if (MovesStackPointer(instruction))
                    {
                        savedOnTop = false;
                    }

                    break;
            }
        }

        return FunctionFrame.NoCall;
    }

    private static bool IsMoveOfStackPointer(in Instruction instruction) =>
        instruction.Mnemonic == Mnemonic.Mov && instruction.Op0Register == Register.RBP
        && instruction.Op1Register == Register.RSP;

    private static bool MovesStackPointer(in Instruction instruction) =>
        instruction.IsStackInstruction
        || (instruction.Op0Register == Register.RSP && instruction.Mnemonic is not (Mnemonic.Cmp or Mnemonic.Test));

    private bool FindsCall()
    {
        while (!_bytes.AtEnd)
        {
            _decoder.Decode(out var instruction);
            if (instruction.FlowControl is FlowControl.Call or FlowControl.IndirectCall)
            {
                return true;
            }

            if (instruction.IsInvalid)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Code for the decoder, without a copy.</summary>
    private sealed class Bytes : CodeReader
    {
        private ReadOnlyMemory<byte> _code;
        private int _next;

        public bool AtEnd => _next >= _code.Length;

        public void Start(ReadOnlyMemory<byte> code)
        {
            _code = code;
            _next = 0;
        }

        /// <summary>The next byte; -1 at the end, which the decoder takes for an invalid instruction.</summary>
        public override int ReadByte() => _next < _code.Length ? _code.Span[_next++] : -1;
    }
}
