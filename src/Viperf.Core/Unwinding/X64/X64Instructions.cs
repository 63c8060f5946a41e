using System.Buffers.Binary;

namespace Viperf.Core.Unwinding.X64;

/// <summary>The few x86-64 instructions that tell of frames where no call frame information does.</summary>
internal static class X64Instructions
{
    /// <summary>call rel32.</summary>
    private const byte DirectCall = 0xe8;

    private const int DirectCallBytes = 5;

    private const byte PushRbp = 0x55;

    /// <summary>ret, and ret behind the prefix that old processors wanted.</summary>
    private const byte Return = 0xc3;

    /// <summary>endbr64 and the longest of what may follow it.</summary>
    public const int FunctionStartBytes = 8;

    private static ReadOnlySpan<byte> EndBranch => [0xf3, 0x0f, 0x1e, 0xfa];

    /// <summary>mov rbp, rsp.</summary>
    private static ReadOnlySpan<byte> SetFramePointer => [0x48, 0x89, 0xe5];

    /// <summary>jmp [rip + disp32], the second with the prefix bnd.</summary>
    private static ReadOnlySpan<byte> TableJump => [0xff, 0x25];

    private static ReadOnlySpan<byte> BoundTableJump => [0xf2, 0xff, 0x25];

    /// <summary>True if a call instruction ends with these bytes.</summary>
    public static bool EndsInCall(ReadOnlySpan<byte> code)
    {
        return code[^DirectCallBytes] == DirectCall
            || IsIndirect(code, 2) || IsIndirect(code, 3) || IsIndirect(code, 4) || IsIndirect(code, 6) || IsIndirect(code, 7);

        // call r/m64: ff /2, then a SIB byte and a displacement as ModRM says (Intel SDM, volume 2, §2.1).
        static bool IsIndirect(ReadOnlySpan<byte> code, int length)
        {
            byte opcode = code[^length];
            int modRm = code[^(length - 1)];
            if (opcode != 0xff || (modRm >> 3 & 7) != 2)
            {
                return false;
            }

            int mode = modRm >> 6;
            bool hasSib = mode != 3 && (modRm & 7) == 4;
            int displacement = mode switch
            {
                0 => (modRm & 7) == 5 ? 4 : 0,
                1 => 1,
                2 => 4,
                _ => 0,
            };
            return length == 2 + (hasSib ? 1 : 0) + displacement;
        }
    }

    /// <summary>The function that a call instruction calls, if it says so itself.</summary>
    public static bool TryGetCallTarget(ReadOnlySpan<byte> code, ulong next, out ulong target)
    {
        target = next + (ulong)(long)BinaryPrimitives.ReadInt32LittleEndian(code[^sizeof(int)..]);
        return code[^DirectCallBytes] == DirectCall;
    }

    /// <summary>True if a function starts with making a frame pointer.</summary>
    public static bool MakesFramePointer(ReadOnlySpan<byte> start)
    {
        var first = SkipEndBranch(start);
        return first[0] == PushRbp && first[1..].StartsWith(SetFramePointer);
    }

    /// <summary>True for a stub of the procedure linkage table.</summary>
    public static bool IsLinkageStub(ReadOnlySpan<byte> start)
    {
        var first = SkipEndBranch(start);
        return first.StartsWith(TableJump) || first.StartsWith(BoundTableJump);
    }

    /// <summary>Words in front of the return address, where the code tells; -1 where it does not.</summary>
    /// <param name="before">The word of code before the place.</param>
    /// <param name="code">The code from the place on.</param>
    public static int WordsBeforeReturnAddress(ReadOnlySpan<byte> before, ReadOnlySpan<byte> code) =>
        code[0] == Return || MakesFramePointer(code) ? 0
        : before[^1] == PushRbp && code.StartsWith(SetFramePointer) ? 1
        : -1;

    private static ReadOnlySpan<byte> SkipEndBranch(ReadOnlySpan<byte> start) =>
        start.StartsWith(EndBranch) ? start[EndBranch.Length..] : start;
}
