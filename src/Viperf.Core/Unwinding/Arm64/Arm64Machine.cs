using System.Buffers.Binary;
using Viperf.Core.Profiles;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;

namespace Viperf.Core.Unwinding.Arm64;

/// <summary>aarch64 by Arm's procedure call standard (AAPCS64).</summary>
internal readonly struct Arm64Machine : IMachine
{
    private const int X29 = 29;
    private const int LinkRegister = 30;
    private const int Sp = 31;
    private const int Pc = 32;

    /// <summary>
    /// Bits of a user's address; above them a signed one has its signature. Kernels that give programs 52 bits do so only
    /// on demand.
    /// </summary>
    private const ulong AddressMask = (1UL << 48) - 1;

    /// <summary>mov x8, 139 (rt_sigreturn); svc 0.</summary>
    private static ReadOnlySpan<byte> SignalReturn => [0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4];

    /// <summary>
    /// Bytes from the stack pointer to the registers of <c>struct rt_sigframe</c>: siginfo (128), ucontext up to its
    /// <c>uc_mcontext</c> (176), and the fault's address (8).
    /// </summary>
    private const ulong SignalContextOffset = 128 + 176 + 8;

    public static ElfMachine Elf => ElfMachine.EM_AARCH64;

    public static int StackPointer => Sp;

    public static int FramePointer => X29;

    public static int ProgramCounter => Pc;

    public static int CallBytes => 4;

    public static int SignalReturnBytes => SignalReturn.Length;

    /// <summary>The kernel counts as DWARF does: x0 to x29, lr, sp, pc.</summary>
    public static int KernelNumber(int register) => register <= Pc ? register : -1;

    public static bool TryStep(
        in UnwindRule rule, ref RegisterFile registers, in StackMemory stack, out ulong returnAddress, out StackEnd end)
    {
        returnAddress = 0;
        int based = rule.Kind == UnwindRuleKind.StackPointer ? Sp : X29;
        if (!registers.TryGet(based, out ulong cfa))
        {
            end = StackEnd.BadUnwindInfo;
            return false;
        }

        cfa += (ulong)rule.CfaOffset;
        var preserved = UnwindRule.PreservedRegisters(Elf);
        registers.Restore(rule, preserved, cfa, registers[Sp], stack);
        registers.Set(Sp, cfa);
        int linkBelow = rule.SavedBelowCfa(preserved.IndexOf((byte)LinkRegister));
        end = linkBelow == 0 ? StackEnd.BadUnwindInfo : stack.WhyNot(cfa - (ulong)linkBelow);
        return TryTakeLink(ref registers, out returnAddress);
    }

    public static bool TryReturn(ref RegisterFile registers, in StackMemory stack, out ulong returnAddress, out StackEnd end)
    {
        end = StackEnd.BadUnwindInfo;
        return TryTakeLink(ref registers, out returnAddress);
    }

    public static void ForgetReturnAddress(ref RegisterFile registers) => registers.Forget(LinkRegister);

    public static ulong CodeAddress(ulong address) => address & AddressMask;

    public static bool EndsInCall(ReadOnlySpan<byte> code)
    {
        uint instruction = InstructionOf(code[^sizeof(uint)..]);
        return (instruction & 0xfc000000) == 0x94000000 // bl
            || (instruction & 0xfffffc1f) == 0xd63f0000 // blr
            || (instruction & 0xfefff800) == 0xd63f0800; // blraa and its kin
    }

    public static bool TryGetCallTarget(ReadOnlySpan<byte> code, ulong next, out ulong target)
    {
        uint instruction = InstructionOf(code[^sizeof(uint)..]);
        long words = (int)(instruction << 6) >> 6; // imm26, signed
        target = next - sizeof(uint) + (ulong)(words * sizeof(uint));
        return (instruction & 0xfc000000) == 0x94000000; // bl
    }

    public static int FunctionStartBytes => 3 * sizeof(uint);

    public static bool MakesFramePointer(ReadOnlySpan<byte> start)
    {
        var first = SkipGuards(start);
        return SavesFrame(InstructionOf(first)) && InstructionOf(first[sizeof(uint)..]) == 0x910003fd; // mov x29, sp
    }

    public static bool IsLinkageStub(ReadOnlySpan<byte> start) =>
        (InstructionOf(SkipGuards(start)) & 0x9f00001f) == 0x90000010; // adrp x16

    /// <summary>Before it has saved the link register and after it has restored that, a function's return address is there.</summary>
    public static int WordsBeforeReturnAddress(ReadOnlySpan<byte> before, ReadOnlySpan<byte> code) =>
        InstructionOf(code) == 0xd65f03c0 || MakesFramePointer(code) ? 0 : -1; // ret

    public static int TrampolineBytes => CountingTrampoline.Length;

    public static ulong LinkedFrameBytes => 4 * sizeof(ulong);

    /// <summary>CPython's (Python/asm_trampoline.S): stp x29, x30, [sp, -16]!; mov x29, sp; blr x3; ldp x29, x30, [sp], 16; ret.</summary>
    private static ReadOnlySpan<byte> Trampoline =>
    [
        0xfd, 0x7b, 0xbf, 0xa9, 0xfd, 0x03, 0x00, 0x91, 0x60, 0x00, 0x3f, 0xd6, 0xfd, 0x7b, 0xc1, 0xa8, 0xc0, 0x03, 0x5f, 0xd6,
    ];

    /// <summary>Where branches are guarded and return addresses signed: paciasp before it, autiasp before its ret.</summary>
    private static ReadOnlySpan<byte> SigningTrampoline =>
    [
        0x3f, 0x23, 0x03, 0xd5, 0xfd, 0x7b, 0xbf, 0xa9, 0xfd, 0x03, 0x00, 0x91, 0x60, 0x00, 0x3f, 0xd6, 0xfd, 0x7b, 0xc1, 0xa8,
        0xbf, 0x23, 0x03, 0xd5, 0xc0, 0x03, 0x5f, 0xd6,
    ];

    /// <summary>
    /// viperf's agent's in CPython 3.12 (Trampolines/MachineCode.arm64.cs): stp x29, x30, [sp, -32]!; mov x29, sp; str x0,
    /// [sp, 16]; ldr, add and str of a counter; blr x3; ldr x9, [sp, 16]; ldr, sub and str; ldp x29, x30, [sp], 32; ret.
    /// </summary>
    private static ReadOnlySpan<byte> CountingTrampoline =>
    [
        0xfd, 0x7b, 0xbe, 0xa9, 0xfd, 0x03, 0x00, 0x91, 0xe0, 0x0b, 0x00, 0xf9, 0x09, 0x24, 0x40, 0xb9, 0x29, 0x09, 0x00, 0x11,
        0x09, 0x24, 0x00, 0xb9, 0x60, 0x00, 0x3f, 0xd6, 0xe9, 0x0b, 0x40, 0xf9, 0x2a, 0x25, 0x40, 0xb9, 0x4a, 0x09, 0x00, 0x51,
        0x2a, 0x25, 0x00, 0xb9, 0xfd, 0x7b, 0xc2, 0xa8, 0xc0, 0x03, 0x5f, 0xd6,
    ];

    /// <summary>The same in 3.13: the counter lies elsewhere, and changes by 1.</summary>
    private static ReadOnlySpan<byte> CountingTrampoline313 =>
    [
        0xfd, 0x7b, 0xbe, 0xa9, 0xfd, 0x03, 0x00, 0x91, 0xe0, 0x0b, 0x00, 0xf9, 0x09, 0x34, 0x40, 0xb9, 0x29, 0x05, 0x00, 0x11,
        0x09, 0x34, 0x00, 0xb9, 0x60, 0x00, 0x3f, 0xd6, 0xe9, 0x0b, 0x40, 0xf9, 0x2a, 0x35, 0x40, 0xb9, 0x4a, 0x05, 0x00, 0x51,
        0x2a, 0x35, 0x00, 0xb9, 0xfd, 0x7b, 0xc2, 0xa8, 0xc0, 0x03, 0x5f, 0xd6,
    ];

    public static TrampolineFrame FrameOfTrampoline(ulong offset, uint size) => (size, offset) switch
    {
        (20, 0 or 16) => TrampolineFrame.Bare,
        (20, 4 or 8 or 12) => TrampolineFrame.Made,
        (28, 0 or 4 or 20 or 24) => TrampolineFrame.Bare,
        (28, 8 or 12 or 16) => TrampolineFrame.Made,
        (52, 0 or 48) => TrampolineFrame.Bare,
        (52, >= 8 and < 48) when offset % sizeof(uint) == 0 => TrampolineFrame.Linked,
        _ => TrampolineFrame.None,
    };

    public static bool TryFindTrampoline(ReadOnlySpan<byte> code, int index, out ulong offset, out uint size) =>
        CodePattern.TryFind(Trampoline, code, index, out offset, out size)
        || CodePattern.TryFind(SigningTrampoline, code, index, out offset, out size)
        || CodePattern.TryFind(CountingTrampoline, code, index, out offset, out size)
        || CodePattern.TryFind(CountingTrampoline313, code, index, out offset, out size);

    public static bool IsSignalReturn(ReadOnlySpan<byte> code) => code.StartsWith(SignalReturn);

    public static bool TryReturnFromSignal(
        ref RegisterFile registers, in StackMemory stack, out ulong interrupted, out StackEnd end)
    {
        interrupted = 0;
        ulong context = registers[Sp] + SignalContextOffset;
        end = default;
        for (int register = 0; register <= Pc; register++)
        {
            if (!stack.TryRead(context + (ulong)register * sizeof(ulong), out ulong value))
            {
                end = stack.WhyNot(context + (ulong)register * sizeof(ulong));
                return false;
            }

            registers.Set(register, value);
        }

        interrupted = registers[Pc];
        return true;
    }

    /// <summary>The return address is the link register's value; the caller's own is where the caller saved it.</summary>
    private static bool TryTakeLink(ref RegisterFile registers, out ulong returnAddress)
    {
        bool isKnown = registers.TryGet(LinkRegister, out returnAddress);
        ForgetReturnAddress(ref registers);
        return isKnown;
    }

    private static uint InstructionOf(ReadOnlySpan<byte> code) => BinaryPrimitives.ReadUInt32LittleEndian(code);

    /// <summary>stp x29, x30, [sp, -N]!</summary>
    private static bool SavesFrame(uint instruction) => (instruction & 0xffe07fff) == 0xa9a07bfd;

    /// <summary>A branch target's mark, bti c, or the signing of the return address, paciasp.</summary>
    private static ReadOnlySpan<byte> SkipGuards(ReadOnlySpan<byte> start) =>
        InstructionOf(start) is 0xd503245f or 0xd503233f ? start[sizeof(uint)..] : start;
}
