using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Xunit;

namespace Viperf.Tests.Dwarf;

public class DwarfExpressionTests
{
    private const ulong Memory = 0x7000;

    /// <summary>Registers 0 to 16, each with its number times 0x100; 16 bytes of memory that count from 1.</summary>
    private static FakeFrame Frame => new(
        [.. Enumerable.Range(0, 17).Select(number => (ulong)number * 0x100)], Memory, [.. Enumerable.Range(1, 16).Select(i => (byte)i)]);

    public static TheoryData<byte[], ulong> Values => new()
    {
        { [0x4f], 31 }, // lit31
        { [0x03, 1, 2, 3, 4, 5, 6, 7, 8], 0x0807060504030201 }, // addr
        { [0x08, 0xff], 0xff }, // const1u
        { [0x09, 0xff], ulong.MaxValue }, // const1s
        { [0x0a, 0xfe, 0xff], 0xfffe }, // const2u
        { [0x0b, 0xfe, 0xff], ulong.MaxValue - 1 }, // const2s
        { [0x0c, 0xfe, 0xff, 0xff, 0xff], 0xfffffffe }, // const4u
        { [0x0d, 0xfe, 0xff, 0xff, 0xff], ulong.MaxValue - 1 }, // const4s
        { [0x0e, 1, 0, 0, 0, 0, 0, 0, 0x80], 0x8000000000000001 }, // const8u
        { [0x0f, 1, 0, 0, 0, 0, 0, 0, 0x80], 0x8000000000000001 }, // const8s
        { [0x10, 0x80, 1], 128 }, // constu
        { [0x11, 0x7f], ulong.MaxValue }, // consts
        { [0x77, 8], 0x708 }, // breg7
        { [0x92, 16, 0x78], 0xff8 }, // bregx
        { [0x53], 0x300 }, // reg3
        { [0x90, 4], 0x400 }, // regx
        { [0x0a, 0x08, 0x70, 0x06], 0x100f0e0d0c0b0a09 }, // deref
        { [0x0a, 0x02, 0x70, 0x94, 2], 0x0403 }, // deref_size
        { [0x35, 0x12, 0x22], 10 }, // dup plus
        { [0x35, 0x36, 0x13], 5 }, // drop
        { [0x35, 0x36, 0x14], 5 }, // over
        { [0x35, 0x36, 0x37, 0x15, 2], 5 }, // pick
        { [0x35, 0x36, 0x16], 5 }, // swap
        { [0x31, 0x32, 0x33, 0x17], 2 }, // rot: the top becomes the third
        { [0x31, 0x32, 0x33, 0x17, 0x13], 1 },
        { [0x31, 0x32, 0x33, 0x17, 0x13, 0x13], 3 },
        { [0x09, 0xfb, 0x19], 5 }, // abs
        { [0x35, 0x33, 0x1a], 1 }, // and
        { [0x09, 0xf9, 0x32, 0x1b], unchecked((ulong)-3) }, // div is signed
        { [0x35, 0x33, 0x1c], 2 }, // minus
        { [0x37, 0x34, 0x1d], 3 }, // mod
        { [0x35, 0x33, 0x1e], 15 }, // mul
        { [0x35, 0x1f], unchecked((ulong)-5) }, // neg
        { [0x35, 0x20], unchecked((ulong)~5) }, // not
        { [0x35, 0x33, 0x21], 7 }, // or
        { [0x35, 0x23, 0x80, 1], 133 }, // plus_uconst
        { [0x35, 0x33, 0x24], 40 }, // shl
        { [0x35, 0x08, 64, 0x24], 0 },
        { [0x35, 0x31, 0x25], 2 }, // shr
        { [0x35, 0x08, 64, 0x25], 0 },
        { [0x09, 0xf0, 0x32, 0x26], unchecked((ulong)-4) }, // shra
        { [0x09, 0xf0, 0x08, 99, 0x26], ulong.MaxValue },
        { [0x35, 0x33, 0x27], 6 }, // xor
        { [0x35, 0x35, 0x29], 1 }, // eq
        { [0x09, 0xff, 0x35, 0x2a], 0 }, // ge is signed
        { [0x35, 0x09, 0xff, 0x2b], 1 }, // gt
        { [0x09, 0xff, 0x35, 0x2c], 1 }, // le
        { [0x09, 0xff, 0x35, 0x2d], 1 }, // lt
        { [0x35, 0x35, 0x2e], 0 }, // ne
        { [0x35, 0x2f, 1, 0, 0x36, 0x96], 5 }, // skip, nop
        { [0x35, 0x31, 0x28, 1, 0, 0x36], 5 }, // bra taken
        { [0x35, 0x30, 0x28, 1, 0, 0x36], 6 }, // bra not taken
        { [0x0f, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x09, 0xff, 0x1b], 0x8000000000000000 }, // the least number by -1
        { [0x33, 0x31, 0x1c, 0x12, 0x28, 0xfa, 0xff], 0 }, // a jump back, until 3 is counted down
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Every_operation_gives_its_value(byte[] expression, ulong expected)
    {
        Assert.True(TryEvaluate(expression, out ulong value));
        Assert.Equal(expected, value);
    }

    [Fact]
    public void What_stands_on_the_stack_at_the_start_is_the_value_of_an_empty_expression()
    {
        Assert.True(TryEvaluate([], out ulong value, 77));
        Assert.Equal(77u, value);
    }

    [Fact]
    public void Values_of_32_bit_files_wrap()
    {
        var frame = Frame;
        Assert.True(DwarfExpression.TryEvaluate(new ByteReader([0x30, 0x31, 0x1c], "test"), is64Bit: false, [], ref frame, out ulong value));
        Assert.Equal(uint.MaxValue, value);
    }

    [Theory]
    [InlineData(new byte[] { 0x92, 40, 0 })] // a register that nobody has
    [InlineData(new byte[] { 0x30, 0x06 })] // memory that nobody kept
    [InlineData(new byte[] { 0x35, 0x30, 0x1b })] // division by zero
    [InlineData(new byte[] { 0x35, 0x30, 0x1d })]
    public void What_is_not_known_has_no_value(byte[] expression) => Assert.False(TryEvaluate(expression, out _));

    public static TheoryData<string, byte[]> Bad => new()
    {
        { "steps", [0x2f, 0xfd, 0xff] }, // jumps to itself
        { "more than 64 values", [.. Enumerable.Repeat((byte)0x31, 65)] },
        { "1 values wanted", [] },
        { "2 values wanted", [0x31, 0x14] },
        { "3 values wanted", [0x31, 0x31, 0x17] },
        { "out of the expression", [0x2f, 1, 0] },
        { "out of the expression", [0x2f, 0xfc, 0xff] },
        { "does not know", [0x9c] }, // call_frame_cfa
        { "does not know", [0x31, 0x31, 0x18] }, // xderef
        { "at once", [0x31, 0x94, 3] },
        { "bytes wanted", [0x0c, 1] },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_expression_is_an_error(string problem, byte[] expression) =>
        Assert.Contains(problem, Assert.Throws<ParseException>(() => TryEvaluate(expression, out _)).Message);

    private static bool TryEvaluate(byte[] expression, out ulong value, params ulong[] initial)
    {
        var frame = Frame;
        return DwarfExpression.TryEvaluate(new ByteReader(expression, "test"), is64Bit: true, initial, ref frame, out value);
    }
}
