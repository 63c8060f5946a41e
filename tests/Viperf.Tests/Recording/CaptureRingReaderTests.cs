using Viperf.Abi;
using Viperf.Core.Linux;
using Viperf.Core.Recording;
using Xunit;

namespace Viperf.Tests.Recording;

public sealed unsafe class CaptureRingReaderTests : IDisposable
{
    private const uint RingBytes = 4096;
    private readonly int _file = MemoryFile.Create("viperf-test", CaptureRingHeader.HeaderBytes + RingBytes);
    private readonly SharedMapping _agent;
    private readonly CaptureRingReader _reader;

    public CaptureRingReaderTests()
    {
        _agent = SharedMapping.TryCreate(_file, CaptureRingHeader.HeaderBytes + RingBytes, out _)!;
        _reader = new CaptureRingReader(SharedMapping.TryCreate(_file, CaptureRingHeader.HeaderBytes + RingBytes, out _)!, RingBytes);
    }

    private CaptureRingHeader* Header => (CaptureRingHeader*)_agent.Start;

    [Fact]
    public void Records_come_in_their_order_and_give_their_room_back()
    {
        for (int round = 0; round < 100; round++)
        {
            Write(CaptureRecord.Sample, 64, (byte)round);
            Write(CaptureRecord.Code, 128, (byte)(round + 1));
            Assert.Equal((CaptureRecord.Sample, 64, (byte)round), Take());
            Assert.Equal((CaptureRecord.Code, 128, (byte)(round + 1)), Take());
            Assert.False(_reader.TryTake(out _, out _));
            Assert.Equal(Header->Head, Header->Tail);
        }
    }

    [Fact]
    public void A_record_that_is_being_written_is_waited_for()
    {
        Header->Head += 64;
        Assert.False(_reader.TryTake(out _, out _));
        Fill(0, CaptureRecord.Sample, 64, 5);
        Assert.Equal((CaptureRecord.Sample, 64, (byte)5), Take());
    }

    [Theory]
    [InlineData(3u)]
    [InlineData(12u)]
    [InlineData(RingBytes + 8)]
    [InlineData(uint.MaxValue & ~7u)]
    public void A_size_that_no_agent_writes_ends_the_reading(uint size)
    {
        Header->Head += 64;
        ((CaptureRecord*)(_agent.Start + CaptureRingHeader.HeaderBytes))->Size = size;
        Assert.False(_reader.TryTake(out _, out _));
        Assert.True(_reader.IsBroken);
        Write(CaptureRecord.Sample, 64, 1);
        Assert.False(_reader.TryTake(out _, out _));
    }

    [Fact]
    public void A_head_that_nobody_wrote_up_to_leads_nowhere()
    {
        Header->Head = ulong.MaxValue;
        Assert.False(_reader.TryTake(out _, out _));
    }

    public void Dispose()
    {
        _reader.Dispose();
        _agent.Dispose();
        _ = Descriptor.Close(_file);
    }

    private void Write(ushort kind, uint size, byte content)
    {
        ulong at = Header->Head & (RingBytes - 1);
        if (at + size > RingBytes)
        {
            uint padding = (uint)(RingBytes - at);
            Header->Head += padding;
            Fill(at, CaptureRecord.Padding, padding, 0);
            at = 0;
        }

        Header->Head += size;
        Fill(at, kind, size, content);
    }

    private void Fill(ulong at, ushort kind, uint size, byte content)
    {
        byte* start = _agent.Start + CaptureRingHeader.HeaderBytes + at;
        new Span<byte>(start + sizeof(CaptureRecord), (int)size - sizeof(CaptureRecord)).Fill(content);
        *(CaptureRecord*)start = new CaptureRecord { Size = size, Kind = kind };
    }

    private (ushort Kind, int Length, byte Content) Take()
    {
        Assert.True(_reader.TryTake(out ushort kind, out var record));
        return (kind, record.Length, record[^1]);
    }
}
