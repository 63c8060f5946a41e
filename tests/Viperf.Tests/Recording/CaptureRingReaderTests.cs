using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Core.Recording;
using Xunit;

namespace Viperf.Tests.Recording;

public sealed unsafe class CaptureRingReaderTests : IDisposable
{
    private const uint RingBytes = 4096;
    private readonly AgentRing _agent = new(RingBytes);

    private CaptureRingReader Reader => _agent.Reader;

    private CaptureRingHeader* Header => _agent.Header;

    [Fact]
    public void Records_come_in_their_order_and_give_their_room_back()
    {
        for (int round = 0; round < 100; round++)
        {
            Write(CaptureRecord.Sample, 64, (byte)round);
            Write(CaptureRecord.Code, 128, (byte)(round + 1));
            Assert.Equal((CaptureRecord.Sample, 64, (byte)round), Take());
            Assert.Equal((CaptureRecord.Code, 128, (byte)(round + 1)), Take());
            Assert.False(Reader.TryTake(out _, out _));
            Assert.Equal(Header->Head, Header->Tail);
        }
    }

    [Fact]
    public void A_record_that_is_being_written_is_waited_for()
    {
        Header->Head += 64;
        Assert.False(Reader.TryTake(out _, out _));
        _agent.Fill(0, Record(CaptureRecord.Sample, 64, 5));
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
        _agent.Records->Size = size;
        Assert.False(Reader.TryTake(out _, out _));
        Assert.True(Reader.IsBroken);
        Write(CaptureRecord.Sample, 64, 1);
        Assert.False(Reader.TryTake(out _, out _));
    }

    [Fact]
    public void A_head_that_nobody_wrote_up_to_leads_nowhere()
    {
        Header->Head = ulong.MaxValue;
        Assert.False(Reader.TryTake(out _, out _));
    }

    [Fact]
    public void What_was_lost_stays_known_when_the_memory_is_given_back()
    {
        Header->Losses[(int)CaptureLoss.TooDeep] = 3;
        Write(CaptureRecord.Sample, 64, 1);
        Reader.Release();
        Reader.Release();
        Reader.Close();
        Assert.False(Reader.TryTake(out _, out _));
        Assert.Equal(3u, Reader.Losses(CaptureLoss.TooDeep));
    }

    public void Dispose() => _agent.Dispose();

    private void Write(ushort kind, uint size, byte content) => _agent.Write(Record(kind, size, content));

    private static byte[] Record(ushort kind, uint size, byte content)
    {
        byte[] record = [.. Enumerable.Repeat(content, (int)size)];
        MemoryMarshal.Write(record, new CaptureRecord { Size = size, Kind = kind });
        return record;
    }

    private (ushort Kind, int Length, byte Content) Take()
    {
        Assert.True(Reader.TryTake(out ushort kind, out var record));
        return (kind, record.Length, record[^1]);
    }
}
