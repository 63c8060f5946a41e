using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;

namespace Viperf.Core.Unwinding;

/// <summary>Steps to callers by whole rows of call frame information: expressions, realigned stacks, signals.</summary>
internal sealed class RowStepper<TMachine>
    where TMachine : struct, IMachine
{
    /// <summary>How the frame at an address is left, and the rule for that if one does.</summary>
    public static StepKind KindOf(in CodeRegion region, ulong lookup, out UnwindRule rule)
    {
        rule = default;
        ulong address = lookup - region.Bias;
        try
        {
            if (region.Table?.Find(address, out var row) is not null)
            {
                rule = UnwindRule.From(row, TMachine.Elf);
                return rule.Kind switch
                {
                    UnwindRuleKind.NeedsRow when row[row.ReturnAddressRegister].Kind == CfiRuleKind.Undefined => StepKind.Outermost,
                    UnwindRuleKind.NeedsRow => StepKind.Row,
                    UnwindRuleKind.Outermost => StepKind.Outermost,
                    _ => StepKind.Rule,
                };
            }
        }
        catch (ParseException)
        {
            // Information that contradicts itself is as good as none.
        }

        return region.Table?.IsEntryCode(address) == true ? StepKind.Outermost : StepKind.Search;
    }

    /// <summary>Goes to the caller's frame.</summary>
    /// <param name="code">The process's code.</param>
    /// <param name="lookup">The address that the row is looked up by.</param>
    /// <param name="ip">The frame's instruction or return address.</param>
    /// <param name="registers">The frame's registers; afterwards the caller's.</param>
    /// <param name="stack">The stack.</param>
    /// <param name="returnAddress">Where the caller goes on.</param>
    /// <param name="isSignalFrame">True if it goes on exactly there, having been interrupted.</param>
    /// <param name="end">Why not, if not.</param>
    public unsafe bool TryStep(
        ICodeSpace code, ulong lookup, ulong ip, ref RegisterFile registers, in StackMemory stack,
        out ulong returnAddress, out bool isSignalFrame, out StackEnd end)
    {
        returnAddress = 0;
        isSignalFrame = false;
        end = StackEnd.BadUnwindInfo;
        registers.Set(TMachine.ProgramCounter, ip);
        fixed (byte* bytes = stack.Bytes)
        fixed (RegisterFile* frameRegisters = &registers)
        {
            var frame = new FrameContext(frameRegisters, stack.Start, bytes, stack.Bytes.Length);
            try
            {
                if (!code.TryFind(lookup, out var region)
                    || region.Table?.Find(lookup - region.Bias, out var row) is not { } table)
                {
                    return false;
                }

                if (!table.TryGetCfa(row, ref frame, out ulong cfa)
                    || !table.TryGetRegister(row, row.ReturnAddressRegister, cfa, ref frame, out returnAddress))
                {
                    end = frame.Unread != 0 ? stack.WhyNot(frame.Unread) : StackEnd.BadUnwindInfo;
                    return false;
                }

                isSignalFrame = row.IsSignalFrame;
                var caller = CallerOf(table, row, cfa, ref frame);
                registers = caller;
                if (!isSignalFrame)
                {
                    TMachine.ForgetReturnAddress(ref registers);
                }

                return true;
            }
            catch (ParseException)
            {
                return false;
            }
        }
    }

    private static RegisterFile CallerOf(CfiTable table, in CfiRow row, ulong cfa, ref FrameContext frame)
    {
        RegisterFile caller = default;
        for (int register = 0; register < RegisterFile.Count; register++)
        {
            bool isKept = row[register].Kind != CfiRuleKind.Unspecified || IsPreserved(register);
            if (isKept
                && (table.TryGetRegister(row, register, cfa, ref frame, out ulong value) || TryGetPopped(ref frame, register, out value)))
            {
                caller.Set(register, value);
            }
        }

        if (row[TMachine.StackPointer].Kind == CfiRuleKind.Unspecified)
        {
            caller.Set(TMachine.StackPointer, cfa);
        }

        return caller;
    }

    /// <summary>
    /// The value of a register whose place could not be read since it lies below the stack pointer: it has been popped, and
    /// the register has it, though compilers do not say so.
    /// </summary>
    private static bool TryGetPopped(ref FrameContext frame, int register, out ulong value)
    {
        value = 0;
        return frame.TryGetRegister(TMachine.StackPointer, out ulong stackPointer) && frame.TakeUnread() is var place and not 0
            && place < stackPointer && frame.TryGetRegister(register, out value);
    }

    private static bool IsPreserved(int register) =>
        UnwindRule.PreservedRegisters(TMachine.Elf).Contains((byte)register);
}
