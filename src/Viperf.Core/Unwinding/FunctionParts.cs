using System.Buffers.Binary;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Unwinding;

/// <summary>
/// Finds the parts of a function that compilers put far from its start (GCC's <c>.cold</c>), in files without names for them. Each
/// has a description of its own in the call frame information, and the rest of the function jumps into its middle; into other
/// functions code jumps at their starts alone.
/// </summary>
internal static class FunctionParts
{
    /// <summary>Bytes that look like a jump lead anywhere: once that is chance.</summary>
    private const int FewestJumps = 2;

    /// <summary>Finds them.</summary>
    /// <param name="machine">The processor.</param>
    /// <param name="code">The function's bytes.</param>
    /// <param name="start">Virtual address of the first of them.</param>
    /// <param name="table">The file's call frame information.</param>
    /// <returns>First address of each part and the one behind it.</returns>
    public static List<(ulong Start, ulong End)> Find(ElfMachine machine, ReadOnlySpan<byte> code, ulong start, UnwindTable table)
    {
        var jumps = new Dictionary<(ulong Start, ulong End), int>();
        int step = machine == ElfMachine.EM_AARCH64 ? sizeof(uint) : 1;
        for (int i = 0; i < code.Length; i += step)
        {
            if (TryGetJump(machine, code[i..], out long distance) && start + (ulong)(i + distance) is var target
                && target - start >= (ulong)code.Length && TryFind(table, target, out var part) && part.Start < target
                && (part.Start >= start + (ulong)code.Length || part.End <= start))
            {
                jumps[part] = jumps.GetValueOrDefault(part) + 1;
            }
        }

        return [.. jumps.Where(part => part.Value >= FewestJumps).Select(part => part.Key)];
    }

    private static bool TryFind(UnwindTable table, ulong target, out (ulong Start, ulong End) part)
    {
        try
        {
            return table.TryFindFunction(target, out part);
        }
        catch (ParseException)
        {
            part = default;
            return false;
        }
    }

    /// <summary>Reads a jump as compilers use it between parts of a function; bytes from its own start to where it leads.</summary>
    private static bool TryGetJump(ElfMachine machine, ReadOnlySpan<byte> code, out long distance)
    {
        distance = 0;
        if (machine == ElfMachine.EM_AARCH64)
        {
            const uint Branch = 0x1400_0000;
            uint instruction = code.Length < sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(code);
            distance = (int)(instruction << 6) >> 4; // 26 bits, of instructions
            return (instruction & 0xfc00_0000) == Branch;
        }

        int operation = code[0] == 0xe9 ? 1 : code is [0x0f, >= 0x80 and <= 0x8f, ..] ? 2 : 0; // JMP and Jcc
        int length = operation + sizeof(int);
        if (operation == 0 || code.Length < length)
        {
            return false;
        }

        distance = length + (long)BinaryPrimitives.ReadInt32LittleEndian(code[operation..]);
        return true;
    }
}
