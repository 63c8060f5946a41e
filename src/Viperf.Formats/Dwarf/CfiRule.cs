namespace Viperf.Formats.Dwarf;

/// <summary>How a frame's caller's register is found (DWARF 5 §6.4.1, "register rules").</summary>
public enum CfiRuleKind : byte
{
    /// <summary>
    /// Nothing was said. By the processors' ABIs that means <see cref="SameValue"/> for registers that functions
    /// preserve, and <see cref="Undefined"/> for others.
    /// </summary>
    Unspecified,

    /// <summary>The value is lost. For the return address: this frame is the outermost.</summary>
    Undefined,

    /// <summary>The caller has the value that the register still has.</summary>
    SameValue,

    /// <summary>Saved at the address CFA plus <see cref="CfiRule.Value"/> bytes.</summary>
    Offset,

    /// <summary>The value is the CFA plus <see cref="CfiRule.Value"/>.</summary>
    ValOffset,

    /// <summary>In the register of number <see cref="CfiRule.Value"/>.</summary>
    Register,

    /// <summary>Saved at the address that an expression gives.</summary>
    Expression,

    /// <summary>The value is what an expression gives.</summary>
    ValExpression,
}

/// <summary>The rule for one register.</summary>
/// <param name="Kind">How the value is found.</param>
/// <param name="Value">What that takes: bytes, a register's number, or a packed place of an expression.</param>
public readonly record struct CfiRule(CfiRuleKind Kind, long Value);

/// <summary>How the canonical frame address is found (DWARF 5 §6.4.2.2).</summary>
public enum CfaRuleKind : byte
{
    /// <summary>Nothing was said: the frame cannot be unwound.</summary>
    Unspecified,

    /// <summary>A register plus an offset.</summary>
    RegisterOffset,

    /// <summary>What an expression gives.</summary>
    Expression,
}

/// <summary>The rule for the canonical frame address: on x86-64 and aarch64 the caller's stack pointer.</summary>
/// <param name="Kind">How it is found.</param>
/// <param name="Register">The register's number, for <see cref="CfaRuleKind.RegisterOffset"/>.</param>
/// <param name="Value">Bytes added to the register, or a packed place of an expression.</param>
public readonly record struct CfaRule(CfaRuleKind Kind, ushort Register, long Value);
