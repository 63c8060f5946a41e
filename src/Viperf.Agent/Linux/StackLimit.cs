namespace Viperf.Agent.Linux;

/// <summary>
/// How far down a thread's stack may be used. With an evaluator of ours CPython 3.11 to 3.13 take C stack for calls that
/// would take none, so that a program that raised its recursion limit could overflow it where it did not before.
/// </summary>
internal static unsafe class StackLimit
{
    /// <summary>
    /// What is left for C code below the last Python call: the 1,500 nested calls that 3.12 allows it take about half; bytes.
    /// </summary>
    private const nuint Margin = 1024 * 1024;

    /// <summary>Finds the running thread's limit, where it is not known yet.</summary>
    /// <returns>The lowest stack pointer with which a call may begin; 0 where the stack's size is not to be had.</returns>
    public static nuint OfThisThread()
    {
        var thread = ThreadBlock.OfThisThread();
        if (thread->StackLimit == ThreadBlock.Unknown)
        {
            thread->StackLimit = Ask();
        }

        return thread->StackLimit;
    }

    private static nuint Ask() => ThreadStack.TryFind(out nuint lowest, out nuint end)
        ? lowest + ((end - lowest) / 4 < Margin ? (end - lowest) / 4 : Margin)
        : 0;
}
