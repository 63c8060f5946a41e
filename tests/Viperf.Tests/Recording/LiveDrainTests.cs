using Viperf.Core.Recording;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Viperf.Tests.PerfData;
using Xunit;

namespace Viperf.Tests.Recording;

public sealed class LiveDrainTests : IDisposable
{
    private readonly LiveTaker _taker = new();
    private readonly MemoryStream _file = new();
    private readonly List<FakeRing> _rings = [];
    private readonly RecordPool _pool = new(16 * RecordPool.PieceBytes);
    private LiveDrain? _drain;

    [Fact]
    public void Records_of_all_rings_come_in_the_order_of_time()
    {
        var rings = Rings(3, pages: 1);
        rings[0].Write(FakeRing.Sample(10, 64), FakeRing.Exit(40), FakeRing.Sample(70, 64));
        rings[1].Write(FakeRing.Exit(20), FakeRing.Sample(50, 0));
        rings[2].Write(FakeRing.Sample(30, 8), FakeRing.Sample(60, 8));

        Assert.True(Drain().Drain(ended: false));

        Assert.Equal([10, 20, 30, 40, 50, 60, 70], _taker.Times);
        Assert.Equal([FakeRing.Sample(10, 64), FakeRing.Exit(20), FakeRing.Sample(30, 8)], _taker.Taken.Take(3).Select(taken => taken.Record));
        Assert.All(rings, ring => Assert.Equal(ring.Head, ring.Tail));
        Assert.False(Drain().Drain(ended: false));
    }

    [Fact]
    public void What_has_no_time_comes_first()
    {
        var rings = Rings(2, pages: 1);
        rings[0].Write(FakeRing.Sample(5, 8));
        rings[1].Write(FakeRing.Exit(0), FakeRing.Exit(3));

        Drain().Drain(ended: false);

        Assert.Equal([0, 3, 5], _taker.Times);
    }

    [Fact]
    public void What_comes_meanwhile_waits_for_its_turn_and_no_longer()
    {
        var rings = Rings(2, pages: 1);
        rings[0].Write(FakeRing.Sample(10, 8), FakeRing.Sample(20, 8));
        _taker.Meanwhile = () =>
        {
            // Both are later than all that had come; were the later one taken now, the earlier one would be late.
            rings[0].Write(FakeRing.Sample(40, 8));
            rings[1].Write(FakeRing.Exit(30));
            _taker.Meanwhile = null;
        };

        Drain().Drain(ended: false);
        Assert.Equal([10, 20], _taker.Times);
        Drain().Drain(ended: false);
        Assert.Equal([10, 20, 30, 40], _taker.Times);
    }

    [Fact]
    public void Records_that_wrap_arrive_whole_and_the_rings_room_is_used_over_and_over()
    {
        var ring = Rings(1, pages: 1)[0];
        ulong time = 0;
        var written = new List<byte[]>();
        for (int round = 0; round < 50; round++)
        {
            for (byte[] next = Next(); ring.TryWrite(next); next = Next())
            {
                written.Add(next);
            }

            time--; // the last one found no room
            Drain().Drain(ended: false);
        }

        Assert.True(ring.Head > 40 * FakeRing.PageBytes);
        Assert.Equal(written, _taker.Taken.Select(taken => taken.Record));

        byte[] Next() => FakeRing.Sample(++time, (int)(time * 88 % 512));
    }

    [Fact]
    public void Room_is_given_back_with_every_record()
    {
        var ring = Rings(1, pages: 2)[0]; // none of them is moved to memory
        ring.Write(FakeRing.Sample(1, 1024), FakeRing.Sample(2, 1024), FakeRing.Sample(3, 1024));
        var tails = new List<ulong>();
        _taker.Meanwhile = () => tails.Add(ring.Tail);

        Drain().Drain(ended: false);

        ulong each = ring.Head / 3;
        Assert.Equal([0, each, 2 * each], tails);
    }

