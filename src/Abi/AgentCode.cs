namespace Viperf.Abi;

/// <summary>The code that agents generate, as the unwinder recognises it.</summary>
internal static class AgentCode
{
    /// <summary>
    /// Bytes that an evaluator is said to have. It begins a page, never has a frame, and jumps to where it goes.
    /// </summary>
    public const int EvaluatorBytes = 128;

    /// <summary>What stands behind an evaluator, to tell it from other generated code: 16 bytes.</summary>
    public static ReadOnlySpan<byte> EvaluatorMark => "viperf evaluator"u8;
}
