using System.Runtime.CompilerServices;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;
using Xunit;

namespace Viperf.Tests.Dwarf;

public class UnwindRuleTests
{
    private const ulong Code = 0x4000;

    [Fact]
    public void Sizes_are_pinned_since_caches_hold_thousands_of_rules()
    {
        Assert.Equal(16, Unsafe.SizeOf<UnwindRule>());
        Assert.Equal(360, Unsafe.SizeOf<CfiRow>());
    }

    [Fact]
    public void The_common_shapes_of_x86_64_fit()
    {
        var rule = X64(new Cfi().DefCfaOffset(64).Offset(6, 2).Offset(3, 3).Offset(15, 255));
        Assert.Equal((UnwindRuleKind.StackPointer, 64), (rule.Kind, rule.CfaOffset));
        Assert.Equal([24, 16, 0, 0, 0, 2040], Saved(rule, ElfMachine.EM_X86_64));

        rule = X64(new Cfi().DefCfa(6, 16).Offset(6, 2));
        Assert.Equal((UnwindRuleKind.FramePointer, 16), (rule.Kind, rule.CfaOffset));
        Assert.Equal([0, 16, 0, 0, 0, 0], Saved(rule, ElfMachine.EM_X86_64));
        Assert.Equal(UnwindRuleKind.StackPointer, X64(new Cfi().DefCfaOffset(65535 * 8).Op(0x08, 3).Op(0x07, 1)).Kind);
    }

    [Fact]
    public void A_frame_whose_return_address_is_undefined_is_the_outermost() =>
        Assert.Equal(UnwindRuleKind.Outermost, X64(new Cfi().Op(0x07, 16)).Kind);

    [Fact]
    public void The_common_shapes_of_aarch64_fit()
    {
        var leaf = Arm64(new Cfi());
        Assert.Equal((UnwindRuleKind.StackPointer, 0), (leaf.Kind, leaf.CfaOffset));
        Assert.Equal(0, Saved(leaf, ElfMachine.EM_AARCH64)[11]);
        Assert.False(leaf.IsReturnAddressSigned);

        var rule = Arm64(new Cfi().NegateRaState().DefCfa(29, 48).Offset(29, 6).Offset(30, 5).Offset(19, 4));
        Assert.Equal((UnwindRuleKind.FramePointer, 48), (rule.Kind, rule.CfaOffset));
        Assert.Equal([32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 48, 40], Saved(rule, ElfMachine.EM_AARCH64));
        Assert.True(rule.IsReturnAddressSigned);
        Assert.False(rule.IsSignalFrame);
        Assert.Equal(UnwindRuleKind.Outermost, Arm64(new Cfi().Op(0x07, 30)).Kind);
    }

    [Fact]
    public void A_signal_frame_stays_one()
    {
        var table = new CfiBuilder().Common(Cfi.X64Start, "zRS").Function(Code, 16, new Cfi()).Open();
        Assert.True(table.TryFind(Code, out var row));
        Assert.True(UnwindRule.From(row, ElfMachine.EM_X86_64).IsSignalFrame);
    }

    public static TheoryData<byte[]> OtherShapes =>
    [
        new Cfi().DefCfaExpression(0x77, 8).ToArray(),
        new Cfi().DefCfa(3, 16).ToArray(), // CFA = rbx + 16, as in ld.so
        new Cfi().DefCfaOffset(12).ToArray(),
        new Cfi().DefCfaOffset(65536 * 8).ToArray(),
        new Cfi().Offset(16, 2).ToArray(), // the return address elsewhere
        new Cfi().Restore(16).Op(0x08, 16).ToArray(), // or still in its register
        new Cfi().Offset(3, 256).ToArray(),
        new Cfi().Signed(0x11, 3, -1).ToArray(), // saved above the CFA
        new Cfi().Offset(8, 3).ToArray(), // a register that functions do not preserve
        new Cfi().Op(0x07, 3).ToArray(), // a preserved register that is lost
        new Cfi().Op(0x09, 3, 0).ToArray(),
        new Cfi().Op(0x14, 7, 2).ToArray(), // the caller's stack pointer is not the CFA
        new Cfi().Expression(0x10, 6, 0x76, 0).ToArray(),
    ];

    [Theory]
    [MemberData(nameof(OtherShapes))]
    public void Other_shapes_need_the_row(byte[] instructions) =>
        Assert.Equal(UnwindRuleKind.NeedsRow, X64(new Cfi().Raw(instructions)).Kind);

    [Fact]
    public void Other_processors_need_the_row()
    {
        var table = new CfiBuilder().Common(Cfi.X64Start).Function(Code, 16, new Cfi()).Open();
        Assert.True(table.TryFind(Code, out var row));
        Assert.Equal(UnwindRuleKind.NeedsRow, UnwindRule.From(row, ElfMachine.EM_386).Kind);
        Assert.Equal(UnwindRuleKind.NeedsRow, UnwindRule.From(row, ElfMachine.EM_AARCH64).Kind);
    }

    [Fact]
    public void Lookups_allocate_nothing()
    {
        var builder = new CfiBuilder().Common(Cfi.X64Start)
            .Function(Code, 0x40, new Cfi().Advance(1).DefCfaOffset(16).Remember().Advance(1).DefCfaExpression(0x77, 8).Advance(1).RestoreState());
        var indexed = builder.Open();
        var withHeader = CfiTable.Open(builder.Section(), builder.Header());
        var frame = new FakeFrame(new ulong[17], 0, new byte[64]);
        ulong sum = LookUp(indexed, ref frame) + LookUp(withHeader, ref frame);

        long before = GC.GetAllocatedBytesForCurrentThread();
        ulong again = LookUp(indexed, ref frame) + LookUp(withHeader, ref frame);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(sum, again);
    }

    private static ulong LookUp(CfiTable table, ref FakeFrame frame)
    {
        ulong sum = 0;
        for (ulong address = Code - 8; address < Code + 0x48; address++)
        {
            if (table.TryFind(address, out var row) && table.TryGetCfa(row, ref frame, out ulong cfa))
            {
                table.TryGetRegister(row, 16, cfa, ref frame, out ulong value);
                sum += cfa + value + (ulong)UnwindRule.From(row, ElfMachine.EM_X86_64).CfaOffset;
            }
        }

        return sum;
    }

    private static UnwindRule X64(Cfi instructions) => Rule(Cfi.X64Start, instructions, ElfMachine.EM_X86_64);

    private static UnwindRule Arm64(Cfi instructions) => Rule(Cfi.Arm64Start, instructions, ElfMachine.EM_AARCH64);

    private static UnwindRule Rule(Cfi start, Cfi instructions, ElfMachine machine)
    {
        var table = new CfiBuilder(machine: machine).Common(start).Function(Code, 16, instructions).Open();
        Assert.True(table.TryFind(Code, out var row));
        return UnwindRule.From(row, machine);
    }

    private static int[] Saved(UnwindRule rule, ElfMachine machine) =>
        [.. Enumerable.Range(0, UnwindRule.PreservedRegisters(machine).Length).Select(rule.SavedBelowCfa)];
}
