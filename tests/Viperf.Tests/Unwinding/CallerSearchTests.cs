using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Xunit;
using static Viperf.Tests.Unwinding.X64Code;

namespace Viperf.Tests.Unwinding;

/// <summary>Code without call frame information: what is known of its callers, and what is a guess and says so.</summary>
public class CallerSearchTests
{
    private const ulong Bare = 0x5000;

    /// <summary>Calls by ff /2 with every form of operand, and by e8, right before a return address; then what is no call.</summary>
    public static TheoryData<byte[], bool> Endings => new()
    {
        { [0xe8, 1, 2, 3, 4], true },
        { [0xff, 0xd0], true }, // call rax
        { [0x41, 0xff, 0xd3], true }, // call r11
        { [0xff, 0x10], true }, // call [rax]
        { [0xff, 0x14, 0xc8], true }, // call [rax + rcx * 8]
        { [0xff, 0x50, 0x18], true }, // call [rax + 24]
        { [0xff, 0x54, 0x24, 0x08], true }, // call [rsp + 8]
        { [0xff, 0x15, 1, 2, 3, 4], true }, // call [rip + ...]
        { [0xff, 0x90, 1, 2, 3, 4], true }, // call [rax + ...]
        { [0xff, 0x94, 0x24, 1, 2, 3, 4], true }, // call [rsp + ...]
        { [0xe9, 1, 2, 3, 4], false }, // jmp
        { [0xff, 0xe0], false }, // jmp rax
        { [0xff, 0x30], false }, // push [rax]
        { [0x90, 0x90, 0x90], false },
        { [0xff, 0x50], false }, // call [rax + ...], cut
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public void A_guess_is_an_address_behind_a_call(byte[] call, bool isCall)
    {
        byte[] bytes = [.. new byte[16], .. call, .. new byte[16]];
        ulong back = Bare + 16 + (ulong)call.Length;
        var code = Code().Region(Bare, Bare + 0x1000, new CodeRegion(null, 0)).Code(Bare, bytes);
        var found = Snapshot.X64(Bare + 1, Stack).Words(7, Leaf, back).Fill(600, 0).Unwind(code);
        Assert.Equal(isCall ? [Bare + 1, back] : [Bare + 1], found.Addresses);
        Assert.Equal((StackEnd.NoUnwindInfo, isCall), (found.End, found.IsGuessed));
    }

    [Fact]
    public void A_frame_pointer_is_followed_and_is_a_guess_in_the_leaf_alone()
    {
        var code = Code().Region(Bare, Bare + 0x1000, new CodeRegion(null, 0)).Code(Bare, [.. Enumerable.Repeat<byte>(0xe8, 0x1000)])
            .Code(Framed, [.. Enumerable.Repeat<byte>(0xe8, 0x100)]);
        ulong bare = Stack + (4 * 8);
        ulong framed = Stack + (8 * 8);
        var stack = Snapshot.X64(Leaf, Stack).Register(Snapshot.Rbp, bare).Words(Bare + 0x20).Fill(3, Bare + 0x30).Words(framed, Framed + 0x10);
        var found = WithStart(stack.Words(0xdead, 0xdead)).Unwind(code);
        Assert.Equal([Leaf, Bare + 0x20, Framed + 0x10, Start + 0x10], found.Addresses);
        Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));

        var leaf = Snapshot.X64(Bare + 0x20, Stack).Register(Snapshot.Rbp, bare).Fill(4, Bare + 0x30).Words(framed, Framed + 0x10);
        found = WithStart(leaf.Words(0xdead, 0xdead)).Unwind(code);
        Assert.Equal([Bare + 0x20, Framed + 0x10, Start + 0x10], found.Addresses);
        Assert.Equal((StackEnd.Complete, true), (found.End, found.IsGuessed));
    }

    [Theory]
    [InlineData(-8)] // below the stack pointer
    [InlineData(12)] // not at a word
    [InlineData(16)] // leads back to itself
    [InlineData(1 << 20)] // not in the copy
    public void A_frame_pointer_that_is_none_is_not_followed(int distance)
    {
        var code = Code().Region(Bare, Bare + 0x1000, new CodeRegion(null, 0)).Code(Bare, [.. Enumerable.Repeat<byte>(0xe8, 0x1000)]);
        ulong rbp = (ulong)((long)Stack + distance);
        var found = Snapshot.X64(Leaf, Stack).Register(Snapshot.Rbp, rbp).Words(Bare + 0x20, 7, rbp, Bare + 0x30, 7, 7).Unwind(code);
        Assert.Equal([Leaf, Bare + 0x20, Bare + 0x30], found.Addresses[..3]);
        Assert.True(found.IsGuessed);
    }

    [Fact]
    public void A_search_that_the_dump_cut_says_so()
    {
        var code = Code().Region(Bare, Bare + 0x1000, new CodeRegion(null, 0));
        var snapshot = Snapshot.X64(Leaf, Stack).Words(Bare + 0x20).Fill(600, 7);
        Assert.Equal(StackEnd.CutByDump, snapshot.Unwind(code, 64).End);
        Assert.Equal(StackEnd.NoUnwindInfo, snapshot.Unwind(code, 600 * 8).End);
        Assert.Equal(StackEnd.NoUnwindInfo, Snapshot.X64(Leaf, Stack).Words(Bare + 0x20).Fill(10, 7).Unwind(code).End);
    }

    [Fact]
    public void A_stack_of_nothing_but_return_addresses_does_not_cost_each_of_them_a_search_of_all()
    {
        const int words = 8000;
        var code = Code().Region(Bare, Bare + 0x1000, new CodeRegion(null, 0)).Code(Bare, [.. Enumerable.Repeat<byte>(0xe8, 0x1000)]);
        var found = Snapshot.X64(Bare + 0x20, Stack).Fill(words, Bare + 0x30).Unwind(code);
        Assert.True(found.Addresses.Length > 100);
        Assert.All(found.Addresses[1..], address => Assert.Equal(Bare + 0x30, address));
        Assert.Equal((StackEnd.NoUnwindInfo, true), (found.End, found.IsGuessed));
        Assert.InRange(code.Lookups, words, 10 * words);
    }

    [Fact]
    public void An_address_at_which_nothing_lies_is_the_last()
    {
        var found = Snapshot.X64(Leaf, Stack).Words(0x99999, Saves + 1).Unwind(Code());
        Assert.Equal([Leaf, 0x99999], found.Addresses);
        Assert.Equal((StackEnd.UnmappedCode, false), (found.End, found.IsGuessed));
    }
}
