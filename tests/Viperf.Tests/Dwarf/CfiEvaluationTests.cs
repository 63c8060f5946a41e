using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;
using Xunit;

namespace Viperf.Tests.Dwarf;

/// <summary>Rows applied to a frame.</summary>
public class CfiEvaluationTests
{
    private const ulong Code = 0x4000;
    private const ulong Stack = 0x7000;

    /// <summary>Register n is n * 0x100, but rsp and rbp point into a stack whose words are their own addresses.</summary>
    private static FakeFrame Frame()
    {
        ulong[] registers = [.. Enumerable.Range(0, 17).Select(number => (ulong)number * 0x100)];
        registers[7] = Stack + 0x10;
        registers[6] = Stack + 0x40;
        return new FakeFrame(registers, Stack, [.. Enumerable.Range(0, 32).SelectMany(i => BitConverter.GetBytes(Stack + ((ulong)i * 8)))]);
    }

    [Fact]
    public void Every_rule_finds_the_callers_register()
    {
        var instructions = new Cfi()
            .DefCfaOffset(0x20) // CFA = 0x7030
            .Offset(3, 2)
            .Op(0x08, 12) // same_value
            .Op(0x09, 13, 2) // register
            .Op(0x14, 14, 1) // val_offset
            .Expression(0x10, 15, 0x23, 0x08) // the CFA, on the stack at the start, plus 8
            .Expression(0x16, 0, 0x23, 0x08)
            .Op(0x07, 1) // undefined
            .Op(0x09, 2, 40) // in a register that nobody has
            .Offset(8, 100); // memory that nobody kept
        var table = Table(instructions);
        Assert.True(table.TryFind(Code, out var row));
        var frame = Frame();
        Assert.True(table.TryGetCfa(row, ref frame, out ulong cfa));
        Assert.Equal(0x7030u, cfa);

        (int Register, ulong Value)[] known =
            [(16, 0x7028), (3, 0x7020), (12, 0xc00), (13, 0x200), (14, 0x7028), (15, 0x7038), (0, 0x7038), (5, 0x500)];
        foreach (var (register, expected) in known)
        {
            Assert.True(table.TryGetRegister(row, register, cfa, ref frame, out ulong value));
            Assert.Equal((register, expected), (register, value));
        }

        Assert.All([1, 2, 8], register => Assert.False(table.TryGetRegister(row, register, cfa, ref frame, out _)));
    }

    [Fact]
    public void A_realigned_stacks_frame_address_is_read_through_the_frame_pointer()
    {
        // What GCC writes for functions that align their stack: CFA = *(rbp - 8), rbp saved at rbp + 0.
        var table = Table(new Cfi().DefCfaExpression(0x76, 0x78, 0x06).Expression(0x10, 6, 0x76, 0));
        Assert.True(table.TryFind(Code, out var row));
        var frame = Frame();
        Assert.True(table.TryGetCfa(row, ref frame, out ulong cfa));
        Assert.Equal(Stack + 0x38, cfa);
        Assert.True(table.TryGetRegister(row, 6, cfa, ref frame, out ulong value));
        Assert.Equal(Stack + 0x40, value);
        Assert.Equal(UnwindRuleKind.NeedsRow, UnwindRule.From(row, ElfMachine.EM_X86_64).Kind);
    }

    [Theory]
    [InlineData(0x1000, 8)]
    [InlineData(0x100a, 8)]
    [InlineData(0x100b, 16)]
    public void A_lazy_stubs_frame_address_depends_on_the_place_in_the_stub(ulong instruction, ulong above)
    {
        // What linkers write for .plt: rsp + 8 + ((rip & 15) >= 11) * 8.
        var table = Table(new Cfi().DefCfaExpression(0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22));
        Assert.True(table.TryFind(Code, out var row));
        ulong[] registers = new ulong[17];
        registers[7] = Stack;
        registers[16] = instruction;
        var frame = new FakeFrame(registers, Stack, []);
        Assert.True(table.TryGetCfa(row, ref frame, out ulong cfa));
        Assert.Equal(Stack + above, cfa);
    }

    [Fact]
    public void Without_a_rule_there_is_no_frame_address()
    {
        var table = new CfiBuilder().Common(new Cfi()).Function(Code, 16, new Cfi()).Open();
        Assert.True(table.TryFind(Code, out var row));
        var frame = Frame();
        Assert.False(table.TryGetCfa(row, ref frame, out _));
    }

    private static CfiTable Table(Cfi instructions) => new CfiBuilder().Common(Cfi.X64Start).Function(Code, 16, instructions).Open();
}
