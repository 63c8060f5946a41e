using System.Buffers.Binary;
using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Xunit;

namespace Viperf.Tests.Unwinding;

/// <summary>Code without call frame information, of which the calls before return addresses tell who called whom.</summary>
public class CallEvidenceTests
{
    // Functions: Low and High make no frame pointer, Framed does; Main calls them all, Low and High call each other.
    private const ulong Low = 0x5000, High = 0x5100, Framed = 0x5200, Main = 0x5300, Restore = 0x5400, Code = 0x5000;

    private const ulong AfterLow = High + 0x25, AfterHigh = Low + 0x25, AfterFramed = Main + 0x15, AfterAny = Main + 0x32;

    private const ulong Stack = 0x7ffe_0000_1000;

    [Fact]
    public void A_word_behind_a_call_of_this_function_goes_before_a_frame_pointer()
    {
        // Low, called by High, called by Framed, of which the frame pointer still is.
        byte[] bytes = Bytes();
        Call(bytes, Framed + 0x20, High);
        ulong frame = Stack + (5 * 8);
        var found = Snapshot.X64(Low + 0x80, Stack).Register(Snapshot.Rbp, frame)
            .Words(AfterLow, 7, Framed + 0x25, 7, 7, 0, AfterFramed).Fill(600, 7).Unwind(Space(bytes));

        Assert.Equal([Low + 0x80, AfterLow, Framed + 0x25, AfterFramed], found.Addresses);
        Assert.True(found.IsGuessed);
    }

    [Fact]
    public void What_other_calls_have_left_is_passed_over()
    {
        // In Low's frame lies an address behind a call of Framed, from a call of Low's that is long over.
        var found = Snapshot.X64(Low + 0x80, Stack).Words(7, AfterFramed, 7, AfterLow).Fill(600, 7).Unwind(Space(Bytes()));

        Assert.Equal([Low + 0x80, AfterLow], found.Addresses);
        Assert.True(found.IsGuessed);
    }

    [Fact]
    public void A_call_of_whatever_function_is_not_passed_over()
    {
        var found = Snapshot.X64(Low + 0x80, Stack).Words(7, AfterAny, 7, AfterLow).Fill(600, 7).Unwind(Space(Bytes()));

        Assert.Equal([Low + 0x80, AfterAny], found.Addresses[..2]);
    }

    [Theory]
    [InlineData(0, 0)] // push rbp
    [InlineData(1, 1)] // mov rbp, rsp
    [InlineData(0x40, 0)] // ret
    public void A_frame_that_is_not_made_yet_or_given_up_is_left_exactly(ulong offset, int pushed)
    {
        // The frame pointer is the caller's own.
        ulong frame = Stack + (6 * 8);
        var snapshot = Snapshot.X64(Framed + offset, Stack).Register(Snapshot.Rbp, frame);
        var found = snapshot.Fill(pushed, frame).Words(AfterFramed).Fill(6 - pushed - 1, 7).Words(0, 0x99).Unwind(Space(Bytes()));

        Assert.Equal([Framed + offset, AfterFramed], found.Addresses[..2]);
    }

    [Fact]
    public void A_made_frame_of_a_called_function_is_no_guess()
    {
        var found = Snapshot.X64(Framed + 0x80, Stack).Register(Snapshot.Rbp, Stack + 16)
            .Words(7, 7, 0, AfterFramed).Fill(600, 7).Unwind(Space(Bytes()));

        Assert.Equal([Framed + 0x80, AfterFramed], found.Addresses);
        Assert.Equal((StackEnd.NoUnwindInfo, false), (found.End, found.IsGuessed));
    }

    [Fact]
    public void A_frame_behind_the_dumps_end_is_cut_not_searched_for()
    {
        var snapshot = Snapshot.X64(Framed + 0x80, Stack).Register(Snapshot.Rbp, Stack + 256).Words(7, AfterAny, 7, 7).Fill(60, 7);
        var found = snapshot.Unwind(Space(Bytes()), 64);

        Assert.Equal([Framed + 0x80], found.Addresses);
        Assert.Equal(StackEnd.CutByDump, found.End);
    }

    [Fact]
    public void A_handler_is_left_by_the_signals_frame_whatever_the_frame_pointer_says()
    {
        // The handler made no frame pointer: rbp is that of the code which it interrupted.
        ulong interruptedStack = Stack + (40 * 8);
        ulong frame = interruptedStack + (2 * 8);
        var snapshot = Snapshot.X64(Low + 0x80, Stack).Register(Snapshot.Rbp, frame).Words(7, Restore).Fill(5, 7)
            .Words(8, 9, 10, 11, 12, 13, 14, 15, 5, 4, frame, 3, 1, 0, 2, interruptedStack, Framed + 0x80);
        snapshot.Fill((int)(interruptedStack - snapshot.Top) / 8, 7).Words(7, 7, 0, AfterFramed).Fill(600, 7);
        var found = snapshot.Unwind(Space(Bytes()));

        Assert.Equal([Low + 0x80, Restore, Framed + 0x80, AfterFramed], found.Addresses);
    }

    private static byte[] Bytes()
    {
        byte[] bytes = new byte[0x600];
        bytes.AsSpan().Fill(0x90);
        new byte[] { 0x55, 0x48, 0x89, 0xe5 }.CopyTo(bytes, (int)(Framed - Code));
        bytes[Framed + 0x40 - Code] = 0xc3;
        Call(bytes, AfterLow - 5, Low);
        Call(bytes, AfterHigh - 5, High);
        Call(bytes, AfterFramed - 5, Framed);
        new byte[] { 0xff, 0xd0 }.CopyTo(bytes, (int)(AfterAny - 2 - Code));
        new byte[] { 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05 }.CopyTo(bytes, (int)(Restore - Code));
        return bytes;
    }

    private static void Call(byte[] bytes, ulong place, ulong function)
    {
        bytes[place - Code] = 0xe8;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan((int)(place - Code) + 1), (int)((long)function - (long)place - 5));
    }

    private static FakeCode Space(byte[] bytes) =>
        new FakeCode().Code(Code, bytes).Region(Code, Code + (ulong)bytes.Length, new CodeRegion(null, 0));
}
