using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Xunit;
using static Viperf.Tests.Unwinding.X64Code;

namespace Viperf.Tests.Unwinding;

/// <summary>
/// CPython's trampolines at every instruction, found by what a perf map or a jitdump says of their bounds, and by their bytes
/// wherever in a page they lie. Their caller's frame takes the frame pointer, so that a wrong one is seen.
/// </summary>
public class TrampolinesTests
{
    private const ulong Page = 0x6_0000;
    private const int PageBytes = 0x1000;

    private static readonly byte[] s_old = [0x48, 0x83, 0xec, 0x08, 0xff, 0xd1, 0x48, 0x83, 0xc4, 0x08, 0xc3];
    private static readonly byte[] s_new = [0x55, 0x48, 0x89, 0xe5, 0xff, 0xd1, 0x5d, 0xc3];
    private static readonly byte[] s_guarded = [0xf3, 0x0f, 0x1e, 0xfa, .. s_new];

    /// <summary>
    /// viperf's agent's in CPython 3.12: push rbp; mov rbp, rsp; push rdi; push rax; add dword [rdi+36], 2; call rcx; pop rcx; pop
    /// rdi; sub dword [rdi+36], 2; pop rbp; ret.
    /// </summary>
    private static readonly byte[] s_counting =
        [0x55, 0x48, 0x89, 0xe5, 0x57, 0x50, 0x83, 0x47, 0x24, 2, 0xff, 0xd1, 0x59, 0x5f, 0x83, 0x6f, 0x24, 2, 0x5d, 0xc3];

    /// <summary>And in 3.13: [rdi+52], 1.</summary>
    private static readonly byte[] s_counting313 =
        [0x55, 0x48, 0x89, 0xe5, 0x57, 0x50, 0x83, 0x47, 0x34, 1, 0xff, 0xd1, 0x59, 0x5f, 0x83, 0x6f, 0x34, 1, 0x5d, 0xc3];

    /// <summary>
    /// Bytes, the offset of an instruction, and what it finds: words below the return address, of rbp whether the last of
    /// them is the caller's, and whether it points there.
    /// </summary>
    public static TheoryData<byte[], int, int, bool, bool> Places => new()
    {
        { s_old, 0, 0, false, false },
        { s_old, 4, 1, false, false },
        { s_old, 6, 1, false, false },
        { s_old, 10, 0, false, false },
        { s_new, 0, 0, false, false },
        { s_new, 1, 1, true, false },
        { s_new, 4, 1, true, true },
        { s_new, 6, 1, true, true },
        { s_new, 7, 0, false, false },
        { s_guarded, 0, 0, false, false },
        { s_guarded, 4, 0, false, false },
        { s_guarded, 5, 1, true, false },
        { s_guarded, 8, 1, true, true },
        { s_guarded, 10, 1, true, true },
        { s_guarded, 11, 0, false, false },
        { s_counting, 0, 0, false, false },
        { s_counting, 1, 1, true, false },
        { s_counting, 19, 0, false, false },
    };

    /// <summary>Offsets in the counting trampoline at which rbp points to its frame, and words that it has pushed below.</summary>
    public static TheoryData<int, int> CountingPlaces => new()
    {
        { 4, 0 }, { 5, 1 }, { 6, 2 }, { 10, 2 }, { 12, 2 }, { 13, 1 }, { 14, 0 }, { 18, 0 },
    };

