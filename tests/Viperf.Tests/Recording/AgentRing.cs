using Viperf.Abi;
using Viperf.Core.Linux;
using Viperf.Core.Recording;

namespace Viperf.Tests.Recording;

/// <summary>The memory that an agent shares with the recorder, and both its ends.</summary>
internal sealed unsafe class AgentRing : IDisposable
{
    private readonly uint _ringBytes;
    private readonly int _file;
    private readonly SharedMapping _agent;

    public AgentRing(uint ringBytes)
    {
        long bytes = CaptureRingHeader.HeaderBytes + ringBytes;
        _ringBytes = ringBytes;
        _file = MemoryFile.Create("viperf-test", bytes);
        _agent = SharedMapping.TryCreate(_file, bytes, out _)!;
        Reader = new CaptureRingReader(SharedMapping.TryCreate(_file, bytes, out _)!, ringBytes);
    }

    /// <summary>The recorder's end.</summary>
    public CaptureRingReader Reader { get; }

    /// <summary>What precedes the records.</summary>
    public CaptureRingHeader* Header => (CaptureRingHeader*)_agent.Start;

    /// <summary>The first record.</summary>
    public CaptureRecord* Records => (CaptureRecord*)(_agent.Start + CaptureRingHeader.HeaderBytes);

    /// <summary>Writes a record, as agents do, which do not wrap it.</summary>
    public void Write(ReadOnlySpan<byte> record)
    {
        ulong at = Header->Head & (_ringBytes - 1);
        if (at + (uint)record.Length > _ringBytes)
        {
            uint padding = (uint)(_ringBytes - at);
            Header->Head += padding;
            *At(at) = new CaptureRecord { Size = padding, Kind = CaptureRecord.Padding };
            at = 0;
        }

        Header->Head += (uint)record.Length;
        Fill(at, record);
    }

    /// <summary>Fills room that was reserved.</summary>
    public void Fill(ulong at, ReadOnlySpan<byte> record) => record.CopyTo(new Span<byte>(At(at), record.Length));

    public void Dispose()
    {
        Reader.Dispose();
        _agent.Dispose();
        _ = Descriptor.Close(_file);
    }

    private CaptureRecord* At(ulong offset) => (CaptureRecord*)((byte*)Records + offset);
}
