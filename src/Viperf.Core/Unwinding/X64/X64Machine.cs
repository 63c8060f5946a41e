using Viperf.Core.Profiles;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;

namespace Viperf.Core.Unwinding.X64;

/// <summary>x86-64 by the System V ABI.</summary>
internal readonly struct X64Machine : IMachine
{
    private const int Rbp = 6;
    private const int Rsp = 7;
    private const int ReturnAddress = 16;

    /// <summary>By DWARF number (System V ABI, figure 3.36): the kernel's (asm/perf_regs.h).</summary>
    private static ReadOnlySpan<byte> KernelNumbers => [0, 3, 2, 1, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 8];

    /// <summary>mov rax, 15 (rt_sigreturn); syscall.</summary>
    private static ReadOnlySpan<byte> SignalReturn => [0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05];

    /// <summary>
    /// By place in the kernel's <c>gregs</c> (asm/sigcontext.h): DWARF numbers of r8 to r15, rdi, rsi, rbp, rbx, rdx, rax,
    /// rcx, rsp and rip.
    /// </summary>
    private static ReadOnlySpan<byte> SignalRegisters => [8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16];

    /// <summary>Bytes from the stack pointer to <c>uc_mcontext</c>: flags, link and the alternate stack lie before it.</summary>
    private const ulong SignalContextOffset = 40;

    public static ElfMachine Elf => ElfMachine.EM_X86_64;

    public static int StackPointer => Rsp;

    public static int FramePointer => Rbp;

    public static int ProgramCounter => ReturnAddress;

    public static int CallBytes => 7;

    public static int SignalReturnBytes => SignalReturn.Length;

    public static int KernelNumber(int register) => register < KernelNumbers.Length ? KernelNumbers[register] : -1;

    public static bool TryStep(
        in UnwindRule rule, ref RegisterFile registers, in StackMemory stack, out ulong returnAddress, out StackEnd end)
    {
        int based = rule.Kind == UnwindRuleKind.StackPointer ? Rsp : Rbp;
        returnAddress = 0;
        if (!registers.TryGet(based, out ulong cfa))
        {
            end = StackEnd.BadUnwindInfo;
            return false;
        }

        cfa += (ulong)rule.CfaOffset;
        if (!stack.TryRead(cfa - sizeof(ulong), out returnAddress))
        {
            end = stack.WhyNot(cfa - sizeof(ulong));
            return false;
        }

        registers.Restore(rule, UnwindRule.PreservedRegisters(Elf), cfa, registers[Rsp], stack);
        registers.Set(Rsp, cfa);
        end = default;
        return true;
    }

    public static bool TryReturn(ref RegisterFile registers, in StackMemory stack, out ulong returnAddress, out StackEnd end)
    {
        ulong stackPointer = registers[Rsp];
        end = stack.WhyNot(stackPointer);
        if (!stack.TryRead(stackPointer, out returnAddress))
        {
            return false;
        }

        registers.Set(Rsp, stackPointer + sizeof(ulong));
        return true;
    }

    /// <summary>It is on the stack.</summary>
    public static void ForgetReturnAddress(ref RegisterFile registers)
    {
    }

    public static ulong CodeAddress(ulong address) => address;

    public static bool EndsInCall(ReadOnlySpan<byte> code) => X64Instructions.EndsInCall(code);

    public static bool TryGetCallTarget(ReadOnlySpan<byte> code, ulong next, out ulong target) =>
        X64Instructions.TryGetCallTarget(code, next, out target);

    public static int FunctionStartBytes => X64Instructions.FunctionStartBytes;

    public static bool MakesFramePointer(ReadOnlySpan<byte> start) => X64Instructions.MakesFramePointer(start);

    public static bool IsLinkageStub(ReadOnlySpan<byte> start) => X64Instructions.IsLinkageStub(start);

    public static int WordsBeforeReturnAddress(ReadOnlySpan<byte> before, ReadOnlySpan<byte> code) =>
        X64Instructions.WordsBeforeReturnAddress(before, code);

    public static int TrampolineBytes => CountingTrampoline.Length;

    public static ulong LinkedFrameBytes => 2 * sizeof(ulong);

    /// <summary>CPython 3.12 and 3.13.0 (Python/asm_trampoline.S): sub rsp, 8; call rcx; add rsp, 8; ret.</summary>
    private static ReadOnlySpan<byte> OldTrampoline => [0x48, 0x83, 0xec, 0x08, 0xff, 0xd1, 0x48, 0x83, 0xc4, 0x08, 0xc3];

    /// <summary>Later ones: endbr64, where CET is on; push rbp; mov rbp, rsp; call rcx; pop rbp; ret.</summary>
    private static ReadOnlySpan<byte> GuardedTrampoline =>
        [0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd1, 0x5d, 0xc3];

    private static ReadOnlySpan<byte> NewTrampoline => GuardedTrampoline[4..];

    /// <summary>
    /// viperf's agent's in CPython 3.12 (Trampolines/MachineCode.x64.cs): push rbp; mov rbp, rsp; push rdi; push rax; add dword
    /// [rdi+36], 2; call rcx; pop rcx; pop rdi; sub dword [rdi+36], 2; pop rbp; ret.
    /// </summary>
    private static ReadOnlySpan<byte> CountingTrampoline =>
    [
        0x55, 0x48, 0x89, 0xe5, 0x57, 0x50, 0x83, 0x47, 0x24, 2, 0xff, 0xd1, 0x59, 0x5f, 0x83, 0x6f, 0x24, 2, 0x5d, 0xc3,
    ];

    /// <summary>The same in 3.13: the counter lies elsewhere, and changes by 1.</summary>
    private static ReadOnlySpan<byte> CountingTrampoline313 =>
    [
        0x55, 0x48, 0x89, 0xe5, 0x57, 0x50, 0x83, 0x47, 0x34, 1, 0xff, 0xd1, 0x59, 0x5f, 0x83, 0x6f, 0x34, 1, 0x5d, 0xc3,
    ];

    public static TrampolineFrame FrameOfTrampoline(ulong offset, uint size) => (size, offset) switch
    {
        (11, 0 or 10) => TrampolineFrame.Bare,
        (11, 4 or 6) => TrampolineFrame.Made,
        (8, 0 or 7) => TrampolineFrame.Bare,
        (8, 1 or 4 or 6) => TrampolineFrame.Made,
        (12, 0 or 4 or 11) => TrampolineFrame.Bare,
        (12, 5 or 8 or 10) => TrampolineFrame.Made,
        (20, 0 or 19) => TrampolineFrame.Bare,
        (20, 1) => TrampolineFrame.Made,
        (20, 4 or 5 or 6 or 10 or 12 or 13 or 14 or 18) => TrampolineFrame.Linked,
        _ => TrampolineFrame.None,
    };

    public static bool TryFindTrampoline(ReadOnlySpan<byte> code, int index, out ulong offset, out uint size) =>
        CodePattern.TryFind(OldTrampoline, code, index, out offset, out size)
        || CodePattern.TryFind(GuardedTrampoline, code, index, out offset, out size)
        || CodePattern.TryFind(NewTrampoline, code, index, out offset, out size)
        || CodePattern.TryFind(CountingTrampoline, code, index, out offset, out size)
        || CodePattern.TryFind(CountingTrampoline313, code, index, out offset, out size);

    public static bool IsSignalReturn(ReadOnlySpan<byte> code) => code.StartsWith(SignalReturn);

    public static bool TryReturnFromSignal(
        ref RegisterFile registers, in StackMemory stack, out ulong interrupted, out StackEnd end)
    {
        interrupted = 0;
        ulong context = registers[Rsp] + SignalContextOffset;
        end = default;
        for (int i = 0; i < SignalRegisters.Length; i++)
        {
            if (!stack.TryRead(context + (ulong)i * sizeof(ulong), out ulong value))
            {
                end = stack.WhyNot(context + (ulong)i * sizeof(ulong));
                return false;
            }

            registers.Set(SignalRegisters[i], value);
        }

        interrupted = registers[ReturnAddress];
        return true;
    }
}
