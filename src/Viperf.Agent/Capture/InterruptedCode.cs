using Viperf.Agent.CPython;

namespace Viperf.Agent.Capture;

/// <summary>Where a signal interrupted its thread.</summary>
internal readonly unsafe struct InterruptedCode
{
    // ucontext_t (asm/ucontext.h, asm/sigcontext.h): the registers of the interrupted code.
#if ARM64
    private const int StackPointerAt = 432;
    private const int ProgramCounterAt = 440;
#else
    private const int StackPointerAt = 160;
    private const int ProgramCounterAt = 168;
#endif

    /// <summary>Bytes of the evaluator that run only when it is entered: at least so many in every build that was looked at.</summary>
    private const int EntryBytes = 176;

    /// <summary>Bytes of the evaluator's C frame, at most.</summary>
    private const int EvaluatorFrameBytes = 1024;

    private readonly byte* _stackPointer;
    private readonly byte* _programCounter;

    /// <param name="context">What the handler got.</param>
    public InterruptedCode(void* context)
    {
        _stackPointer = *(byte**)((byte*)context + StackPointerAt);
        _programCounter = *(byte**)((byte*)context + ProgramCounterAt);
    }

    /// <summary>True if a call of the evaluator has just begun.</summary>
    public bool IsEnteringEvaluator => (nuint)(_programCounter - (byte*)PythonApi.DefaultEvaluator) < EntryBytes;

    /// <summary>True if something lies in the C frame that runs.</summary>
    public bool IsJustAbove(byte* variable) => variable >= _stackPointer && variable - _stackPointer < EvaluatorFrameBytes;
}
