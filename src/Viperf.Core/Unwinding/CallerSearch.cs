using Viperf.Core.Profiles;

namespace Viperf.Core.Unwinding;

/// <summary>
/// Finds callers of code without call frame information: C libraries' returns from signals by their code, other code by its
/// frame pointer, and where that leads nowhere by the first word of the stack that can be a return address.
/// </summary>
internal sealed class CallerSearch<TMachine>
    where TMachine : struct, IMachine
{
    /// <summary>Words of the stack that are searched: 4 KiB, more than frames of code without information have.</summary>
    private const int MostWords = 512;

    private const ulong Word = sizeof(ulong);

    /// <summary>Goes to the caller's frame.</summary>
    /// <param name="code">The process's code.</param>
    /// <param name="ip">The frame's instruction or return address.</param>
    /// <param name="isReturnAddress">Which of the two it is.</param>
    /// <param name="registers">The frame's registers; afterwards the caller's.</param>
    /// <param name="stack">The stack.</param>
    /// <param name="next">Where the caller goes on.</param>
    /// <param name="isSignalFrame">True if it goes on exactly there, having been interrupted.</param>
    /// <param name="isGuessed">Becomes true if nothing vouches for the caller.</param>
    /// <param name="end">Why not, if not.</param>
    public bool TryFind(
        ICodeSpace code, ulong ip, bool isReturnAddress, ref RegisterFile registers, in StackMemory stack,
        out ulong next, out bool isSignalFrame, ref bool isGuessed, out StackEnd end)
    {
        isSignalFrame = false;
        end = StackEnd.NoUnwindInfo;
        Span<byte> bytes = stackalloc byte[TMachine.SignalReturnBytes];
        if (code.TryReadCode(ip, bytes) && TMachine.IsSignalReturn(bytes))
        {
            isSignalFrame = true;
            return TMachine.TryReturnFromSignal(ref registers, stack, out next, out end);
        }

        // Where the processor stands in the middle of a function, its frame may not be made yet.
        if (TryFollowFramePointer(code, ref registers, stack, out next))
        {
            isGuessed |= !isReturnAddress;
            return true;
        }

        if (TryScan(code, ref registers, stack, out next, ref end))
        {
            isGuessed = true;
            return true;
        }

        return false;
    }

    /// <summary>Takes a frame pointer that points up the stack at another one and a return address.</summary>
    private static bool TryFollowFramePointer(ICodeSpace code, ref RegisterFile registers, in StackMemory stack, out ulong next)
    {
        next = 0;
        if (!registers.TryGet(TMachine.FramePointer, out ulong framePointer)
            || framePointer < registers[TMachine.StackPointer] || framePointer % Word != 0
            || !stack.TryRead(framePointer, out ulong outer) || !stack.TryRead(framePointer + Word, out next)
            || (outer <= framePointer && outer != 0) || !IsReturnAddress(code, TMachine.CodeAddress(next)))
        {
            return false;
        }

        registers.Set(TMachine.FramePointer, outer);
        registers.Set(TMachine.StackPointer, framePointer + 2 * Word);
        TMachine.ForgetReturnAddress(ref registers);
        return true;
    }

    private static bool TryScan(
        ICodeSpace code, ref RegisterFile registers, in StackMemory stack, out ulong next, ref StackEnd end)
    {
        ulong place = (registers[TMachine.StackPointer] + Word - 1) & ~(Word - 1);
        for (int i = 0; i < MostWords; i++, place += Word)
        {
            if (!stack.TryRead(place, out next))
            {
                // A longer copy might have had the caller.
                end = stack.WhyNot(place) == StackEnd.CutByDump ? StackEnd.CutByDump : end;
                return false;
            }

            if (IsReturnAddress(code, TMachine.CodeAddress(next)))
            {
                registers.Set(TMachine.StackPointer, place + Word);
                TMachine.ForgetReturnAddress(ref registers);
                return true;
            }
        }

        next = 0;
        return false;
    }

    /// <summary>True if the instruction before an address is a call, as far as the code can be read.</summary>
    private static bool IsReturnAddress(ICodeSpace code, ulong address)
    {
        if (address == 0 || !code.TryFind(address - 1, out var region))
        {
            return false;
        }

        if (region.FunctionStart != 0
            && TMachine.FrameOfTrampoline(address - region.FunctionStart, region.FunctionSize) == TrampolineFrame.Made)
        {
            return true;
        }

        // Which generated code was there is often not known any more: that it lies there must do.
        Span<byte> before = stackalloc byte[TMachine.CallBytes];
        return code.TryReadCode(address - (ulong)TMachine.CallBytes, before) ? TMachine.EndsInCall(before) : region.IsJitted;
    }
}
