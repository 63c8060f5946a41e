using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class UserStateTests
{
    private const ulong Mask = 1 << 3 | 1 << 7 | 1UL << 40;

    [Theory]
    [InlineData(RegistersAbi.PERF_SAMPLE_REGS_ABI_64)]
    [InlineData(RegistersAbi.PERF_SAMPLE_REGS_ABI_32)]
    [InlineData((RegistersAbi)9)] // of a kernel to come: whoever takes registers looks at the form
    public void Registers_are_found_by_their_place_in_the_mask(RegistersAbi abi)
    {
        var state = State(new SampleParts().Registers(abi, Mask, 33, 77, 4040).Stack(16, 16));
        Assert.Equal(abi, state.Abi);
        foreach (var (number, expected) in new[] { (3, 33UL), (7, 77UL), (40, 4040UL) })
        {
            Assert.True(state.TryGetRegister(number, out ulong value));
            Assert.Equal(expected, value);
        }

        Assert.False(state.TryGetRegister(0, out ulong none));
        Assert.False(state.TryGetRegister(41, out none));
        Assert.Equal(0UL, none);
    }

    [Fact]
    public void A_thread_of_the_kernel_has_no_registers_and_no_stack()
    {
        var state = State(new SampleParts().Registers(RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE, Mask).Stack(0, 0)
            .Words(SampleFormat.PERF_SAMPLE_WEIGHT, 1));
        Assert.Equal(RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE, state.Abi);
        Assert.False(state.TryGetRegister(3, out _));
        Assert.True(state.Stack.IsEmpty);
        Assert.False(state.IsStackCut);
        Assert.Equal(RecordHeader.ByteCount + 16, state.End);
    }

    [Theory]
    [InlineData(64, 64, true)]
    [InlineData(64, 63, false)]
    [InlineData(64, 0, false)]
    [InlineData(65_472, 65_472, true)]
    public void A_stack_has_as_many_bytes_as_were_copied_and_goes_on_only_where_they_fill_their_room(int room, int copied, bool isCut)
    {
        var state = State(new SampleParts().Stack(room, copied));
        Assert.Equal(copied, state.Stack.Length);
        Assert.Equal(isCut, state.IsStackCut);
        for (int i = 0; i < copied; i++)
        {
            Assert.Equal((byte)i, state.Stack[i]);
        }
    }

    [Fact]
    public void What_stands_before_them_does_not_matter()
    {
        foreach (var parts in Befores())
        {
            var state = State(parts.Registers(RegistersAbi.PERF_SAMPLE_REGS_ABI_64, Mask, 33, 77, 4040).Stack(24, 16)
                .Words(SampleFormat.PERF_SAMPLE_WEIGHT, 1).Words(SampleFormat.PERF_SAMPLE_PHYS_ADDR, 2));
            Assert.True(state.TryGetRegister(40, out ulong value));
            Assert.Equal(4040UL, value);
            Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], state.Stack.ToArray());
            Assert.Equal(parts.Record().Length - 16, state.End);
            Assert.Equal(state.End - (4 * 8) - (8 + 24 + 8), state.Start);
        }
    }

    [Fact]
    public void Sizes_that_go_beyond_the_record_are_errors()
    {
        byte[] good = new SampleParts().Chain(1, 2).Raw(20).Branches(2, 0)
            .Registers(RegistersAbi.PERF_SAMPLE_REGS_ABI_64, Mask, 1, 2, 3).Stack(16, 16).Record();
        var layout = new SampleParts().Chain(1, 2).Raw(20).Branches(2, 0)
            .Registers(RegistersAbi.PERF_SAMPLE_REGS_ABI_64, Mask, 1, 2, 3).Stack(16, 16).Layout;
        for (int length = RecordHeader.ByteCount; length < good.Length; length++)
        {
            byte[] cut = good[..length];
            Assert.Throws<ParseException>(() => Read(cut));
        }

        foreach (int count in new[] { 8, 32, 56, good.Length - 32, good.Length - 8 }) // chain, raw, branches, room, copied
        {
            foreach (ulong value in new[] { ulong.MaxValue, (1UL << 63) + 200, uint.MaxValue, 1UL << 31, 1UL << 20 })
            {
                byte[] lying = [.. good];
                BitConverter.TryWriteBytes(lying.AsSpan(count), value);
                Assert.Throws<ParseException>(() => Read(lying));
            }
        }

        void Read(byte[] record) => _ = new SampleView(new RecordView(record, "sample", 0), layout).UserState().End;
    }

    /// <summary>Samples with every form of what may stand before the user's state.</summary>
    internal static IEnumerable<SampleParts> Befores()
    {
        const ReadFormat times = ReadFormat.PERF_FORMAT_TOTAL_TIME_ENABLED | ReadFormat.PERF_FORMAT_TOTAL_TIME_RUNNING;
        yield return new SampleParts();
        yield return new SampleParts().Words(SampleFormat.PERF_SAMPLE_IP, 1).Chain(1, 2, 3);
        yield return new SampleParts().Chain();
        yield return new SampleParts().Read(0, 1).Chain(7);
        yield return new SampleParts().Read(times | ReadFormat.PERF_FORMAT_ID | ReadFormat.PERF_FORMAT_LOST, 1);
        yield return new SampleParts().Read(ReadFormat.PERF_FORMAT_GROUP, 0);
        yield return new SampleParts().Read(ReadFormat.PERF_FORMAT_GROUP | times | ReadFormat.PERF_FORMAT_ID, 3).Chain(7, 8);
        yield return new SampleParts().Read(ReadFormat.PERF_FORMAT_GROUP | ReadFormat.PERF_FORMAT_LOST, 2);
        yield return new SampleParts().Raw(0);
        yield return new SampleParts().Chain(1).Raw(37);
        yield return new SampleParts().Branches(0, 0);
        yield return new SampleParts().Branches(3, 0);
        yield return new SampleParts().Chain(1).Raw(5).Branches(3, BranchSampleType.PERF_SAMPLE_BRANCH_HW_INDEX);
        yield return new SampleParts().Branches(2, BranchSampleType.PERF_SAMPLE_BRANCH_COUNTERS);
        yield return new SampleParts().Branches(
            2, BranchSampleType.PERF_SAMPLE_BRANCH_COUNTERS | BranchSampleType.PERF_SAMPLE_BRANCH_HW_INDEX);
    }

    private static UserStateView State(SampleParts parts) =>
        new SampleView(new RecordView(parts.Record(), "sample", 0), parts.Layout).UserState();
}
