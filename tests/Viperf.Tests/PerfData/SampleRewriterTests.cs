using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class SampleRewriterTests
{
    private static readonly ulong[] s_chain = [0xa, 0xb, 0xc];

    [Fact]
    public void Everything_but_the_users_state_stays_as_it_was()
    {
        foreach (var before in UserStateTests.Befores())
        {
            foreach (bool hasMore in new[] { false, true })
            {
                if (hasMore)
                {
                    before.Words(SampleFormat.PERF_SAMPLE_IDENTIFIER, 1).Words(SampleFormat.PERF_SAMPLE_IP, 2)
                        .Words(SampleFormat.PERF_SAMPLE_TID, 3).Words(SampleFormat.PERF_SAMPLE_TIME, 4)
                        .Words(SampleFormat.PERF_SAMPLE_ADDR, 5).Words(SampleFormat.PERF_SAMPLE_CPU, 6)
                        .Words(SampleFormat.PERF_SAMPLE_PERIOD, 7).Words(SampleFormat.PERF_SAMPLE_WEIGHT, 8)
                        .Words(SampleFormat.PERF_SAMPLE_DATA_SRC, 9).Words(SampleFormat.PERF_SAMPLE_TRANSACTION, 10)
                        .Words(SampleFormat.PERF_SAMPLE_REGS_INTR, 2, 11, 12).Words(SampleFormat.PERF_SAMPLE_CODE_PAGE_SIZE, 13);
                }

                before.Registers(RegistersAbi.PERF_SAMPLE_REGS_ABI_64, 3, 98, 99).Stack(16, 8);
                byte[] written = Write(before);
                var layout = new EventLayout(SampleRewriter.AttrOf(before.Attr));
                byte[] expected = before.Chain(s_chain)
                    .Without(SampleFormat.PERF_SAMPLE_REGS_USER).Without(SampleFormat.PERF_SAMPLE_STACK_USER).Record();
                Assert.Equal(expected, written);
                Assert.Equal(s_chain, new SampleView(new RecordView(written, "sample", 0), layout).Callchain().ToArray());
                Assert.Equal(0, new SampleView(new RecordView(written, "sample", 0), layout).UserState().End);
            }
        }
    }

    [Fact]
    public void An_event_without_a_users_state_gets_the_chain_alone()
    {
        var parts = new SampleParts().Words(SampleFormat.PERF_SAMPLE_IP, 2).Chain(1, 2).Raw(20).Words(SampleFormat.PERF_SAMPLE_WEIGHT, 8);
        Assert.Equal(parts.Chain(s_chain).Record(), Write(parts));
    }

    [Fact]
    public void The_attr_tells_of_chains_and_of_the_stacks_that_they_are_from()
    {
        var recorded = new PerfEventAttr
        {
            sample_type = SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER
                | SampleFormat.PERF_SAMPLE_WEIGHT,
            flags = AttrFlags.exclude_callchain_user | AttrFlags.sample_id_all,
            sample_regs_user = 0xff0fff,
            sample_stack_user = 8192,
            branch_sample_type = 1,
            sample_period = 4000,
        };
        var attr = SampleRewriter.AttrOf(recorded);
        Assert.Equal(SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_CALLCHAIN | SampleFormat.PERF_SAMPLE_WEIGHT, attr.sample_type);
        Assert.Equal(AttrFlags.sample_id_all, attr.flags);
        Assert.Equal((0UL, 8192U), (attr.sample_regs_user, attr.sample_stack_user));
        Assert.Equal((1UL, 4000UL), (attr.branch_sample_type, attr.sample_period));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(60_000)]
    [InlineData(65_492)]
    public void As_many_entries_fit_as_a_records_size_can_say(int rawBytes)
    {
        var parts = new SampleParts().Words(SampleFormat.PERF_SAMPLE_IP, 2).Raw(rawBytes).Stack(0, 0);
        var record = new RecordView(parts.Record(), "sample", 0);
        int most = SampleRewriter.EntriesThatFit(record, parts.Layout);
        Assert.Equal((65_535 - parts.Record().Length) / 8, most);
        byte[] written = Write(parts, new ulong[most]);
        Assert.Equal(written.Length, BitConverter.ToUInt16(written, RecordHeader.SizeOffset));
        Assert.InRange(written.Length, 65_528, 65_535);
        Assert.Throws<OverflowException>(() => Write(parts, new ulong[most + 1]));
    }

    [Fact]
    public void A_sample_that_is_not_consistent_is_an_error_and_nothing_is_written()
    {
        var parts = new SampleParts().Chain(1, 2).Stack(16, 16);
        byte[] lying = parts.Record();
        lying[8] = 200;
        var output = new ByteWriter();
        Assert.Throws<ParseException>(() => SampleRewriter.Write(new RecordView(lying, "sample", 0), parts.Layout, s_chain, output));
        Assert.Equal(0, output.Length);
    }

    private static byte[] Write(SampleParts parts, ulong[]? chain = null)
    {
        var output = new ByteWriter();
        output.WriteUInt64(0x1111); // records follow one another
        SampleRewriter.Write(new RecordView(parts.Record(), "sample", 0), parts.Layout, chain ?? s_chain, output);
        return output.Written[8..].ToArray();
    }
}