    [Theory]
    [MemberData(nameof(CountingPlaces))]
    public void Every_instruction_of_a_counting_trampoline_is_left_by_its_frame_pointer(int offset, int words)
    {
        ulong frame = Stack + (8 * 8);
        foreach (var (start, code) in Layouts(s_counting).Concat(Layouts(s_counting313)))
        {
            ulong ip = start + (ulong)offset;
            var state = Snapshot.X64(ip, Stack).Register(Snapshot.Rbp, Stack + (8 * (ulong)words));
            state.Fill(words, 0xdead).Words(frame, Framed + 0x10).Fill(6 - words, 0xdead);
            var found = WithStart(state).Unwind(code);
            Assert.Equal([ip, Framed + 0x10, Start + 0x10], found.Addresses);
            Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
            for (int cut = 1; cut < 8 * (words + 2); cut++)
            {
                var part = state.Unwind(code, cut);
                Assert.Equal([ip], part.Addresses);
                Assert.Equal((StackEnd.CutByDump, false), (part.End, part.IsGuessed));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(37)]
    [InlineData(127)]
    public void The_agents_evaluator_has_no_frame_wherever_it_is(int offset)
    {
        byte[] page = new byte[PageBytes];
        "viperf evaluator"u8.CopyTo(page.AsSpan(128));
        var byMark = Code().Region(Page, Page + PageBytes, new CodeRegion(null, 0, true)).Code(Page, page);
        var byMap = Code().Region(Page, Page + PageBytes, new CodeRegion(null, 0, true, Page, 128));
        foreach (var code in new[] { byMark, byMap })
        {
            ulong ip = Page + (ulong)offset;
            var state = Snapshot.X64(ip, Stack).Register(Snapshot.Rbp, Stack + (8 * 8)).Words(Framed + 0x10).Fill(7, 0xdead);
            var found = WithStart(state).Unwind(code);
            Assert.Equal([ip, Framed + 0x10, Start + 0x10], found.Addresses);
            Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
        }
    }

    [Fact]
    public void Code_at_a_pages_start_without_the_mark_is_no_evaluator()
    {
        byte[] page = new byte[PageBytes];
        "viperf evaluatOr"u8.CopyTo(page.AsSpan(128));
        var code = Code().Region(Page, Page + PageBytes, new CodeRegion(null, 0, true)).Code(Page, page);
        Assert.Equal(StackEnd.NoUnwindInfo, Snapshot.X64(Page + 6, Stack).Words(0xdead, 0xdead).Unwind(code).End);

        byte[] behind = new byte[PageBytes];
        "viperf evaluator"u8.CopyTo(behind.AsSpan(128));
        code = Code().Region(Page, Page + PageBytes, new CodeRegion(null, 0, true)).Code(Page, behind);
        Assert.Equal(StackEnd.NoUnwindInfo, Snapshot.X64(Page + 128, Stack).Words(0xdead, 0xdead).Unwind(code).End);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Every_instruction_is_left_for_the_caller(byte[] bytes, int offset, int words, bool isSaved, bool isOwn)
    {
        ulong frame = Stack + (8 * 8);
        foreach (var (start, code) in Layouts(bytes))
        {
            ulong ip = start + (ulong)offset;
            var state = Snapshot.X64(ip, Stack).Register(Snapshot.Rbp, isOwn ? Stack : frame);
            state.Fill(words, isSaved ? frame : 0xdead).Words(Framed + 0x10).Fill(7 - words, 0xdead);
            var found = WithStart(state).Unwind(code);
            Assert.Equal([ip, Framed + 0x10, Start + 0x10], found.Addresses);
            Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
            for (int cut = 1; cut < 8 * (words + 1); cut++)
            {
                var part = state.Unwind(code, cut);
                Assert.Equal([ip], part.Addresses);
                Assert.Equal((StackEnd.CutByDump, false), (part.End, part.IsGuessed));
            }
        }
    }

    public static TheoryData<byte[], int, bool> Calls => new() { { s_old, 6, false }, { s_new, 6, true }, { s_guarded, 10, true } };

    [Theory]
    [MemberData(nameof(Calls))]
    public void What_a_trampoline_calls_returns_into_it(byte[] bytes, int offset, bool isSaved)
    {
        ulong frame = Stack + (8 * 8);
        foreach (var (start, code) in Layouts(bytes))
        {
            ulong back = start + (ulong)offset;
            var state = Snapshot.X64(Leaf, Stack).Register(Snapshot.Rbp, isSaved ? Stack + 8 : frame);
            state.Words(back).Words(isSaved ? frame : 0xdead, Framed + 0x10).Fill(5, 0xdead);
            var found = WithStart(state).Unwind(code);
            Assert.Equal([Leaf, back, Framed + 0x10, Start + 0x10], found.Addresses);
            Assert.Equal((StackEnd.Complete, false), (found.End, found.IsGuessed));
        }
    }

    [Fact]
    public void Other_generated_code_is_no_trampoline()
    {
        foreach (uint size in new uint[] { 7, 9, 10, 13, 16, 18, 28 })
        {
            var code = Code().Region(Page, Page + PageBytes, new CodeRegion(null, 0, true, Page, size));
            Assert.Equal(StackEnd.NoUnwindInfo, Snapshot.X64(Page + 6, Stack).Words(0xdead, 0xdead).Unwind(code).End);
        }

        byte[] almost = [.. s_old];
        almost[9] = 0x10;
        var bytes = Code().Region(Page, Page + PageBytes, new CodeRegion(null, 0, true)).Code(Page, [.. new byte[32], .. almost, .. new byte[32]]);
        Assert.Equal(StackEnd.NoUnwindInfo, Snapshot.X64(Page + 32 + 6, Stack).Words(0xdead, 0xdead).Unwind(bytes).End);
    }

    [Fact]
    public void A_trampoline_in_a_file_is_the_files_code() // whose call frame information counts, or its lack
    {
        var code = Code().Region(Page, Page + PageBytes, new CodeRegion(null, 0)).Code(Page, [.. new byte[32], .. s_old, .. new byte[32]]);
        Assert.Equal(StackEnd.NoUnwindInfo, Snapshot.X64(Page + 32 + 6, Stack).Words(0xdead, 0xdead).Unwind(code).End);
    }

    /// <summary>Where a trampoline may lie, and what is known of it: its bounds or its bytes.</summary>
    private static IEnumerable<(ulong Start, FakeCode Code)> Layouts(byte[] bytes)
    {
        const ulong start = Page + 0x120;
        yield return (start, Code().Region(start, start + 32, new CodeRegion(null, 0, true, start, (uint)bytes.Length)));

        var unknown = new CodeRegion(null, 0, IsJitted: true, IsLasting: false);
        foreach (int stride in new[] { bytes.Length, (bytes.Length + 15) & ~15, 32 })
        {
            byte[] arena = new byte[2 * PageBytes];
            int last = arena.Length - bytes.Length;
            int across = PageBytes - (PageBytes % stride);
            for (int at = 0; at + bytes.Length <= arena.Length; at += stride)
            {
                bytes.CopyTo(arena.AsSpan(at));
            }

            var code = Code().Region(Page, Page + (ulong)arena.Length, unknown).Code(Page, arena);
            yield return (Page, code);
            yield return (Page + (ulong)across, code);
            yield return (Page + (ulong)(3 * stride), code);
            yield return (Page + (ulong)(last - (last % stride)), code);
        }
    }
}
