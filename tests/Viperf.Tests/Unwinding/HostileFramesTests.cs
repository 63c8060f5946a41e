using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Viperf.Tests.Dwarf;
using Xunit;
using static Viperf.Tests.Unwinding.X64Code;

namespace Viperf.Tests.Unwinding;

/// <summary>Frames that contradict themselves, and dumps that lie: every stack ends, and says why.</summary>
public class HostileFramesTests
{
    private const ulong Odd = 0x5000;

    /// <summary>Rules with registers that no processor has, and with values that are nowhere.</summary>
    public static TheoryData<byte[]> Nonsense =>
    [
        new Cfi().DefCfa(40, 8).ToArray(),
        new Cfi().DefCfa(65535, 8).ToArray(),
        new Cfi().DefCfa(16, 8).Op(0x07, 3).ToArray(),
        new Cfi().Op(0x09, 16, 200).ToArray(),
        new Cfi().DefCfaExpression(0x92, 0x88, 0x27, 0).ToArray(), // bregx 5000
        new Cfi().DefCfaExpression(0x06).ToArray(), // a value from nowhere
        new Cfi().DefCfaExpression(0x2f, 0xfd, 0xff).ToArray(), // jumps to itself
        new Cfi().DefCfaExpression(0x30, 0x30, 0x1b).ToArray(), // divides by 0
        new Cfi().Expression(0x10, 16, 0xff).ToArray(),
        new Cfi().Raw(0x3f).ToArray(), // no instruction
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Nonsense_is_bad_unwind_information_or_none(byte[] instructions)
    {
        var code = WithOdd(Cfi.X64Start, new Cfi().Raw(instructions));
        var found = Snapshot.X64(Odd + 1, Stack).Words(1, 2, 3, 4).Unwind(code);
        Assert.Equal([Odd + 1], found.Addresses);
        Assert.Contains(found.End, new[] { StackEnd.BadUnwindInfo, StackEnd.NoUnwindInfo, StackEnd.UnreadableStack });
    }

    [Fact]
    public void A_return_address_in_a_register_that_no_processor_has_is_not_there()
    {
        var builder = new CfiBuilder().Common(Cfi.X64Start, returnAddress: 50).Function(Odd, 0x100, new Cfi());
        var code = new FakeCode().Region(Odd, Odd + 0x100, new UnwindTable(builder.Open()));
        Assert.Equal(StackEnd.BadUnwindInfo, Snapshot.X64(Odd + 1, Stack).Words(Leaf).Unwind(code).End);
    }

    [Fact]
    public void A_frame_is_the_outermost_whatever_register_its_return_address_would_be_in()
    {
        var builder = new CfiBuilder().Common(Cfi.X64Start.Op(0x07, 9), returnAddress: 9).Function(Odd, 0x100, new Cfi());
        var code = new FakeCode().Region(Odd, Odd + 0x100, new UnwindTable(builder.Open()));
        Assert.Equal(StackEnd.Complete, Snapshot.X64(Odd + 1, Stack).Words(Leaf).Unwind(code).End);
    }

    [Fact]
    public void A_return_address_may_be_in_any_register_that_is_known()
    {
        var code = WithOdd(Cfi.X64Start, new Cfi().Op(0x09, 16, 10));
        var found = Snapshot.X64(Odd + 1, Stack).Register(Snapshot.R10, Start + 1).Words(7).Unwind(code);
        Assert.Equal([Odd + 1, Start + 1], found.Addresses);
        Assert.Equal(StackEnd.Complete, found.End);
    }

    [Theory]
    [InlineData(0, StackEnd.UnreadableStack)] // the return address below the stack
    [InlineData(1UL << 63, StackEnd.UnreadableStack)]
    [InlineData(ulong.MaxValue, StackEnd.UnreadableStack)]
    [InlineData(1UL << 20, StackEnd.CutByDump)]
    public void Frames_of_any_size_end_in_a_reason(ulong size, StackEnd end)
    {
        var code = WithOdd(Cfi.X64Start, new Cfi().DefCfaOffset(size));
        Assert.Equal(end, Snapshot.X64(Odd + 1, Stack).Fill(8, Odd + 1).Unwind(code, 64).End);
    }

    [Fact]
    public void Frames_that_take_whole_rows_are_limited()
    {
        // The return address is where an expression says: 8 bytes below the frame's end.
        var code = WithOdd(Cfi.X64Start, new Cfi().DefCfaOffset(8).Expression(0x10, 16, 0x38, 0x1c));
        var found = Snapshot.X64(Odd + 1, Stack).Fill(2 * Limits.StackRows, Odd + 2).Unwind(code);
        Assert.Equal(Limits.StackRows + 1, found.Addresses.Length);
        Assert.Equal(StackEnd.CutByLimit, found.End);
    }

    [Fact]
    public void Frames_that_do_not_go_up_the_stack_end_it()
    {
        // The return address is above the frame, which has no size.
        var code = WithOdd(Cfi.X64Start, new Cfi().DefCfa(7, 0).Signed(0x11, 16, 0));
        var found = Snapshot.X64(Odd + 1, Stack).Fill(8, Odd + 1).Unwind(code);
        Assert.Equal([Odd + 1], found.Addresses);
        Assert.Equal(StackEnd.BadUnwindInfo, found.End);

        found = Snapshot.X64(Odd + 2, Stack).Fill(8, Odd + 1).Unwind(code);
        Assert.Equal([Odd + 2, Odd + 1], found.Addresses); // as a leaf's frame on other processors
        Assert.Equal(StackEnd.BadUnwindInfo, found.End);
    }

    [Fact]
    public void Signals_that_interrupt_themselves_end_at_the_limit_of_rows()
    {
        var builder = new CfiBuilder().Common(Cfi.X64Start, "zRS").Function(Odd, 0x100, new Cfi().DefCfa(7, 0).Signed(0x11, 16, 0));
        var code = new FakeCode().Region(Odd, Odd + 0x100, new UnwindTable(builder.Open()));
        var found = Snapshot.X64(Odd + 1, Stack).Fill(8, Odd + 1).Unwind(code);
        Assert.Equal(StackEnd.CutByLimit, found.End);
        Assert.Equal(2 * (Limits.StackRows + 1), found.Entries.Length); // each behind a marker
    }

    [Fact]
    public void A_stack_at_the_end_of_the_address_space_ends_there()
    {
        var code = Code();
        const ulong top = 0xffff_ffff_ffff_ffc0;
        var found = Snapshot.X64(Leaf, top).Fill(8, Leaf + 1).Unwind(code);
        Assert.Equal(8, found.Addresses.Length);
        Assert.Equal(StackEnd.BadUnwindInfo, found.End); // the frame behind the last would be at 0
        found = Snapshot.X64(Leaf, 0xffff_ffff_ffff_fff4).Fill(8, Leaf + 1).Unwind(code);
        Assert.NotEqual(StackEnd.Unknown, found.End);
    }

    [Theory]
    [InlineData(CallchainContext.PERF_CONTEXT_USER)]
    [InlineData(CallchainContext.PERF_CONTEXT_KERNEL)]
    [InlineData(ulong.MaxValue)]
    public void A_return_address_that_would_be_a_marker_does_not_become_one(ulong marker)
    {
        var found = Snapshot.X64(Leaf, Stack).Words(marker, Leaf + 1).Unwind(Code());
        Assert.Equal([CallchainContext.PERF_CONTEXT_USER, Leaf], found.Entries);
        Assert.Equal(StackEnd.UnmappedCode, found.End);
        found = Snapshot.X64(marker, Stack).Words(Leaf + 1, 0).Unwind(Code());
        Assert.Equal(([], StackEnd.NoRegisters), (found.Entries, found.End));
    }

    [Fact]
    public void A_stack_of_nothing_but_calls_has_as_many_frames_as_fit_a_chain()
    {
        var snapshot = Snapshot.X64(Leaf, Stack).Fill(8100, Leaf + 1);
        var found = snapshot.Unwind(Code(), 64_800);
        Assert.Equal((Limits.CallchainEntries, StackEnd.CutByLimit), (found.Entries.Length, found.End));
    }

    private static FakeCode WithOdd(Cfi common, Cfi instructions)
    {
        var builder = new CfiBuilder().Common(common).Function(Odd, 0x100, instructions);
        return Code().Region(Odd, Odd + 0x100, new UnwindTable(builder.Open()));
    }
}
