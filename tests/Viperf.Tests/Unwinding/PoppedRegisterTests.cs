using Viperf.Core.Unwinding;
using Viperf.Core.Unwinding.Arm64;
using Viperf.Core.Unwinding.X64;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;
using Viperf.Tests.Dwarf;
using Xunit;

namespace Viperf.Tests.Unwinding;

/// <summary>
/// Samples at a function's return: the registers that it saved are popped, but the rows of compilers still name the places
/// where they were, which the copy of the stack does not have.
/// </summary>
public class PoppedRegisterTests
{
    private const ulong Function = 0x4000, Caller = 0x4567, Stack = 0x7ffe_0000_1000;

    private const int Rbx = 3, Rbp = 6, Rsp = 7;

    [Fact]
    public void A_popped_register_has_the_callers_value()
    {
        // rbx was pushed behind rbp; both pops are done, their places are 8 and 16 bytes below the stack pointer.
        var rule = RuleOf(ElfMachine.EM_X86_64, new Cfi().Offset(6, 2).Offset(3, 3));
        var registers = Registers((Rsp, Stack), (Rbp, 0xbUL), (Rbx, 0xbbUL));

        Assert.True(X64Machine.TryStep(rule, ref registers, new StackMemory(Stack, BitConverter.GetBytes(Caller), true), out ulong next, out _));

        Assert.Equal(Caller, next);
        Assert.Equal((Stack + 8, 0xbUL, 0xbbUL), (registers[Rsp], registers[Rbp], registers[Rbx]));
        Assert.True(registers.Knows(Rbp) && registers.Knows(Rbx));
    }

    [Fact]
    public void What_a_cut_copy_lacks_is_not_popped_but_lost()
    {
        // CFA = rbp + 16, and rbx is saved at CFA - 24, 8 bytes below what rbp points to; the copy begins only there.
        var rule = RuleOf(ElfMachine.EM_X86_64, new Cfi().DefCfa(6, 16).Offset(6, 2).Offset(3, 3));
        byte[] stack = [.. BitConverter.GetBytes(0xbUL), .. BitConverter.GetBytes(Caller)];
        var registers = Registers((Rsp, Stack - 64), (Rbp, Stack), (Rbx, 0xbbUL));

        Assert.True(X64Machine.TryStep(rule, ref registers, new StackMemory(Stack, stack, true), out ulong next, out _));

        Assert.Equal((Caller, 0xbUL), (next, registers[Rbp]));
        Assert.False(registers.Knows(Rbx));
    }

    [Fact]
    public void Aarch64s_link_register_may_have_been_restored_too()
    {
        // ldp x29, x30, [sp], 16 is done.
        var rule = RuleOf(ElfMachine.EM_AARCH64, new Cfi().Offset(29, 2).Offset(30, 1));
        var registers = Registers((29, 0xbUL), (30, Caller), (31, Stack));

        Assert.True(Arm64Machine.TryStep(rule, ref registers, new StackMemory(Stack, new byte[16], true), out ulong next, out _));

        Assert.Equal((Caller, Stack, 0xbUL), (next, registers[31], registers[29]));
        Assert.True(registers.Knows(29));
    }

    [Fact]
    public void At_its_return_a_trampolines_frame_is_gone_whatever_its_jitdump_says()
    {
        // As CPython 3.14 describes it: the row behind mov rbp, rsp holds to the end.
        var frame = new Cfi().Advance(5).DefCfaOffset(16).Offset(6, 2).Advance(3).DefCfaRegister(6);
        var table = new UnwindTable(Table(ElfMachine.EM_X86_64, frame));
        var code = new FakeCode().Region(Function, Function + 12, new CodeRegion(table, 0, IsJitted: true, Function, FunctionSize: 12));

        Assert.Equal(StepKind.BareTrampoline, KindAt(code, Function + 11));
        Assert.Equal(StepKind.Rule, KindAt(code, Function + 10));
    }

    private static StepKind KindAt(FakeCode code, ulong ip)
    {
        Step step = default;
        StackUnwinder<X64Machine>.Fill(ref step, code, code.Generation, ip, ip);
        return step.Kind;
    }

    private static RegisterFile Registers(params ReadOnlySpan<(int Register, ulong Value)> values)
    {
        RegisterFile registers = default;
        foreach (var (register, value) in values)
        {
            registers.Set(register, value);
        }

        return registers;
    }

    private static UnwindRule RuleOf(ElfMachine machine, Cfi instructions)
    {
        Assert.True(Table(machine, instructions).TryFind(Function + 11, out var row));
        var rule = UnwindRule.From(row, machine);
        Assert.NotEqual(UnwindRuleKind.NeedsRow, rule.Kind);
        return rule;
    }

    private static CfiTable Table(ElfMachine machine, Cfi instructions) => new CfiBuilder(machine: machine)
        .Common(machine == ElfMachine.EM_AARCH64 ? Cfi.Arm64Start : Cfi.X64Start)
        .Function(Function, 12, instructions)
        .Open();
}