    [Fact]
    public void A_ring_that_fills_is_emptied_into_memory_and_the_order_stays()
    {
        var rings = Rings(2, pages: 16);
        ulong time = 0;
        var written = new List<byte[]>();
        for (int i = 0; i < 500; i++)
        {
            byte[] next = FakeRing.Sample(++time, 1000);
            rings[(i / 3) % 2].Write(next); // asserts that there is room
            written.Add(next);
            Drain().MakeRoom();
        }

        Assert.True(_pool.UsedBytes > 0);
        Assert.True(Drain().Drain(ended: true));

        Assert.Equal(written, _taker.Taken.Select(taken => taken.Record));
        Assert.Equal(0, _pool.UsedBytes);
        Assert.Equal(0UL, Drain().Counts.StacksDropped);
    }

    [Fact]
    public void What_was_moved_to_memory_counts_for_what_has_come()
    {
        var rings = Rings(2, pages: 16);
        Drain();
        ulong time = 0;
        for (int i = 0; i < 100; i++)
        {
            rings[0].Write(FakeRing.Sample(++time, 1000));
            Drain().MakeRoom();
        }

        Drain().Drain(ended: false);

        Assert.Equal(100, _taker.Taken.Count);
    }

    [Fact]
    public void When_memory_is_full_samples_go_on_without_their_stacks_and_are_counted()
    {
        var ring = Rings(1, pages: 256)[0];
        ulong time = 0;
        const int stack = 60_000;
        int count = 0;
        while (_pool.HasRoomForDumps || count < 2000)
        {
            ring.Write(FakeRing.Sample(++time, stack));
            Drain().MakeRoom();
            count++;
        }

        ring.Write(FakeRing.Exit(++time));
        Drain().Drain(ended: true);

        Assert.Equal(count, _taker.Taken.Count - 1);
        Assert.Equal(Enumerable.Range(1, count + 1).Select(at => (ulong)at), _taker.Times);
        int dropped = _taker.Taken.Count(taken => taken.StackDropped);
        Assert.InRange(dropped, 1, count - 1);
        Assert.Equal((ulong)dropped, Drain().Counts.StacksDropped);
        Assert.All(_taker.Taken.SkipLast(1), taken => Assert.Equal(FakeRing.Sample(taken.Time, taken.StackDropped ? 0 : stack), taken.Record));
        Assert.Equal(0, _pool.UsedBytes);
    }

    [Fact]
    public void When_even_that_is_full_the_ring_stays_as_it_is()
    {
        var ring = Rings(1, pages: 4)[0];
        using var none = new RecordPool(0);
        using var drain = new LiveDrain([ring.Ring], [FakeRing.Event], _taker, PerfDataWriter.CreateFile(_file, [FakeRing.Event]), none);
        ulong time = 0;
        while (ring.TryWrite(FakeRing.Sample(time + 1, 1000)))
        {
            time++;
            drain.MakeRoom();
        }

        Assert.Equal(0UL, ring.Tail);
        drain.Drain(ended: true);

        Assert.Equal((int)time, _taker.Taken.Count);
        Assert.Equal(0UL, drain.Counts.StacksDropped);
    }

    [Fact]
    public void Samples_losses_and_times_are_counted()
    {
        Rings(1, pages: 1)[0].Write(FakeRing.Sample(10, 8), FakeRing.Lost(15, 3), FakeRing.Sample(20, 8), FakeRing.Lost(25, 4));

        var counts = Drain().Counts;
        Drain().Drain(ended: true);

        Assert.Equal((2UL, 7UL, 10UL, 20UL), (counts.Samples, counts.Lost, counts.FirstTime, counts.LastTime));
    }

    [Fact]
    public void A_bad_record_costs_itself_and_is_counted_and_said()
    {
        Rings(1, pages: 1)[0].Write(
            FakeRing.Sample(10, 64), FakeRing.Sample(20, 64), FakeRing.Lost(30, 3), FakeRing.Sample(40, 64), FakeRing.Exit(50));
        _taker.Failure = time => time switch
        {
            20 => new ParseException("no stack", "ring", 4),
            30 => new FileNotFoundException("gone"),
            50 => new UnauthorizedAccessException("not yours"),
            _ => null,
        };
        var file = new EventDescription(0, _taker.AttrOfFile(FakeRing.Attr), "cpu-clock", [1]);
        var writer = PerfDataWriter.CreateFile(_file, [file]);
        using var drain = new LiveDrain([_rings[0].Ring], [FakeRing.Event], _taker, writer, _pool);

        drain.Drain(ended: true);
        drain.Flush();
        writer.Finish(new FeatureWriter());

        using var reader = PerfDataReader.Open(new MemorySource(_file.ToArray(), "test"));
        Assert.Equal([10, 40], RecordCollector.Of(reader).Times);
        Assert.Empty(reader.Warnings);
        Assert.Equal((2UL, 0UL, 3UL), (drain.Counts.Samples, drain.Counts.Lost, drain.Counts.Bad));
        Assert.Contains("no stack", drain.Counts.FirstProblem, StringComparison.Ordinal);
        Assert.Equal(_rings[0].Head, _rings[0].Tail);
    }

