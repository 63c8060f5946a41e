using Viperf.Core.Profiles;
using Viperf.Core.Unwinding.Arm64;
using Viperf.Core.Unwinding.X64;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Unwinding;

/// <summary>What became of unwinding one stack.</summary>
/// <param name="End">Why it ends where it ends.</param>
/// <param name="IsGuessed">True if a caller was found by searching, or by a frame pointer that nothing vouches for.</param>
/// <param name="Last">The address whose caller was not found; of no meaning for complete stacks.</param>
public readonly record struct UnwindResult(StackEnd End, bool IsGuessed, ulong Last);

/// <summary>
/// Finds the callers of the code that a sample was taken in, from its registers and the copy of its stack. Most frames
/// take one look into a cache of rules and two reads of the stack.
/// </summary>
public abstract class StackUnwinder
{
    private protected StackUnwinder()
    {
    }

    /// <summary>Counts of what the cache of rules did.</summary>
    internal RuleCache Cache { get; } = new();

    /// <summary>An unwinder for a processor; null for one that viperf does not unwind.</summary>
    public static StackUnwinder? For(ElfMachine machine) => machine switch
    {
        ElfMachine.EM_X86_64 => new StackUnwinder<X64Machine>(),
        ElfMachine.EM_AARCH64 => new StackUnwinder<Arm64Machine>(),
        _ => null,
    };

    /// <summary>Unwinds a sample's stack.</summary>
    /// <param name="code">The process's code.</param>
    /// <param name="state">Registers and stack.</param>
    /// <param name="chain">Gets the stack's entries added, a marker first.</param>
    public abstract UnwindResult Unwind(ICodeSpace code, in UserStateView state, CallChain chain);
}

