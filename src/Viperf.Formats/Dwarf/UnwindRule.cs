using System.Runtime.CompilerServices;
using Viperf.Formats.Elf;

namespace Viperf.Formats.Dwarf;

/// <summary>The shapes of frames that an <see cref="UnwindRule"/> can tell.</summary>
public enum UnwindRuleKind : byte
{
    /// <summary>Of another shape: the whole <see cref="CfiRow"/> is needed.</summary>
    NeedsRow,

    /// <summary>The canonical frame address is the stack pointer plus an offset.</summary>
    StackPointer,

    /// <summary>The canonical frame address is the frame pointer plus an offset.</summary>
    FramePointer,

    /// <summary>The frame has no caller.</summary>
    Outermost,
}

/// <summary>
/// What nearly every <see cref="CfiRow"/> of x86-64 and aarch64 says, in 16 bytes for a cache: the canonical frame address
/// (CFA) is the stack or frame pointer plus an offset, and the registers that functions preserve are where they were or
/// saved below the CFA. On x86-64 the return address then is at CFA - 8; on aarch64 it is in x30, saved or not.
/// </summary>
public readonly struct UnwindRule
{
    /// <summary>Offsets are multiples of it.</summary>
    private const int Unit = 8;

    private const byte SignalFrame = 1;
    private const byte SignedReturnAddress = 2;
    private const byte SavesSome = 4;

    /// <summary>In units, above the register.</summary>
    private readonly ushort _cfaOffset;
    private readonly byte _flags;

    /// <summary>By index in <see cref="PreservedRegisters"/>, in units below the CFA; 0 for those that were not saved.</summary>
    private readonly Saved _saved;

    private UnwindRule(UnwindRuleKind kind, ushort cfaOffset = 0, byte flags = 0, Saved saved = default)
    {
        Kind = kind;
        _cfaOffset = cfaOffset;
        _flags = flags;
        _saved = saved;
    }

    /// <summary>The frame's shape.</summary>
    public UnwindRuleKind Kind { get; }

    /// <summary>Bytes from the register that <see cref="Kind"/> names up to the CFA.</summary>
    public int CfaOffset => _cfaOffset * Unit;

    /// <summary>See <see cref="CfiRow.IsSignalFrame"/>.</summary>
    public bool IsSignalFrame => (_flags & SignalFrame) != 0;

    /// <summary>See <see cref="CfiRow.IsReturnAddressSigned"/>.</summary>
    public bool IsReturnAddressSigned => (_flags & SignedReturnAddress) != 0;

    /// <summary>False if all preserved registers still have the caller's values.</summary>
    public bool SavesRegisters => (_flags & SavesSome) != 0;

    /// <summary>
    /// DWARF numbers of the registers that a function preserves for its caller: rbx, rbp, r12 to r15 on x86-64; x19 to
    /// x29 and x30, the link register, on aarch64. None for other processors.
    /// </summary>
    public static ReadOnlySpan<byte> PreservedRegisters(ElfMachine machine) => machine switch
    {
        ElfMachine.EM_X86_64 => [3, 6, 12, 13, 14, 15],
        ElfMachine.EM_AARCH64 => [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30],
        _ => [],
    };

    /// <summary>Where a preserved register was saved: bytes below the CFA; 0 where it still has the caller's value.</summary>
    /// <param name="index">Of the register in <see cref="PreservedRegisters"/>.</param>
    public int SavedBelowCfa(int index) => _saved[index] * Unit;

    /// <summary>The row's rule, or <see cref="UnwindRuleKind.NeedsRow"/>.</summary>
    public static UnwindRule From(in CfiRow row, ElfMachine machine)
    {
        var preserved = PreservedRegisters(machine);
        if (preserved.IsEmpty)
        {
            return default;
        }

        bool isX64 = machine == ElfMachine.EM_X86_64;
        int returnAddress = isX64 ? 16 : 30;
        if (row.ReturnAddressRegister != returnAddress)
        {
            return default;
        }

        if (row[returnAddress].Kind == CfiRuleKind.Undefined)
        {
            return new UnwindRule(UnwindRuleKind.Outermost);
        }

        (int stackPointer, int framePointer) = isX64 ? (7, 6) : (31, 29);
        if (row.Cfa.Kind != CfaRuleKind.RegisterOffset
            || (row.Cfa.Register != stackPointer && row.Cfa.Register != framePointer)
            || row.Cfa.Value is < 0 or > ushort.MaxValue * Unit || row.Cfa.Value % Unit != 0
            || (isX64 && row[returnAddress] != new CfiRule(CfiRuleKind.Offset, -Unit)))
        {
            return default;
        }

        Saved saved = default;
        bool savesSome = false;
        int next = 0;
        for (int register = 0; register < CfiRow.RegisterCount; register++)
        {
            bool isPreserved = next < preserved.Length && preserved[next] == register;
            if (row.Moves(register) && (!isX64 || register != returnAddress))
            {
                var rule = row[register];
                if (!isPreserved || rule.Kind != CfiRuleKind.Offset
                    || rule.Value is >= 0 or < -byte.MaxValue * Unit || rule.Value % Unit != 0)
                {
                    return default;
                }

                saved[next] = (byte)(-rule.Value / Unit);
                savesSome = true;
            }
            else if (isPreserved && row[register].Kind == CfiRuleKind.Undefined)
            {
                return default;
            }

            next += isPreserved ? 1 : 0;
        }

        return new UnwindRule(
            row.Cfa.Register == stackPointer ? UnwindRuleKind.StackPointer : UnwindRuleKind.FramePointer,
            (ushort)(row.Cfa.Value / Unit),
            (byte)((row.IsSignalFrame ? SignalFrame : 0) | (row.IsReturnAddressSigned ? SignedReturnAddress : 0)
                | (savesSome ? SavesSome : 0)),
            saved);
    }

    [InlineArray(12)]
    private struct Saved
    {
        private byte _first;
    }
}
