using Viperf.Abi;
using Viperf.Core.Profiles;

namespace Viperf.Core.Unwinding;

/// <summary>
/// The code that CPython generates for each Python function under <c>-X perf</c>, which calls the evaluator. It comes with
/// call frame information in jitdumps alone, but all of it is the same few instructions.
/// </summary>
/// <typeparam name="TMachine">The processor.</typeparam>
internal static class Trampolines<TMachine>
    where TMachine : struct, IMachine
{
    private const ulong Word = sizeof(ulong);

    /// <summary>x86-64's and aarch64's smallest page: nothing may lie before the first trampoline's or behind the last one's.</summary>
    private const ulong PageBytes = 4096;

    /// <summary>What frame a trampoline has at a place in generated code, if one is there.</summary>
    /// <param name="code">The process's code.</param>
    /// <param name="region">The code around the place.</param>
    /// <param name="ip">The place.</param>
    public static TrampolineFrame FrameAt(ICodeSpace code, in CodeRegion region, ulong ip)
    {
        if (!region.IsJitted)
        {
            return TrampolineFrame.None;
        }

        if (region.FunctionStart != 0)
        {
            bool isEvaluator = region.FunctionSize == AgentCode.EvaluatorBytes && region.FunctionStart % PageBytes == 0;
            return isEvaluator ? TrampolineFrame.Bare : TMachine.FrameOfTrampoline(ip - region.FunctionStart, region.FunctionSize);
        }

        if (IsEvaluator(code, ip))
        {
            return TrampolineFrame.Bare;
        }

        Span<byte> bytes = stackalloc byte[2 * TMachine.TrampolineBytes];
        int before = TMachine.TrampolineBytes;
        if (!code.TryReadCode(ip - (ulong)before, bytes))
        {
            int inPage = (int)(ip % PageBytes);
            before = Math.Min(before, inPage);
            bytes = bytes[..(before + Math.Min(TMachine.TrampolineBytes, (int)PageBytes - inPage))];
            if (!code.TryReadCode(ip - (ulong)before, bytes))
            {
                return TrampolineFrame.None;
            }
        }

        return TMachine.TryFindTrampoline(bytes, before, out ulong offset, out uint size)
            ? TMachine.FrameOfTrampoline(offset, size)
            : TrampolineFrame.None;
    }

    /// <summary>True in the evaluator that viperf's agent generates, from which all trampolines are jumped to.</summary>
    private static bool IsEvaluator(ICodeSpace code, ulong ip)
    {
        Span<byte> mark = stackalloc byte[AgentCode.EvaluatorMark.Length];
        ulong inPage = ip % PageBytes;
        return inPage < AgentCode.EvaluatorBytes
            && code.TryReadCode(ip - inPage + AgentCode.EvaluatorBytes, mark)
            && mark.SequenceEqual(AgentCode.EvaluatorMark);
    }

    /// <summary>Goes to the caller of a trampoline whose frame lies at its frame pointer.</summary>
    /// <param name="registers">The trampoline's registers; afterwards the caller's.</param>
    /// <param name="stack">The stack.</param>
    /// <param name="returnAddress">Where the caller goes on.</param>
    /// <param name="end">Why not, if not.</param>
    public static bool TryLeaveLinked(
        ref RegisterFile registers, in StackMemory stack, out ulong returnAddress, out StackEnd end)
    {
        returnAddress = 0;
        end = StackEnd.BadUnwindInfo;
        if (!registers.TryGet(TMachine.FramePointer, out ulong own) || own < registers[TMachine.StackPointer])
        {
            return false;
        }

        end = stack.WhyNot(own + Word);
        if (!stack.TryRead(own + Word, out returnAddress) || !stack.TryRead(own, out ulong framePointer))
        {
            return false;
        }

        registers.Set(TMachine.FramePointer, framePointer);
        registers.Set(TMachine.StackPointer, own + TMachine.LinkedFrameBytes);
        TMachine.ForgetReturnAddress(ref registers);
        return true;
    }

    /// <summary>Goes to the caller of a trampoline that has its frame.</summary>
    /// <param name="registers">The trampoline's registers; afterwards the caller's.</param>
    /// <param name="stack">The stack.</param>
    /// <param name="returnAddress">Where the caller goes on.</param>
    /// <param name="end">Why not, if not.</param>
    public static bool TryLeave(ref RegisterFile registers, in StackMemory stack, out ulong returnAddress, out StackEnd end)
    {
        ulong stackPointer = registers[TMachine.StackPointer];
        end = stack.WhyNot(stackPointer + Word);
        if (!stack.TryRead(stackPointer + Word, out returnAddress) || !stack.TryRead(stackPointer, out ulong framePointer))
        {
            return false;
        }

        // The older ones leave the frame pointer alone, and what lies below their return address is nothing.
        if (registers.TryGet(TMachine.FramePointer, out ulong own) && own == stackPointer)
        {
            registers.Set(TMachine.FramePointer, framePointer);
        }

        registers.Set(TMachine.StackPointer, stackPointer + (2 * Word));
        TMachine.ForgetReturnAddress(ref registers);
        return true;
    }
}
