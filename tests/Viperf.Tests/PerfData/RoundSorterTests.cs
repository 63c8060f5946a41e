using System.Buffers.Binary;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class RoundSorterTests
{
    private static readonly EventDescription Event = new(0, default, "cpu-clock", []);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_rounds_of_several_rings_come_out_in_order_of_time(int seed)
    {
        var random = new Random(seed);
        var sorter = new Feed();
        var sink = new Collector();
        var expected = new List<(ulong Time, int Order)>();
        int order = 0;
        ulong roundStart = 1000;
        for (int round = 0; round < 200; round++)
        {
            // Each ring is drained a little later than the one before, so it holds newer records too.
            ulong roundEnd = roundStart;
            for (int ring = 0; ring < 4; ring++)
            {
                ulong time = roundStart - (ulong)random.Next(20);
                for (int i = random.Next(50); i > 0; i--)
                {
                    time += (ulong)random.Next(3);
                    expected.Add((time, order));
                    sorter.Add(Bytes(order++, random.Next(0, 200)), time, sink);
                    roundEnd = Math.Max(roundEnd, time);
                }
            }

            sorter.FinishRound(sink);
            roundStart = roundEnd + 20;
        }

        sorter.Finish(sink);

        expected.Sort();
        Assert.Equal(expected, sink.Seen);
        Assert.Equal(0UL, sorter.OutOfOrder);
    }

    [Fact]
    public void A_finished_round_lets_go_what_the_round_before_it_had_seen()
    {
        var sorter = new Feed();
        var sink = new Collector();
        sorter.Add(Bytes(0), 20, sink);
        sorter.Add(Bytes(1), 10, sink);
        sorter.FinishRound(sink);
        Assert.Empty(sink.Seen);

        sorter.Add(Bytes(2), 30, sink);
        sorter.Add(Bytes(3), 15, sink);
        sorter.FinishRound(sink);
        Assert.Equal([(10UL, 1), (15, 3), (20, 0)], sink.Seen);

        sorter.Finish(sink);
        Assert.Equal((30UL, 2), sink.Seen[^1]);
    }

    [Fact]
    public void Records_of_equal_times_keep_the_order_of_the_file()
    {
        var sorter = new Feed();
        var sink = new Collector();
        for (int i = 0; i < 1000; i++)
        {
            sorter.Add(Bytes(i), (ulong)(10 - (i % 2)), sink);
        }

        sorter.Finish(sink);

        Assert.Equal(sink.Seen.Order(), sink.Seen);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void Records_without_a_time_do_not_wait(ulong time)
    {
        var sorter = new Feed();
        var sink = new Collector();
        sorter.Add(Bytes(0), 10, sink);
        sorter.Add(Bytes(1), time, sink);
        Assert.Equal([(0UL, 1)], sink.Seen);
    }

    [Fact]
    public void Too_many_waiting_bytes_let_the_older_half_go()
    {
        var sorter = new Feed(limit: 3 << 20);
        var sink = new Collector();
        int count = 0;
        while (sorter.ForcedFlushes == 0)
        {
            Assert.InRange(count, 0, 100);
            sorter.Add(Bytes(count, extra: 60_000), (ulong)(1000 - count), sink);
            count++;
        }

        // The record that had no room came last and is the oldest.
        int waited = count - 1;
        Assert.InRange(waited * 60_000, 1_900_000, 2 << 20);
        Assert.Equal(Enumerable.Range(0, (waited + 1) / 2).Select(i => waited - 1 - i), sink.Seen.Select(seen => seen.Order));
        Assert.Equal(1UL, sorter.OutOfOrder);

        sorter.Finish(sink);
        Assert.Equal(count, sink.Seen.Count);
    }

    [Fact]
    public void Records_that_wait_for_ever_do_not_hold_more_memory_than_the_limit()
    {
        var sorter = new Feed(limit: 4 << 20);
        var sink = new Counter();
        long before = GC.GetAllocatedBytesForCurrentThread();
        byte[] record = Bytes(0, 60_000);
        ulong time = 1;
        for (int round = 0; round < 100; round++)
        {
            sorter.Add(record, ulong.MaxValue - 1, sink);
            for (int i = 0; i < 30; i++)
            {
                sorter.Add(record, time++, sink);
            }

            sorter.FinishRound(sink);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5 << 20);
        sorter.Finish(sink);
        Assert.Equal(3100, sink.Count);
    }

    [Fact]
    public void Rounds_of_the_same_size_allocate_nothing_once_the_chunks_are_there()
    {
        var sorter = new Feed();
        var sink = new Counter();
        byte[] record = Bytes(0, 100);
        ulong time = 1;
        Rounds(20);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(40);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sink.Count > 100_000);

        void Rounds(int count)
        {
            for (int round = 0; round < count; round++)
            {
                for (uint i = 0; i < 2000; i++)
                {
                    sorter.Add(record, time + (i % 1000), sink);
                }

                time += 1000;
                sorter.FinishRound(sink);
            }
        }
    }

    private static byte[] Bytes(int order, int extra = 0)
    {
        var bytes = new byte[16 + extra];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), order);
        return bytes;
    }

    /// <summary>Puts records into chunks, as a reader does, and has them sorted.</summary>
    private sealed class Feed
    {
        private readonly RecordChunks _chunks = new();
        private readonly RoundSorter _sorter;
        private int _chunk;
        private int _at;

        public Feed(int limit = Limits.SorterBytes)
        {
            _sorter = new RoundSorter("test", _chunks, limit);
            _chunk = _chunks.Take();
        }

        public ulong OutOfOrder => _sorter.OutOfOrder;

        public ulong ForcedFlushes => _sorter.ForcedFlushes;

        public void Add<TSink>(byte[] record, ulong time, TSink sink)
            where TSink : IRecordSink
        {
            int end = _at;
            _chunks.MakeRoom(ref _chunk, ref _at, ref end);
            var bytes = _chunks[_chunk].AsSpan(_at, record.Length);
            record.CopyTo(bytes);
            var view = new RecordView(bytes, "test", (ulong)BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(8)));
            _sorter.Add(view, _chunk, _at, Event, time, sink);
            _at += record.Length;
        }

        public void FinishRound<TSink>(TSink sink)
            where TSink : IRecordSink => _sorter.FinishRound(sink);

        public void Finish<TSink>(TSink sink)
            where TSink : IRecordSink => _sorter.Finish(sink);
    }

    private sealed class Collector : IRecordSink
    {
        public List<(ulong Time, int Order)> Seen { get; } = [];

        public void OnRecord(RecordView record, EventDescription source, ulong time)
        {
            int order = record.Body().ReadInt32();
            Assert.Equal((ulong)order, record.Offset);
            Seen.Add((time, order));
        }
    }

    private sealed class Counter : IRecordSink
    {
        public int Count { get; private set; }

        public void OnRecord(RecordView record, EventDescription source, ulong time) => Count++;
    }
}
