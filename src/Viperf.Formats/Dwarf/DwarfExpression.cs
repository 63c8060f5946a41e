using System.Runtime.CompilerServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// Evaluates DWARF expressions as call frame information has them (DWARF 5 §2.5, with the exceptions of §6.4.2): a stack
/// machine with <see cref="Limits.ExpressionStack"/> values that runs <see cref="Limits.ExpressionSteps"/> operations at
/// most and allocates nothing.
/// </summary>
public static class DwarfExpression
{
    /// <summary>Runs an expression.</summary>
    /// <param name="expression">At its first byte.</param>
    /// <param name="is64Bit">Whether addresses and the stack's values have 8 bytes, or 4.</param>
    /// <param name="initial">What is on the stack at the start: for registers' rules the canonical frame address.</param>
    /// <param name="context">The frame whose registers and memory it takes.</param>
    /// <param name="value">The value on top of the stack at the end.</param>
    /// <returns>False where a register or memory is not known, or the expression divides by zero.</returns>
    /// <exception cref="ParseException">An operation is unknown or cut short, the stack has too few or too many
    /// values, or there are too many steps.</exception>
    [SkipLocalsInit]
    public static bool TryEvaluate<TContext>(
        ByteReader expression, bool is64Bit, ReadOnlySpan<ulong> initial, ref TContext context, out ulong value)
        where TContext : struct, IUnwindContext
    {
        var machine = new Machine(expression, is64Bit, stackalloc ulong[Limits.ExpressionStack]);
        foreach (ulong first in initial)
        {
            machine.Push(first);
        }

        if (machine.Run(ref context))
        {
            value = machine.Pop();
            return true;
        }

        value = 0;
        return false;
    }

