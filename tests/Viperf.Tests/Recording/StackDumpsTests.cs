using System.Runtime.InteropServices;
using Viperf.Core.Recording;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Recording;

public class StackDumpsTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(1000)]
    [InlineData(65000)]
    public void A_sample_without_its_stack_keeps_all_else(int stackBytes)
    {
        byte[] to = new byte[ushort.MaxValue + 1];

        int length = StackDumps.CopyWithout(View(FakeRing.Sample(5, stackBytes)), FakeRing.Event.Layout, to);

        Assert.Equal(FakeRing.Sample(5, 0), to[..length]);
    }

    [Fact]
    public void A_sample_that_has_no_stack_stays_as_it_is()
    {
        byte[] to = new byte[ushort.MaxValue + 1];
        byte[] sample = FakeRing.Sample(5, 0);

        Assert.Equal(sample.Length, StackDumps.CopyWithout(View(sample), FakeRing.Event.Layout, to));
        Assert.Equal(sample, to[..sample.Length]);
    }

    [Fact]
    public void A_sample_of_an_event_without_stacks_stays_as_it_is()
    {
        var attr = FakeRing.Attr;
        attr.sample_type = SampleFormat.PERF_SAMPLE_TIME;
        byte[] sample = new byte[RecordHeader.ByteCount + sizeof(ulong)];
        MemoryMarshal.Write(sample, new RecordHeader { type = RecordType.PERF_RECORD_SAMPLE, size = (ushort)sample.Length });
        byte[] to = new byte[sample.Length];

        Assert.Equal(sample.Length, StackDumps.CopyWithout(View(sample), new EventLayout(attr), to));
        Assert.Equal(sample, to);
    }

    private static RecordView View(byte[] record) => new(record, "test", 0);
}
