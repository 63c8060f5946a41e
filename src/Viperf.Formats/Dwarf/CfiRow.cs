using System.Runtime.CompilerServices;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// One row of the table that call frame information stands for (DWARF 5 §6.4.1): how to find the caller's registers from
/// anywhere between two addresses. Large: pass it by reference, and keep an <see cref="UnwindRule"/> instead where
/// there is one.
/// </summary>
public struct CfiRow
{
    /// <summary>
    /// Registers that rows have rules for: all that unwinding takes, which are 0 to 16 on x86-64, and 0 to 31 and the
    /// RA_SIGN_STATE (34) on aarch64. Rules for vector registers are read over.
    /// </summary>
    public const int RegisterCount = 35;

    private Kinds _kinds;

    /// <summary>Meaningful where <see cref="_kinds"/> is not 0, so that a new row need not clear it.</summary>
    private Values _values;

    /// <summary>The first address that the row holds for.</summary>
    public ulong Start { get; internal set; }

    /// <summary>The first address behind.</summary>
    public ulong End { get; internal set; }

    /// <summary>How the canonical frame address is found.</summary>
    public CfaRule Cfa { get; internal set; }

    /// <summary>The register whose rule says where the return address is.</summary>
    public ushort ReturnAddressRegister { get; internal set; }

    /// <summary>
    /// True for frames that the kernel made to deliver a signal: their return address is the interrupted
    /// instruction, not the one behind a call.
    /// </summary>
    public bool IsSignalFrame { get; internal set; }

    /// <summary>aarch64: true where the return address is signed (DW_CFA_AARCH64_negate_ra_state), so that the
    /// signature must be taken off.</summary>
    public bool IsReturnAddressSigned { get; internal set; }

    /// <summary>aarch64: signed with key B and not with A.</summary>
    public bool SignsWithKeyB { get; internal set; }

    /// <summary>A register's rule; <see cref="CfiRuleKind.Unspecified"/> for numbers that rows have no rules for.</summary>
    public readonly CfiRule this[int register] =>
        (uint)register < RegisterCount && _kinds[register] != CfiRuleKind.Unspecified
            ? new CfiRule(_kinds[register], _values[register])
            : default;

    /// <summary>Sets a register's rule; does nothing for numbers that rows have no rules for.</summary>
    internal void Set(ulong register, CfiRuleKind kind, long value)
    {
        if (register < RegisterCount)
        {
            _kinds[(int)register] = kind;
            _values[(int)register] = value;
        }
    }

    /// <summary>True if a register has a rule that finds it anywhere but where it is.</summary>
    internal readonly bool Moves(int register) => _kinds[register] > CfiRuleKind.SameValue;

    /// <summary>Begins a row for which nothing is said yet.</summary>
    internal void Clear(ulong start, in CommonInformation common)
    {
        _kinds = default;
        Start = start;
        End = start;
        Cfa = default;
        ReturnAddressRegister = common.ReturnAddressRegister;
        IsSignalFrame = common.IsSignalFrame;
        IsReturnAddressSigned = false;
        SignsWithKeyB = common.SignsWithKeyB;
    }

    /// <summary>Takes rules back, the addresses being those of the program's progress.</summary>
    internal void RestoreRules(in CfiRow saved)
    {
        ulong start = Start;
        ulong end = End;
        this = saved;
        Start = start;
        End = end;
    }

    [InlineArray(RegisterCount)]
    private struct Kinds
    {
        private CfiRuleKind _first;
    }

    [InlineArray(RegisterCount)]
    private struct Values
    {
        private long _first;
    }
}