/// <summary>The unwinder for one processor.</summary>
internal sealed class StackUnwinder<TMachine> : StackUnwinder
    where TMachine : struct, IMachine
{
    private readonly RowStepper<TMachine> _rows = new();
    private readonly CallerSearch<TMachine> _search = new();

    public override UnwindResult Unwind(ICodeSpace code, in UserStateView state, CallChain chain)
    {
        if (state.Abi != RegistersAbi.PERF_SAMPLE_REGS_ABI_64)
        {
            // The kernel gives none at all where there is no program: in its own threads, and in those that have ended.
            bool hasProgram = state.Abi != RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE;
            return new UnwindResult(hasProgram ? StackEnd.NoRegisters : StackEnd.Unknown, false, 0);
        }

        RegisterFile registers = default;
        for (int register = 0; register <= TMachine.ProgramCounter; register++)
        {
            int number = TMachine.KernelNumber(register);
            if (number >= 0 && state.TryGetRegister(number, out ulong value))
            {
                registers.Set(register, value);
            }
        }

        if (!registers.TryGet(TMachine.ProgramCounter, out ulong ip)
            || !registers.TryGet(TMachine.StackPointer, out ulong stackPointer) || ip is 0 or >= CallchainContext.PERF_CONTEXT_MAX)
        {
            return new UnwindResult(StackEnd.NoRegisters, false, 0);
        }

        var stack = new StackMemory(stackPointer, state.Stack, state.IsStackCut);
        return Unwind(code, ip, ref registers, stack, chain);
    }

    /// <summary>
    /// Goes from caller to caller. It ends: every step moves the stack pointer up, but for the first, which may stay, and
    /// those from a signal's handler, which may lead to another stack; and a chain has
    /// <see cref="Formats.Bytes.Limits.CallchainEntries"/> entries at most.
    /// </summary>
    private UnwindResult Unwind(
        ICodeSpace code, ulong ip, ref RegisterFile registers, in StackMemory stack, CallChain chain)
    {
        uint generation = code.Generation;
        bool isGuessed = false;
        bool isReturnAddress = false;
        int rows = 0;
        _search.Begin();
        chain.Add(CallchainContext.PERF_CONTEXT_USER);
        chain.Add(ip);
        while (chain.Count < Formats.Bytes.Limits.CallchainEntries)
        {
            ulong lookup = isReturnAddress ? ip - 1 : ip;
            if (!Cache.Find(lookup, generation, out int slot))
            {
                Fill(ref Cache[slot], code, generation, lookup, ip);
            }

            ref readonly var step = ref Cache[slot];
            ulong stackPointer = registers[TMachine.StackPointer];
            ulong next = 0;
            StackEnd end = default;
            bool isSignalFrame = false;
            bool found;
            switch (step.Kind)
            {
                case StepKind.Rule:
                    isSignalFrame = step.Rule.IsSignalFrame;
                    found = TMachine.TryStep(step.Rule, ref registers, stack, out next, out end);
                    break;
                case StepKind.Row when ++rows > Formats.Bytes.Limits.StackRows:
                    return new UnwindResult(StackEnd.CutByLimit, isGuessed, ip);
                case StepKind.Row:
                    found = _rows.TryStep(code, lookup, ip, ref registers, stack, out next, out isSignalFrame, out end);
                    break;
                case StepKind.Trampoline:
                    found = Trampolines<TMachine>.TryLeave(ref registers, stack, out next, out end);
                    break;
                case StepKind.LinkedTrampoline:
                    found = Trampolines<TMachine>.TryLeaveLinked(ref registers, stack, out next, out end);
                    break;
                case StepKind.BareTrampoline:
                    found = TMachine.TryReturn(ref registers, stack, out next, out end);
                    break;
                case StepKind.Outermost:
                    return new UnwindResult(StackEnd.Complete, isGuessed, ip);
                case StepKind.Unmapped:
                    return new UnwindResult(StackEnd.UnmappedCode, isGuessed, ip);
                default:
                    found = _search.TryFind(
                        code, ip, isReturnAddress, ref registers, stack, out next, out isSignalFrame, ref isGuessed, out end);
                    break;
            }

            if (!found)
            {
                return new UnwindResult(end, isGuessed, ip);
            }

            next = TMachine.CodeAddress(next);
            if (next == 0)
            {
                return new UnwindResult(StackEnd.Complete, isGuessed, ip); // what C libraries leave below a thread's first frame
            }

            if (next >= CallchainContext.PERF_CONTEXT_MAX)
            {
                return new UnwindResult(StackEnd.UnmappedCode, isGuessed, ip); // a marker, if it came into a chain
            }

            ulong moved = registers[TMachine.StackPointer];
            bool advances = moved > stackPointer || isSignalFrame || (moved == stackPointer && !isReturnAddress && next != ip);
            if (!advances)
            {
                return new UnwindResult(StackEnd.BadUnwindInfo, isGuessed, ip);
            }

            if (isSignalFrame)
            {
                chain.Add(CallchainContext.PERF_CONTEXT_USER);
            }

            ip = next;
            isReturnAddress = !isSignalFrame;
            chain.Add(ip);
        }

        return new UnwindResult(StackEnd.CutByLimit, isGuessed, ip);
    }

    /// <summary>Finds out how the frame at an address is left.</summary>
    internal static void Fill(ref Step step, ICodeSpace code, uint generation, ulong lookup, ulong ip)
    {
        step = new Step { Address = lookup, Generation = generation };
        if (!code.TryFind(lookup, out var region))
        {
            step.Kind = StepKind.Unmapped;
            return;
        }

        step.Kind = RowStepper<TMachine>.KindOf(region, lookup, out step.Rule);
        bool isLasting = region.IsLasting;
        var frame = Trampolines<TMachine>.FrameAt(code, region, ip);

        // What CPython 3.14 says of its trampolines forgets that the frame is gone at the return.
        if (step.Kind == StepKind.Search ? frame != TrampolineFrame.None : frame == TrampolineFrame.Bare)
        {
            isLasting |= step.Kind == StepKind.Search && region.FunctionStart == 0; // it was seen there, and CPython never takes one away
            step.Kind = frame switch
            {
                TrampolineFrame.Made => StepKind.Trampoline,
                TrampolineFrame.Linked => StepKind.LinkedTrampoline,
                _ => StepKind.BareTrampoline,
            };
        }

        if (!isLasting)
        {
            step.Generation = 0; // the slot counts as empty next time
        }
    }
}
