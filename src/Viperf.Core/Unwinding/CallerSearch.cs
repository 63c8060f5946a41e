using Viperf.Core.Profiles;

namespace Viperf.Core.Unwinding;

/// <summary>
/// Finds callers of code without call frame information: C libraries' returns from signals by their code, other code by its
/// frame pointer, and where that leads nowhere by the words of the stack that can be return addresses. What was called
/// before a return address tells a function's caller from what its locals and earlier calls have left there.
/// </summary>
internal sealed class CallerSearch<TMachine>
    where TMachine : struct, IMachine
{
    /// <summary>Words of the stack that are searched: 4 KiB, more than frames of code without information have.</summary>
    private const int MostWords = 512;

    /// <summary>
    /// Words that are weighed for one stack: eight for each that the longest copy has, and a look at a word may be three
    /// reads of a file. A stack of nothing but return addresses would cost that for 512 words at every one of them.
    /// </summary>
    private const int MostWordsOfStack = 1 << 16;

    /// <summary>Bytes of the longest function that a call of its start still speaks for.</summary>
    private const ulong MostFunctionBytes = 64 * 1024;

    private const ulong Word = sizeof(ulong);

    /// <summary>Words that may still be weighed for the present stack.</summary>
    private int _wordsLeft;

    /// <summary>What the instruction before an address says of it.</summary>
    private enum Evidence : byte
    {
        /// <summary>It is no call.</summary>
        None,

        /// <summary>It calls a function at another place, which at most went on here by a jump.</summary>
        CallsAnother,

        /// <summary>It calls whatever a register or a table says.</summary>
        CallsAny,

        /// <summary>It calls what begins shortly before the place whose caller is wanted.</summary>
        CallsThis,

        /// <summary>No call comes back there: it is where handlers of signals return to.</summary>
        EndsHandler,
    }

    /// <summary>Another stack is unwound from here on.</summary>
    public void Begin() => _wordsLeft = MostWordsOfStack;

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

        if (!isReturnAddress && TryLeaveUnmade(code, ip, ref registers, stack, out next))
        {
            return true;
        }

        if (TryFollowFramePointer(code, ip, isReturnAddress, ref registers, stack, out next, ref isGuessed))
        {
            return true;
        }

        if (TryScan(code, ip, ref registers, stack, out next, ref end))
        {
            isGuessed = true;
            return true;
        }

        return false;
    }

    /// <summary>Leaves a function whose code shows that it has not made its frame yet, or has given it up.</summary>
    private static bool TryLeaveUnmade(
        ICodeSpace code, ulong ip, ref RegisterFile registers, in StackMemory stack, out ulong next)
    {
        next = 0;
        Span<byte> around = stackalloc byte[sizeof(uint) + TMachine.FunctionStartBytes];
        if (!code.TryReadCode(ip - sizeof(uint), around))
        {
            return false;
        }

        int words = TMachine.WordsBeforeReturnAddress(around[..sizeof(uint)], around[sizeof(uint)..]);
        if (words < 0)
        {
            return false;
        }

        var caller = registers;
        caller.Set(TMachine.StackPointer, registers[TMachine.StackPointer] + ((ulong)words * Word));
        if (!TMachine.TryReturn(ref caller, stack, out next, out _) || Weigh(code, ip, next, out _) == Evidence.None)
        {
            return false;
        }

        registers = caller;
        return true;
    }

    /// <summary>
    /// Takes a frame pointer that points up the stack at another one and a return address, unless a word below it is
    /// behind a call of this very function: then the frame pointer is that caller's.
    /// </summary>
    private bool TryFollowFramePointer(
        ICodeSpace code, ulong ip, bool isReturnAddress, ref RegisterFile registers, in StackMemory stack, out ulong next,
        ref bool isGuessed)
    {
        next = 0;
        ulong stackPointer = registers[TMachine.StackPointer];
        if (!registers.TryGet(TMachine.FramePointer, out ulong framePointer)
            || framePointer < stackPointer || framePointer % Word != 0
            || !stack.TryRead(framePointer, out ulong outer) || !stack.TryRead(framePointer + Word, out next))
        {
            return false;
        }

        var evidence = Weigh(code, ip, next, out ulong target);
        bool isChain = outer > framePointer || outer == 0;
        if (evidence == Evidence.None || (evidence == Evidence.CallsAnother && !isChain))
        {
            return false;
        }

        ulong words = (framePointer - stackPointer) / Word;
        ulong behind = evidence == Evidence.CallsThis ? target : 0;
        if (TryFindCall(code, ip, stackPointer, words, behind, stack, out ulong place, out ulong nearer, out bool isClear))
        {
            next = nearer;
            isGuessed = true;
            Leave(ref registers, place);
            return true;
        }

        // Where the processor stands in the middle of a function, its frame may not be made yet.
        bool isMade = isClear && evidence == Evidence.CallsThis && MakesFramePointer(code, target);
        isGuessed |= !isMade && (!isReturnAddress || !isChain);
        registers.Set(TMachine.FramePointer, outer);
        Leave(ref registers, framePointer + Word);
        return true;
    }

    /// <summary>
    /// Takes the word behind a call of this function, or else the first behind any call. No call that may be of any
    /// function is passed over.
    /// </summary>
    private bool TryScan(
        ICodeSpace code, ulong ip, ref RegisterFile registers, in StackMemory stack, out ulong next, ref StackEnd end)
    {
        ulong start = (registers[TMachine.StackPointer] + Word - 1) & ~(Word - 1);
        if (TryFindCall(code, ip, start, MostWords, 0, stack, out ulong place, out next, out _))
        {
            Leave(ref registers, place);
            return true;
        }

        if (IsFrameCut(registers, stack))
        {
            end = StackEnd.CutByDump;
            next = 0;
            return false;
        }

        for (int i = 0; i < MostWords && _wordsLeft-- > 0; i++)
        {
            place = start + ((ulong)i * Word);
            if (!stack.TryRead(place, out next))
            {
                // A longer copy might have had the caller.
                end = stack.WhyNot(place) == StackEnd.CutByDump ? StackEnd.CutByDump : end;
                return false;
            }

            if (Weigh(code, ip, next, out _) != Evidence.None)
            {
                Leave(ref registers, place);
                return true;
            }
        }

        next = 0;
        return false;
    }

    /// <summary>True if a frame pointer leads to where a longer copy of the stack might have reached.</summary>
    private static bool IsFrameCut(in RegisterFile registers, in StackMemory stack) =>
        registers.TryGet(TMachine.FramePointer, out ulong framePointer) && framePointer % Word == 0
        && framePointer >= registers[TMachine.StackPointer] && !stack.TryRead(framePointer + Word, out _)
        && stack.WhyNot(framePointer + Word) == StackEnd.CutByDump;

    /// <summary>Finds the word behind the call whose function begins nearest before the place.</summary>
    /// <param name="code">The process's code.</param>
    /// <param name="ip">The place.</param>
    /// <param name="start">Where the words begin.</param>
    /// <param name="words">How many there are.</param>
    /// <param name="target">The function must begin behind this address.</param>
    /// <param name="stack">The stack.</param>
    /// <param name="place">Where the word lies.</param>
    /// <param name="next">The word.</param>
    /// <param name="isClear">False if not all words were weighed: one is behind a call of whatever function, or they are too many.</param>
    private bool TryFindCall(
        ICodeSpace code, ulong ip, ulong start, ulong words, ulong target, in StackMemory stack,
        out ulong place, out ulong next, out bool isClear)
    {
        isClear = true;
        next = 0;
        place = 0;
        for (ulong i = 0; i < Math.Min(words, MostWords) && stack.TryRead(start + (i * Word), out ulong word); i++)
        {
            if (--_wordsLeft < 0)
            {
                isClear = false;
                break;
            }

            var evidence = Weigh(code, ip, word, out ulong called);
            if (evidence == Evidence.CallsAny)
            {
                isClear = false;
                break;
            }

            if (evidence == Evidence.CallsThis && called > target)
            {
                (target, place, next) = (called, start + (i * Word), word);
            }

            // What lies above a signal's frame are frames of the code that it interrupted.
            if (evidence == Evidence.EndsHandler && IsSignalFrame(code, start + (i * Word) + Word, stack))
            {
                (place, next) = next == 0 ? (start + (i * Word), word) : (place, next);
                break;
            }
        }

        return next != 0;
    }

    /// <summary>Goes to the frame above the word that holds the return address.</summary>
    private static void Leave(ref RegisterFile registers, ulong place)
    {
        registers.Set(TMachine.StackPointer, place + Word);
        TMachine.ForgetReturnAddress(ref registers);
    }

    /// <summary>What speaks for a word of the stack being a place's return address, as far as the code can be read.</summary>
    private static Evidence Weigh(ICodeSpace code, ulong ip, ulong word, out ulong target)
    {
        target = 0;
        ulong address = TMachine.CodeAddress(word);
        if (address == 0 || !code.TryFind(address - 1, out var region))
        {
            return Evidence.None;
        }

        if (region.FunctionStart != 0
            && TMachine.FrameOfTrampoline(address - region.FunctionStart, region.FunctionSize)
                is TrampolineFrame.Made or TrampolineFrame.Linked)
        {
            return Evidence.CallsAny;
        }

        Span<byte> returning = stackalloc byte[TMachine.SignalReturnBytes];
        if (code.TryReadCode(address, returning) && TMachine.IsSignalReturn(returning))
        {
            return Evidence.EndsHandler;
        }

        Span<byte> before = stackalloc byte[TMachine.CallBytes];
        if (!code.TryReadCode(address - (ulong)TMachine.CallBytes, before))
        {
            // Which generated code was there is often not known any more: that it lies there must do.
            return region.IsJitted ? Evidence.CallsAny : Evidence.None;
        }

        if (!TMachine.EndsInCall(before))
        {
            return Evidence.None;
        }

        if (!TMachine.TryGetCallTarget(before, address, out target))
        {
            return Evidence.CallsAny;
        }

        if (ip - target < MostFunctionBytes)
        {
            return Evidence.CallsThis;
        }

        Span<byte> start = stackalloc byte[TMachine.FunctionStartBytes];
        return code.TryReadCode(target, start) && TMachine.IsLinkageStub(start) ? Evidence.CallsAny : Evidence.CallsAnother;
    }

    /// <summary>True if the kernel's frame of a signal lies at a place of the stack, and no remains of one.</summary>
    private static bool IsSignalFrame(ICodeSpace code, ulong place, in StackMemory stack)
    {
        RegisterFile interrupted = default;
        interrupted.Set(TMachine.StackPointer, place);
        return TMachine.TryReturnFromSignal(ref interrupted, stack, out ulong ip, out _) && code.TryFind(ip, out _);
    }

    private static bool MakesFramePointer(ICodeSpace code, ulong function)
    {
        Span<byte> start = stackalloc byte[TMachine.FunctionStartBytes];
        return code.TryReadCode(function, start) && TMachine.MakesFramePointer(start);
    }
}
