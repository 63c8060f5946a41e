using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;
using Viperf.Tests.Dwarf;
using Viperf.Tests.Elf;
using Xunit;
using static Viperf.Tests.Unwinding.X64Code;

namespace Viperf.Tests.Unwinding;

public class X64FramesTests
{
    private const ulong Other = 0x4400;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Callers_are_found_up_to_the_one_that_has_none(bool byRows)
    {
        var found = Frames().Unwind(Code(byRows));
        Assert.Equal([CallchainContext.PERF_CONTEXT_USER, .. FramesFound], found.Entries);
        Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_return_address_of_0_is_a_threads_end(bool byRows)
    {
        var found = Snapshot.X64(Leaf + 4, Stack).Words(0, Leaf + 4).Unwind(Code(byRows));
        Assert.Equal([Leaf + 4], found.Addresses);
        Assert.Equal(StackEnd.Complete, found.End);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_a_cut_dump_every_frame_is_found_whose_return_address_it_has(bool byRows)
    {
        var code = Code(byRows);
        var snapshot = Frames();
        int[] ends = [8, 8 + 32, snapshot.StackBytes]; // bytes up to the callers' return addresses
        for (int bytes = 1; bytes <= snapshot.StackBytes; bytes++)
        {
            var found = snapshot.Unwind(code, bytes);
            int callers = ends.Count(end => end <= bytes);
            Assert.Equal(FramesFound[..(callers + 1)], found.Addresses);
            Assert.Equal(callers == ends.Length ? StackEnd.Complete : StackEnd.CutByDump, found.End);
            Assert.False(found.IsGuessed);
        }

        Assert.Equal(StackEnd.UnreadableStack, snapshot.Unwind(code, 0).End);
    }

    [Fact]
    public void Where_the_kernel_could_not_copy_on_no_longer_dump_would_help()
    {
        var snapshot = Snapshot.X64(Saves + 0x10, Stack).Words(1, 2);
        Assert.Equal(StackEnd.CutByDump, snapshot.Unwind(Code(), 16).End);
        Assert.Equal(StackEnd.UnreadableStack, snapshot.Unwind(Code(), 24).End);
    }

    [Fact]
    public void A_frame_on_another_stack_is_not_cut_by_the_dump()
    {
        var below = Snapshot.X64(Framed + 0x10, Stack).Register(Snapshot.Rbp, Stack - 64).Fill(8, 0xdead);
        var farAbove = Snapshot.X64(Framed + 0x10, Stack).Register(Snapshot.Rbp, Stack + (1UL << 40)).Fill(8, 0xdead);
        Assert.Equal(StackEnd.UnreadableStack, below.Unwind(Code(), 16).End);
        Assert.Equal(StackEnd.UnreadableStack, farAbove.Unwind(Code(), 16).End);
    }

    [Fact]
    public void A_return_address_behind_a_functions_last_instruction_belongs_to_it()
    {
        var found = Snapshot.X64(Leaf, Stack).Words(Framed).Words(1, 2, 3, 0).Unwind(Code());
        Assert.Equal([Leaf, Framed], found.Addresses); // as Saves has it, whose last instruction is the call
        Assert.Equal(StackEnd.Complete, found.End);
    }

    /// <summary>glibc's __restore_rt, as gdb and libgcc know it; its description begins a byte before it.</summary>
    private static void AddRestore(CfiBuilder builder)
    {
        var rules = new Cfi().DefCfaExpression(0x77, 0xa0, 0x01, 0x06); // rsp + 160, deref
        for (byte i = 0; i < 17; i++)
        {
            byte register = new byte[] { 8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16 }[i];
            rules.Expression(0x10, register, [0x77, .. new ByteList().Sleb(40 + (i * 8)).ToArray()]);
        }

        builder.Common(rules, "zRS").Function(Other + 0x7f, 0x21, new Cfi());
    }

    /// <summary>The kernel's frame of a signal: what its return finds, up to the registers' end.</summary>
    private static Snapshot Signal(Snapshot handler, ulong interrupted, ulong stackPointer, ulong framePointer) => handler
        .Words(Other + 0x80)
        .Fill(5, 0xdead)
        .Words(8, 9, 10, 11, 12, 13, 14, 15, 5, 4, framePointer, 3, 1, 0, 2, stackPointer, interrupted);

    [Fact]
    public void Code_that_a_signal_interrupted_is_looked_up_where_it_was()
    {
        // It was to run the first instruction of Saves: a byte before it, other rules hold.
        var code = Code(more: AddRestore).Region(Other, Other + 0x100, Table(more: AddRestore));
        var snapshot = Signal(Snapshot.X64(Leaf, Stack), Saves, Stack + (40 * 8), 0);
        snapshot.Fill((int)(Stack + (40 * 8) - snapshot.Top) / 8, 0xdead);
        ulong frame = snapshot.Top + (6 * 8);
        WithStart(snapshot.Words(0xdead, 0xdead, frame, Framed + 0x10, 0xdead, 0xdead));
        var found = snapshot.Unwind(code);
        Assert.Equal(
            [
                CallchainContext.PERF_CONTEXT_USER, Leaf, Other + 0x80, CallchainContext.PERF_CONTEXT_USER, Saves, Framed + 0x10,
                Start + 0x10,
            ],
            found.Entries);
        Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
        for (int bytes = 8; bytes < snapshot.StackBytes; bytes++)
        {
            var cut = snapshot.Unwind(code, bytes);
            Assert.Equal(found.Addresses[..cut.Addresses.Length], cut.Addresses);
            Assert.Equal(StackEnd.CutByDump, cut.End);
            Assert.False(cut.IsGuessed);
        }
    }

    [Theory]
    [InlineData(0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05)]
    public void Without_call_frame_information_the_return_from_a_signal_is_known_by_its_code(params int[] restore)
    {
        byte[] bytes = [.. restore.Select(value => (byte)value), 0x90];
        var code = Code().Region(Other, Other + 0x100, (UnwindTable?)null).Code(Other + 0x80, bytes);
        var snapshot = Signal(Snapshot.X64(Leaf, Stack), Framed, Stack + (30 * 8), Stack + (32 * 8));
        snapshot.Fill((int)(Stack + (32 * 8) - snapshot.Top) / 8, Start + 5);
        WithStart(snapshot);
        var found = snapshot.Unwind(code);
        Assert.Equal([Leaf, Other + 0x80, Framed, Start + 0x10], found.Addresses);
        Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
        for (int length = 8; length < 8 + (22 * 8); length++)
        {
            var cut = snapshot.Unwind(code, length);
            Assert.Equal([Leaf, Other + 0x80], cut.Addresses);
            Assert.Equal((StackEnd.CutByDump, false), (cut.End, cut.IsGuessed));
        }
    }

    [Theory]
    [InlineData(-4096)]
    [InlineData(1L << 40)]
    public void From_a_handlers_own_stack_the_interrupted_code_is_the_last_that_can_be_found(long distance)
    {
        var code = Code(more: AddRestore).Region(Other, Other + 0x100, Table(more: AddRestore));
        var found = Signal(Snapshot.X64(Leaf, Stack), Saves + 5, (ulong)((long)Stack + distance), 0).Fill(64, 0xdead).Unwind(code, 512);
        Assert.Equal([Leaf, Other + 0x80, Saves + 5], found.Addresses);
        Assert.Equal(StackEnd.UnreadableStack, found.End);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(6, false)]
    [InlineData(11, true)]
    [InlineData(15, true)]
    public void Stubs_of_a_procedure_linkage_table_have_pushed_a_word_from_their_second_half_on(int offset, bool hasPushed)
    {
        // breg7 8; breg16 0; lit15; and; lit11; ge; lit3; shl; plus: what all linkers write.
        var plt = new Cfi().DefCfaExpression(0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22);
        void Add(CfiBuilder builder) => builder.Common(Cfi.X64Start).Function(Other, 0x100, plt);
        var code = Code().Region(Other, Other + 0x100, Table(more: Add));
        var snapshot = Snapshot.X64(Other + 0x20 + (ulong)offset, Stack).Register(Snapshot.Rbp, Stack + 48);
        snapshot.Words(hasPushed ? [7, Framed + 0x10] : [Framed + 0x10, 7]);
        var found = WithStart(snapshot.Fill(4, 0xdead)).Unwind(code);
        Assert.Equal([Other + 0x20 + (ulong)offset, Framed + 0x10, Start + 0x10], found.Addresses);
    }

    [Fact]
    public void Frames_that_realigned_the_stack_are_left_by_what_they_saved_of_it()
    {
        // lea r10, [rsp + 8]; and rsp, -64; push [r10 - 8]; push rbp; mov rbp, rsp; push r10.
        var rules = new Cfi().DefCfaExpression(0x76, 0x78, 0x06).Expression(0x10, 6, 0x76, 0).Expression(0x10, 3, 0x76, 0x70);
        void Add(CfiBuilder builder) => builder.Common(Cfi.X64Start).Function(Other, 0x100, rules);
        var code = Code().Region(Other, Other + 0x100, Table(more: Add));
        ulong own = Stack + 64;
        ulong cfa = own + 96;
        var snapshot = Snapshot.X64(Other + 0x50, Stack).Register(Snapshot.Rbp, own).Fill(6, 0xdead).Words(0xb, cfa);
        Assert.Equal(own, snapshot.Top);
        snapshot.Words(cfa + 32, 0xdead).Fill(9, 0xdead).Words(Framed + 0x10).Fill(4, 0xdead);
        Assert.Equal(cfa + 32, snapshot.Top);
        var found = WithStart(snapshot).Unwind(code);
        Assert.Equal([Other + 0x50, Framed + 0x10, Start + 0x10], found.Addresses);
        Assert.Equal(StackEnd.Complete, found.End);
    }

    [Fact]
    public void Code_that_calls_main_has_no_caller_even_where_nothing_says_so()
    {
        var elf = new ElfBuilder { EntryPoint = Other + 0x20 }.Text(Other).Open();
        var code = Code().Region(Other, Other + 0x100, UnwindTable.Read(elf, null, _ => { }));
        var found = Snapshot.X64(Leaf, Stack).Words(Other + 0x40, Leaf + 1, Leaf + 2).Unwind(code);
        Assert.Equal([Leaf, Other + 0x40], found.Addresses);
        Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
        Assert.NotEqual(StackEnd.Complete, Snapshot.X64(Leaf, Stack).Words(Other + 0x1f, 0xdead).Unwind(code).End);
        Assert.NotEqual(StackEnd.Complete, Snapshot.X64(Leaf, Stack).Words(Other + 0x20 + 98, 0xdead).Unwind(code).End);
    }

    [Fact]
    public void Frames_of_32_bit_programs_are_not_unwound_and_threads_without_program_have_none()
    {
        var snapshot = Frames();
        snapshot.Abi = RegistersAbi.PERF_SAMPLE_REGS_ABI_32;
        Assert.Equal(([], StackEnd.NoRegisters), (snapshot.Unwind(Code()).Entries, snapshot.Unwind(Code()).End));
        snapshot.Abi = RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE;
        Assert.Equal(([], StackEnd.Unknown), (snapshot.Unwind(Code()).Entries, snapshot.Unwind(Code()).End));
        Assert.Null(StackUnwinder.For(ElfMachine.EM_386));
    }
}