    [Fact]
    public void A_bad_sample_costs_itself_also_where_memory_is_full()
    {
        var ring = Rings(1, pages: 256)[0];
        ulong time = 0;
        const int stack = 60_000;
        while (_pool.HasRoomForDumps || time < 2000)
        {
            ring.Write(FakeRing.Sample(++time, stack));
            Drain().MakeRoom();
        }

        byte[] bad = FakeRing.Sample(++time, stack);
        BitConverter.TryWriteBytes(bad.AsSpan(bad.Length - stack - 3 * sizeof(ulong)), ulong.MaxValue); // its stack's size
        ring.Write(bad);
        for (int i = 0; i < 20; i++)
        {
            ring.Write(FakeRing.Sample(++time, stack));
            Drain().MakeRoom();
        }

        Assert.True(Drain().Drain(ended: true));

        Assert.Equal((time - 1, 1UL), (Drain().Counts.Samples, Drain().Counts.Bad));
        Assert.Equal(ring.Head, ring.Tail);
        Assert.Equal(0, _pool.UsedBytes);
    }

    [Fact]
    public void Each_record_comes_with_its_event()
    {
        Rings(1, pages: 1)[0].Write(FakeRing.Sample(1, 8, id: 12), FakeRing.Exit(2, id: 11), FakeRing.Sample(3, 8, id: 99));
        EventDescription[] events = [new(0, FakeRing.Attr, "first", [10, 11]), new(1, FakeRing.Attr, "second", [12, 13])];
        using var drain = new LiveDrain([_rings[0].Ring], events, _taker, PerfDataWriter.CreateFile(_file, events), _pool);

        drain.Drain(ended: true);

        Assert.Equal(["second", "first", "first"], _taker.Sources.Select(source => source.Name));
    }

    [Fact]
    public void The_file_has_what_was_made_of_the_records()
    {
        var records = new RecordBuilder(FakeRing.Event.Layout);
        Rings(1, pages: 1)[0].Write(FakeRing.Sample(10, 64), FakeRing.Exit(20));
        var file = new EventDescription(0, _taker.AttrOfFile(FakeRing.Attr), "cpu-clock", [1]);
        var writer = PerfDataWriter.CreateFile(_file, [file]);
        using var drain = new LiveDrain([_rings[0].Ring], [FakeRing.Event], _taker, writer, _pool);

        drain.Write(records.Comm(7, 7, "python"u8));
        drain.Drain(ended: true);
        drain.Write(records.FinishedRound());
        drain.Flush();
        writer.Finish(new FeatureWriter());

        Assert.Equal([0, 10, 20], _taker.Times); // the round is no matter of the taker's
        using var reader = PerfDataReader.Open(new MemorySource(_file.ToArray(), "test"));
        var read = RecordCollector.Of(reader);
        Assert.Empty(reader.Warnings);
        Assert.Equal(["python"], read.Comms);
        Assert.Equal([0x1000 + 10], read.Ips);
        Assert.Equal([0, 10, 20], read.Times);
    }

    public void Dispose()
    {
        _drain?.Dispose();
        _pool.Dispose();
        _rings.ForEach(ring => ring.Dispose());
    }

    private List<FakeRing> Rings(int count, int pages)
    {
        _rings.AddRange(Enumerable.Range(0, count).Select(_ => new FakeRing(pages)));
        return _rings;
    }

    private LiveDrain Drain() => _drain ??= new LiveDrain(
        [.. _rings.Select(ring => ring.Ring)], [FakeRing.Event], _taker, PerfDataWriter.CreateFile(_file, [FakeRing.Event]), _pool);
}
