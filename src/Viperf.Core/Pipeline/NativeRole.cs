namespace Viperf.Core.Pipeline;

/// <summary>What a native frame is to the Python frames that go into its chain.</summary>
internal enum NativeRole : byte
{
    /// <summary>Nothing: it stays.</summary>
    None,

    /// <summary>A call of the evaluator, which ran one run of Python frames.</summary>
    Evaluator,

    /// <summary>A stack trampoline: machine code around a call of the evaluator, which stands for a Python function too.</summary>
    Trampoline,
}
