using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;
using Viperf.Tests.Dwarf;
using Xunit;

namespace Viperf.Tests.Unwinding;

/// <summary>aarch64's frames, on whatever machine the tests run.</summary>
public class Arm64FramesTests
{
    private const ulong
        Leaf = 0x4000, // CFA = sp, the return address in x30
        Saves = 0x4100, // CFA = sp + 32, x29 at CFA - 32, x30 at CFA - 24
        Framed = 0x4200, // CFA = x29 + 48, x29 at CFA - 48, x30 at CFA - 40, x19 at CFA - 16
        Start = 0x4300, // no caller
        End = 0x4400,
        Bare = 0x5000; // no call frame information

    private const ulong Stack = 0xffff_0000_1000;

    /// <summary>What the processor puts into an address's upper bits to sign it.</summary>
    private const ulong Signature = 0x002a_0000_0000_0000;

    private static readonly byte[] s_plain =
        [0xfd, 0x7b, 0xbf, 0xa9, 0xfd, 0x03, 0x00, 0x91, 0x60, 0x00, 0x3f, 0xd6, 0xfd, 0x7b, 0xc1, 0xa8, 0xc0, 0x03, 0x5f, 0xd6];

    private static readonly byte[] s_signing =
    [
        0x3f, 0x23, 0x03, 0xd5, .. s_plain[..16], 0xbf, 0x23, 0x03, 0xd5, .. s_plain[16..],
    ];

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, Signature)]
    [InlineData(true, Signature)]
    public void Callers_are_found_up_to_the_one_that_has_none(bool byRows, ulong signature)
    {
        var found = Frames(signature).Unwind(Code(byRows, signed: signature != 0));
        Assert.Equal([CallchainContext.PERF_CONTEXT_USER, Leaf + 4, Saves + 16, Framed + 16, Start + 16], found.Entries);
        Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_a_cut_dump_every_frame_is_found_whose_return_address_it_has(bool byRows)
    {
        var snapshot = Frames(0);
        int[] ends = [0, 16, 48]; // bytes up to the callers' return addresses, the leaf's in a register
        for (int bytes = 0; bytes <= snapshot.StackBytes; bytes++)
        {
            var found = snapshot.Unwind(Code(byRows), bytes);
            int callers = ends.Count(end => end <= bytes);
            Assert.Equal(new[] { Leaf + 4, Saves + 16, Framed + 16, Start + 16 }[..(callers + 1)], found.Addresses);
            Assert.Equal(callers == ends.Length ? StackEnd.Complete : bytes == 0 ? StackEnd.UnreadableStack : StackEnd.CutByDump, found.End);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_link_register_that_a_call_has_overwritten_is_nobodys_return_address(bool byRows)
    {
        // The caller's description says, as a leaf's does, that x30 has its return address still.
        var snapshot = Snapshot.Arm64(Saves + 4, Stack).Words(1, Leaf + 8, 3, 4, 5, 6);
        var found = snapshot.Unwind(Code(byRows));
        Assert.Equal([Saves + 4, Leaf + 8], found.Addresses);
        Assert.Equal(StackEnd.BadUnwindInfo, found.End);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_return_address_of_0_is_a_threads_end(bool byRows)
    {
        var found = Snapshot.Arm64(Leaf + 4, Stack).Register(Snapshot.X30, 0).Words(1).Unwind(Code(byRows));
        Assert.Equal([Leaf + 4], found.Addresses);
        Assert.Equal(StackEnd.Complete, found.End);
    }

    [Fact]
    public void A_signals_frame_has_all_registers_of_the_interrupted_code()
    {
        // mov x8, 139; svc 0: the vdso's or the C library's, without call frame information. A leaf was interrupted.
        var code = Code().Region(Bare, Bare + 0x100, new CodeRegion(null, 0)).Code(Bare + 0x20, 0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4);
        var snapshot = Snapshot.Arm64(Leaf + 4, Stack).Register(Snapshot.X30, Bare + 0x20);
        snapshot.Fill((128 + 176 + 8) / 8, 0xdead);
        ulong interruptedStack = snapshot.Top + (34 * 8);
        for (ulong register = 0; register <= 30; register++)
        {
            snapshot.Words(register == Snapshot.X30 ? Saves + 16 : register);
        }

        snapshot.Words(interruptedStack, Leaf + 8, 0xdead);
        Assert.Equal(interruptedStack, snapshot.Top);
        snapshot.Words(1, Start + 16, 2, 3);
        var found = snapshot.Unwind(code);
        Assert.Equal(
            [
                CallchainContext.PERF_CONTEXT_USER, Leaf + 4, Bare + 0x20, CallchainContext.PERF_CONTEXT_USER, Leaf + 8, Saves + 16,
                Start + 16,
            ],
            found.Entries);
        Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
        for (int bytes = 8; bytes < (39 + 33) * 8; bytes++)
        {
            var cut = snapshot.Unwind(code, bytes);
            Assert.Equal([Leaf + 4, Bare + 0x20], cut.Addresses);
            Assert.Equal((StackEnd.CutByDump, false), (cut.End, cut.IsGuessed));
        }
    }

    public static TheoryData<bool, int, bool, bool> TrampolinePlaces => new()
    {
        { false, 0, false, false },
        { false, 4, true, false },
        { false, 8, true, true },
        { false, 12, true, true },
        { false, 16, false, false },
        { true, 0, false, false },
        { true, 4, false, false },
        { true, 8, true, false },
        { true, 12, true, true },
        { true, 16, true, true },
        { true, 20, false, false },
        { true, 24, false, false },
    };

    [Theory]
    [MemberData(nameof(TrampolinePlaces))]
    public void Every_instruction_of_a_trampoline_is_left_for_the_caller(bool isSigning, int offset, bool isMade, bool isOwn)
    {
        byte[] bytes = isSigning ? s_signing : s_plain;
        ulong frame = Stack + 64;
        ulong back = Framed + 16;
        ulong saved = isSigning && offset is > 0 and < 24 ? back | Signature : back;
        ulong start = Bare + 0x40;
        byte[] arena = [.. Enumerable.Repeat(bytes, 9).SelectMany(trampoline => trampoline)];
        FakeCode[] layouts =
        [
            Code().Region(start, start + 32, new CodeRegion(null, 0, true, start, (uint)bytes.Length)),
            Code().Region(Bare, Bare + 0x1000, new CodeRegion(null, 0, true)).Code(start - (ulong)(4 * bytes.Length), arena),
        ];
        foreach (var code in layouts)
        {
            var snapshot = Snapshot.Arm64(start + (ulong)offset, Stack)
                .Register(Snapshot.X29, isOwn ? Stack : frame).Register(Snapshot.X30, isOwn ? 0xdead : saved);
            snapshot.Words(isMade ? [frame, saved] : [0xdead, 0xdead]).Fill(6, 0xdead);
            var found = snapshot.Words(0, Start + 16, 1, 2, 3, 4).Unwind(code);
            Assert.Equal([start + (ulong)offset, back, Start + 16], found.Addresses);
            Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(28)]
    [InlineData(44)]
    public void A_counting_trampoline_of_the_agents_is_left_by_its_frame_pointer(int offset)
    {
        uint[] words =
        [
            0xa9be7bfd, 0x910003fd, 0xf9000be0, 0xb9402409, 0x11000929, 0xb9002409, 0xd63f0060, 0xf9400be9, 0xb940252a, 0x5100094a,
            0xb900252a, 0xa8c27bfd, 0xd65f03c0,
        ];
        byte[] bytes = [.. words.SelectMany(BitConverter.GetBytes)];
        ulong start = Bare + 0x100;
        byte[] arena = [.. Enumerable.Repeat(bytes, 5).SelectMany(trampoline => trampoline)];
        FakeCode[] layouts =
        [
            Code().Region(start, start + 64, new CodeRegion(null, 0, true, start, (uint)bytes.Length)),
            Code().Region(Bare, Bare + 0x1000, new CodeRegion(null, 0, true)).Code(start - (ulong)(2 * bytes.Length), arena),
        ];
        foreach (var code in layouts)
        {
            var snapshot = Snapshot.Arm64(start + (ulong)offset, Stack).Register(Snapshot.X29, Stack).Register(Snapshot.X30, 0xdead);
            var found = snapshot.Words(Stack + 64, Framed + 16, 0xdead, 0xdead).Fill(4, 0xdead).Words(0, Start + 16, 1, 2, 3, 4)
                .Unwind(code);
            Assert.Equal([start + (ulong)offset, Framed + 16, Start + 16], found.Addresses);
            Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
        }
    }

    [Theory]
    [InlineData(0x94000010u, true)] // bl
    [InlineData(0x97fffff0u, true)]
    [InlineData(0xd63f0060u, true)] // blr x3
    [InlineData(0xd63f0841u, true)] // blraaz x2
    [InlineData(0xd73f0862u, true)] // blraa x3, x2
    [InlineData(0xd61f0060u, false)] // br x3
    [InlineData(0xd65f03c0u, false)] // ret
    [InlineData(0x14000010u, false)] // b
    public void A_frame_record_is_followed_where_its_return_address_lies_behind_a_call(uint instruction, bool isCall)
    {
        var code = Code().Region(Bare, Bare + 0x100, new CodeRegion(null, 0)).Code(Bare + 0x20, BitConverter.GetBytes(instruction));
        var snapshot = Snapshot.Arm64(Leaf + 4, Stack).Register(Snapshot.X30, Bare + 0x80).Register(Snapshot.X29, Stack + 16);
        var found = snapshot.Words(1, 2, Stack + 64, Bare + 0x24 | Signature).Fill(600, 0).Unwind(code);
        Assert.Equal(isCall ? [Leaf + 4, Bare + 0x80, Bare + 0x24] : [Leaf + 4, Bare + 0x80], found.Addresses);
        Assert.Equal(StackEnd.NoUnwindInfo, found.End);
        Assert.False(found.IsGuessed);
    }

    private static FakeCode Code(bool byRows = false, bool signed = false)
    {
        var common = byRows ? Cfi.Arm64Start.Raw(new Cfi().Offset(8, 30).ToArray()) : Cfi.Arm64Start;
        var sign = signed ? new Cfi().NegateRaState().ToArray() : [];
        var builder = new CfiBuilder(machine: ElfMachine.EM_AARCH64).Common(common)
            .Function(Leaf, 0x100, new Cfi())
            .Function(Saves, 0x100, new Cfi().Raw(sign).DefCfaOffset(32).Offset(29, 4).Offset(30, 3))
            .Function(Framed, 0x100, new Cfi().Raw(sign).DefCfa(29, 48).Offset(29, 6).Offset(30, 5).Offset(19, 2))
            .Function(Start, 0x100, new Cfi().Op(0x07, 30));
        return new FakeCode().Region(Leaf, End, new UnwindTable(builder.Open()));
    }

    /// <summary>A stack with a frame of every function.</summary>
    private static Snapshot Frames(ulong signature)
    {
        var snapshot = Snapshot.Arm64(Leaf + 4, Stack).Register(Snapshot.X29, 7).Register(Snapshot.X30, Saves + 16);
        ulong frame = Stack + 32;
        return snapshot.Words(frame, Framed + 16 | signature, 0xdead, 0xdead)
            .Words(0, Start + 16 | signature, 0xdead, 0xdead, 19, 0xdead);
    }
}
