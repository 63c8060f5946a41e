namespace Viperf.Core.Python;

/// <summary>How an interpreter is recorded so that whole stacks with its functions come out.</summary>
/// <param name="Options">The interpreter's options, before the program's name.</param>
/// <param name="HasFramePointers">True if its code links its frames: the kernel then finds callers itself, and copies of
/// stacks are needed only where it had to stop at its limit.</param>
public sealed record RecordingPlan(IReadOnlyList<string> Options, bool HasFramePointers)
{
    /// <summary>Plans for an interpreter; reads its code.</summary>
    /// <param name="python">The interpreter.</param>
    /// <param name="support">How its functions are to be shown: options are only for its own support.</param>
    public static RecordingPlan For(PythonInterpreter python, PythonSupport support)
    {
        bool hasFramePointers = FramePointers.Of(python.CodeFile, out _).Verdict == FramePointerVerdict.Present;

        // Without frame pointers other readers of the recording need the unwind information that the jitdump has.
        string? mode = !python.HasPerfSupport || support != PythonSupport.BuiltIn ? null
            : !hasFramePointers && python.HasPerfJitSupport ? "perf_jit"
            : "perf";
        return new RecordingPlan(mode is null ? [] : ["-X", mode], hasFramePointers);
    }
}