    private ref struct Machine(ByteReader reader, bool is64Bit, Span<ulong> stack)
    {
        private readonly ByteReader _start = reader;
        private readonly Span<ulong> _stack = stack;
        private ByteReader _reader = reader;
        private int _depth;

        public void Push(ulong value)
        {
            if (_depth == _stack.Length)
            {
                _reader.Fail($"an expression with more than {_stack.Length} values");
            }

            _stack[_depth++] = is64Bit ? value : (uint)value;
        }

        public ulong Pop()
        {
            Need(1);
            return _stack[--_depth];
        }

        /// <summary>Runs to the end; false where something is not known.</summary>
        public bool Run<TContext>(ref TContext context)
            where TContext : struct, IUnwindContext
        {
            for (int steps = 0; !_reader.AtEnd; steps++)
            {
                if (steps == Limits.ExpressionSteps)
                {
                    _reader.Fail($"an expression of more than {Limits.ExpressionSteps} steps");
                }

                var op = (DwarfOp)_reader.ReadByte();
                bool isKnown = op switch
                {
                    >= DwarfOp.lit0 and <= DwarfOp.lit31 => PushKnown((ulong)(op - DwarfOp.lit0)),
                    >= DwarfOp.breg0 and <= DwarfOp.breg31 => PushRegister(ref context, (ulong)(op - DwarfOp.breg0), hasOffset: true),
                    DwarfOp.bregx => PushRegister(ref context, _reader.ReadULeb128(), hasOffset: true),

                    // Locations elsewhere; in call frame information unwinders take them as the register's value.
                    >= DwarfOp.reg0 and <= DwarfOp.reg31 => PushRegister(ref context, (ulong)(op - DwarfOp.reg0), hasOffset: false),
                    DwarfOp.regx => PushRegister(ref context, _reader.ReadULeb128(), hasOffset: false),
                    DwarfOp.deref => Dereference(ref context, is64Bit ? 8 : 4),
                    DwarfOp.deref_size => Dereference(ref context, _reader.ReadByte()),
                    DwarfOp.div or DwarfOp.mod => Divide(op),
                    _ => PushConstant(op) || MoveStack(op) || Jump(op) || Calculate(op),
                };
                if (!isKnown)
                {
                    return false;
                }
            }

            return true;
        }

        private bool PushKnown(ulong value)
        {
            Push(value);
            return true;
        }

        private bool PushRegister<TContext>(ref TContext context, ulong register, bool hasOffset)
            where TContext : struct, IUnwindContext
        {
            ulong offset = hasOffset ? (ulong)_reader.ReadSLeb128() : 0;
            return register <= ushort.MaxValue
                && context.TryGetRegister((int)register, out ulong value)
                && PushKnown(value + offset);
        }

        private bool Dereference<TContext>(ref TContext context, int size)
            where TContext : struct, IUnwindContext
        {
            if (size is not (1 or 2 or 4 or 8))
            {
                _reader.Fail($"{size} bytes read from memory at once");
            }

            return context.TryRead(Pop(), size, out ulong value) && PushKnown(value);
        }

        /// <summary>Signed division and unsigned remainder; false by zero.</summary>
        private bool Divide(DwarfOp op)
        {
            ulong divisor = Pop();
            ulong dividend = Pop();
            if (divisor == 0)
            {
                return false;
            }

            if (op == DwarfOp.mod)
            {
                return PushKnown(dividend % divisor);
            }

            // The least number divided by -1 is out of range, which the processor takes for an error.
            long signed = Signed(divisor);
            return PushKnown(signed == -1 ? 0 - dividend : (ulong)(Signed(dividend) / signed));
        }

        /// <summary>DWARF 5 §2.5.1.1; false for other operations.</summary>
        private bool PushConstant(DwarfOp op)
        {
            switch (op)
            {
                case DwarfOp.addr:
                    return PushKnown(_reader.ReadWord(is64Bit));
                case DwarfOp.const1u:
                    return PushKnown(_reader.ReadByte());
                case DwarfOp.const1s:
                    return PushKnown((ulong)(sbyte)_reader.ReadByte());
                case DwarfOp.const2u:
                    return PushKnown(_reader.ReadUInt16());
                case DwarfOp.const2s:
                    return PushKnown((ulong)(short)_reader.ReadUInt16());
                case DwarfOp.const4u:
                    return PushKnown(_reader.ReadUInt32());
                case DwarfOp.const4s:
                    return PushKnown((ulong)_reader.ReadInt32());
                case DwarfOp.const8u or DwarfOp.const8s:
                    return PushKnown(_reader.ReadUInt64());
                case DwarfOp.constu:
                    return PushKnown(_reader.ReadULeb128());
                case DwarfOp.consts:
                    return PushKnown((ulong)_reader.ReadSLeb128());
                default:
                    return false;
            }
        }

        /// <summary>DWARF 5 §2.5.1.3; false for other operations.</summary>
        private bool MoveStack(DwarfOp op)
        {
            switch (op)
            {
                case DwarfOp.nop:
                    return true;
                case DwarfOp.dup:
                    return PushKnown(Peek(0));
                case DwarfOp.over:
                    return PushKnown(Peek(1));
                case DwarfOp.pick:
                    return PushKnown(Peek(_reader.ReadByte()));
                case DwarfOp.drop:
                    Pop();
                    return true;
                case DwarfOp.swap:
                    Need(2);
                    (_stack[_depth - 1], _stack[_depth - 2]) = (_stack[_depth - 2], _stack[_depth - 1]);
                    return true;
                case DwarfOp.rot:
                    Need(3);
                    (_stack[_depth - 1], _stack[_depth - 2], _stack[_depth - 3]) =
                        (_stack[_depth - 2], _stack[_depth - 3], _stack[_depth - 1]);
                    return true;
                default:
                    return false;
            }
        }

        /// <summary>DWARF 5 §2.5.1.5, the jumps; false for other operations.</summary>
        private bool Jump(DwarfOp op)
        {
            if (op is not (DwarfOp.skip or DwarfOp.bra))
            {
                return false;
            }

            short distance = (short)_reader.ReadUInt16();
            if (op == DwarfOp.bra && Pop() == 0)
            {
                return true;
            }

            int target = _reader.Position + distance;
            if (target < 0 || target > _start.Remaining)
            {
                _reader.Fail($"a jump by {distance} bytes out of the expression");
            }

            _reader = _start;
            _reader.Skip(target);
            return true;
        }

        /// <summary>DWARF 5 §2.5.1.4 and the comparisons of §2.5.1.5, which are signed; fails for unknown operations.</summary>
        private bool Calculate(DwarfOp op)
        {
            if (op is DwarfOp.abs or DwarfOp.neg or DwarfOp.not or DwarfOp.plus_uconst)
            {
                ulong operand = Pop();
                return PushKnown(op switch
                {
                    DwarfOp.abs => Signed(operand) < 0 ? 0 - operand : operand,
                    DwarfOp.neg => 0 - operand,
                    DwarfOp.not => ~operand,
                    _ => operand + _reader.ReadULeb128(),
                });
            }

            if (op is < DwarfOp.and or > DwarfOp.ne)
            {
                _reader.Fail($"operation 0x{(byte)op:x} in an expression, which viperf does not know");
            }

            ulong right = Pop();
            ulong left = Pop();
            ulong bits = is64Bit ? 64u : 32u;
            return PushKnown(op switch
            {
                DwarfOp.and => left & right,
                DwarfOp.minus => left - right,
                DwarfOp.mul => left * right,
                DwarfOp.or => left | right,
                DwarfOp.plus => left + right,
                DwarfOp.shl => right < bits ? left << (int)right : 0,
                DwarfOp.shr => right < bits ? left >> (int)right : 0,
                DwarfOp.shra => (ulong)(Signed(left) >> (int)Math.Min(right, bits - 1)),
                DwarfOp.xor => left ^ right,
                DwarfOp.eq => left == right ? 1u : 0u,
                DwarfOp.ge => Signed(left) >= Signed(right) ? 1u : 0u,
                DwarfOp.gt => Signed(left) > Signed(right) ? 1u : 0u,
                DwarfOp.le => Signed(left) <= Signed(right) ? 1u : 0u,
                DwarfOp.lt => Signed(left) < Signed(right) ? 1u : 0u,
                _ => left != right ? 1u : 0u,
            });
        }

        private readonly long Signed(ulong value) => is64Bit ? (long)value : (int)value;

        private readonly ulong Peek(int below)
        {
            Need(below + 1);
            return _stack[_depth - 1 - below];
        }

        private readonly void Need(int count)
        {
            if (_depth < count)
            {
                _reader.Fail($"{count} values wanted from an expression's stack of {_depth}");
            }
        }
    }
}
