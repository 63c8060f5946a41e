namespace Viperf.Agent.Trampolines;

/// <summary>
/// A generated frame evaluator (PEP 523) of one interpreter. It is never freed: another library that replaced it may call it
/// for ever after.
/// </summary>
internal unsafe struct Evaluator
{
    /// <summary>The evaluator that was there before, CPython's own or another library's; Entry.*.S reads it at offset 0.</summary>
    public void* Previous;

    /// <summary>Its code, at the start of a page of its own.</summary>
    public byte* Code;

    /// <summary>
    /// Memory for the name of code that is first called, <see cref="Evaluators.NameBytes"/> of it: not on the stack, where it
    /// would make a hole in the copies that profilers take of stacks.
    /// </summary>
    public byte* Name;

    /// <summary>The interpreter's number, which no other one gets; interpreters' addresses are used again.</summary>
    public long InterpreterId;

    /// <summary>What trampolines it makes while it is on.</summary>
    public Backend Backend;

    /// <summary>Number of the code objects' slot for perf maps' trampolines; -1 before it is asked for.</summary>
    public nint PerfMapIndex;

    /// <summary>Number of the code objects' slot for jitdumps' trampolines; -1 before it is asked for.</summary>
    public nint JitDumpIndex;

    /// <summary>True while its code looks for trampolines, false while it only passes on.</summary>
    public bool IsOn;

    /// <summary>True if another library's evaluator stood above it when it was switched off, and calls it still.</summary>
    public bool IsChained;

    /// <summary>The slot of the trampolines that it makes.</summary>
    public readonly nint Index => Backend == Backend.JitDump ? JitDumpIndex : PerfMapIndex;
}
