using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class RecordStreamTests
{
    private static readonly EventDescription s_event = new(0, default, "cpu-clock", []);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Records_across_the_ends_of_chunks_are_whole_also_while_they_wait(int seed)
    {
        var (bytes, sizes) = Records(seed, count: 300);
        var stream = new RecordStream(new MemorySource(bytes, "test"), 0, (ulong)bytes.Length);
        var sorter = new RoundSorter("test", stream.Chunks);
        var sink = new Checker(bytes);
        ulong time = 1;
        foreach (int size in sizes)
        {
            Assert.True(stream.TryPeek(out var record));
            Assert.Equal(size, record.Bytes.Length);
            sorter.Add(record, stream.Chunk, stream.Start, s_event, time++, sink);
            stream.Advance((ulong)size);
        }

        Assert.False(stream.TryPeek(out _));
        Assert.Null(stream.Problem);
        Assert.True(stream.Chunks.InUse > 5);
        Assert.Equal(0, sink.Count);
        sorter.Finish(sink);
        Assert.Equal(sizes.Count, sink.Count);
        Assert.Equal(1, stream.Chunks.InUse);
    }

    [Fact]
    public void Records_that_need_not_wait_pass_through_one_chunk()
    {
        var (bytes, sizes) = Records(seed: 3, count: 300);
        var stream = new RecordStream(new MemorySource(bytes, "test"), 0, (ulong)bytes.Length);
        var sink = new Checker(bytes);
        while (stream.TryPeek(out var record))
        {
            sink.OnRecord(record, s_event, 0);
            Assert.Equal(1, stream.Chunks.InUse);
            Assert.Equal(0, stream.Chunk);
            stream.Advance((ulong)record.Bytes.Length);
        }

        Assert.Equal(sizes.Count, sink.Count);
    }

    [Fact]
    public void Records_between_long_payloads_share_a_chunk()
    {
        const int Pairs = 10;
        const int PayloadBytes = 2 << 20;
        var builder = new PerfDataBuilder().Event();
        byte[] payload = new byte[PayloadBytes];
        for (int i = 0; i < Pairs; i++)
        {
            builder.Sample(time: (ulong)i + 1).Raw(payload);
        }

        byte[] bytes = builder.File()[builder.DataOffset..];
        var stream = new RecordStream(new MemorySource(bytes, "test"), 0, (ulong)bytes.Length);
        var sorter = new RoundSorter("test", stream.Chunks);
        var sink = new Checker(bytes);
        for (ulong time = 1; stream.TryPeek(out var record); time++)
        {
            Assert.Equal(RecordType.PERF_RECORD_SAMPLE, record.Type);
            sorter.Add(record, stream.Chunk, stream.Start, s_event, time, sink);
            stream.Advance((ulong)record.Bytes.Length);
            stream.Advance(PayloadBytes);
        }

        Assert.Null(stream.Problem);
        Assert.Equal(1, stream.Chunks.InUse);
        sorter.Finish(sink);
        Assert.Equal(Pairs, sink.Count);
    }

    /// <summary>Records of all sizes up to the largest, with contents by chance.</summary>
    private static (byte[] Bytes, List<int> Sizes) Records(int seed, int count)
    {
        var random = new Random(seed);
        var builder = new PerfDataBuilder().Event();
        List<int> sizes = [];
        for (int i = 0; i < count; i++)
        {
            // The largest record that is a multiple of 8 has 65,528 bytes.
            byte[] body = new byte[i % 7 == 0 ? 65_520 : random.Next(8192) * 8];
            random.NextBytes(body);
            builder.Record(RecordType.PERF_RECORD_SAMPLE, body.AsSpan(0, Math.Min(body.Length, 65_520)));
            sizes.Add(Math.Min(body.Length, 65_520) + RecordHeader.ByteCount);
        }

        return (builder.File()[builder.DataOffset..], sizes);
    }

    /// <summary>Compares records with the source's bytes at their places.</summary>
    private sealed class Checker(byte[] source) : IRecordSink
    {
        public int Count { get; private set; }

        public void OnRecord(RecordView record, EventDescription description, ulong time)
        {
            Assert.True(record.Bytes.SequenceEqual(source.AsSpan((int)record.Offset, record.Bytes.Length)));
            Count++;
        }
    }
}
