using System.Numerics;
using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>The form of a sample's user registers (<c>enum perf_sample_regs_abi</c>).</summary>
public enum RegistersAbi : ulong
{
    /// <summary>There are none: a thread of the kernel, or a process that has just begun.</summary>
    PERF_SAMPLE_REGS_ABI_NONE = 0,

    /// <summary>Those of a 32-bit program.</summary>
    PERF_SAMPLE_REGS_ABI_32 = 1,

    /// <summary>Those of a 64-bit program.</summary>
    PERF_SAMPLE_REGS_ABI_64 = 2,
}

/// <summary>
/// The registers with which a sample's thread ran its program, or will go on with it, and a copy of the top of its stack
/// (PERF_SAMPLE_REGS_USER, PERF_SAMPLE_STACK_USER of perf_event_open(2)), read where they lie.
/// </summary>
public readonly ref struct UserStateView
{
    private readonly ulong _mask;
    private readonly ReadOnlySpan<ulong> _registers;

    /// <summary>Reads both parts, as far as the event records them, and the reader over them.</summary>
    /// <exception cref="ParseException">A part goes beyond the record.</exception>
    internal UserStateView(scoped ref ByteReader reader, EventLayout layout)
    {
        Start = layout.VariableOffset + reader.Position;
        if (layout.Has(SampleFormat.PERF_SAMPLE_REGS_USER))
        {
            Abi = (RegistersAbi)reader.ReadUInt64();
            if (Abi != RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE)
            {
                _mask = layout.UserRegistersMask;
                _registers = MemoryMarshal.Cast<byte, ulong>(
                    reader.ReadBytes(BitOperations.PopCount(_mask) * sizeof(ulong)));
            }
        }

        StackStart = layout.VariableOffset + reader.Position;
        if (layout.Has(SampleFormat.PERF_SAMPLE_STACK_USER))
        {
            ulong room = reader.ReadUInt64();
            if (room > (ulong)reader.Remaining)
            {
                reader.Fail($"a stack of {room} bytes announced, {reader.Remaining} left");
            }

            if (room != 0)
            {
                var stack = reader.ReadBytes((int)room);
                ulong copied = reader.ReadUInt64();
                if (copied > room)
                {
                    reader.Fail($"{copied} bytes of stack copied into {room}");
                }

                Stack = stack[..(int)copied];
                IsStackCut = copied == room;
            }
        }

        End = layout.VariableOffset + reader.Position;
    }

    /// <summary>The registers' form.</summary>
    public RegistersAbi Abi { get; }

    /// <summary>Bytes from the stack pointer upwards, as many as could be copied.</summary>
    public ReadOnlySpan<byte> Stack { get; }

    /// <summary>True if the copy ends where its room ended, so that the stack may go on.</summary>
    public bool IsStackCut { get; }

    /// <summary>Offset in the record of the first byte of both parts.</summary>
    public int Start { get; }

    /// <summary>Offset in the record of the stack's part: 8 bytes that say how long the copy is, and what follows them.</summary>
    public int StackStart { get; }

    /// <summary>Offset in the record of the first byte behind them.</summary>
    public int End { get; }

    /// <summary>A register by the kernel's number (<c>perf_regs.h</c> of the machine); false if it was not recorded.</summary>
    public bool TryGetRegister(int number, out ulong value)
    {
        ulong bit = 1UL << number;
        if ((_mask & bit) == 0)
        {
            value = 0;
            return false;
        }

        value = _registers[BitOperations.PopCount(_mask & (bit - 1))];
        return true;
    }
}
