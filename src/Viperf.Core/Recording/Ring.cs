using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// One CPU's ring: a page that the kernel describes it in (<c>struct perf_event_mmap_page</c>) and 2^n pages of
/// records. The kernel moves the head, viperf the tail; both count bytes and never go back. A record's position is
/// the head's value when it was written.
/// </summary>
internal sealed unsafe class Ring : IDisposable
{
    // Offsets in struct perf_event_mmap_page (perf_event.h); the last two are there since Linux 4.1.
    private const int DataHead = 1024;
    private const int DataTail = 1032;
    private const int DataOffset = 1040;
    private const int DataSize = 1048;

    private readonly SharedMapping _mapping;
    private readonly byte* _data;
    private readonly ulong _mask;
    private readonly EventLayout _layout;

    /// <summary>Views a mapping of an event's descriptor.</summary>
    /// <param name="mapping">The mapping, owned from here on.</param>
    /// <param name="layout">The layout of the records of all events that write here.</param>
    public Ring(SharedMapping mapping, EventLayout layout)
    {
        _mapping = mapping;
        _data = mapping.Start + *(ulong*)(mapping.Start + DataOffset);
        _mask = *(ulong*)(mapping.Start + DataSize) - 1;
        _layout = layout;
    }

    /// <summary>Bytes of records that there is room for.</summary>
    public ulong Size => _mask + 1;

    /// <summary>Position of the first record that was not given back yet.</summary>
    public ulong Tail => *(ulong*)(_mapping.Start + DataTail); // nobody else writes it

    /// <summary>Position behind the last record that is complete.</summary>
    public ulong ReadHead() => Volatile.Read(ref *(ulong*)(_mapping.Start + DataHead)); // acquire: before the records

    /// <summary>Gives the room of all records before <paramref name="tail"/> back to the kernel.</summary>
    public void GiveBack(ulong tail) =>
        Volatile.Write(ref *(ulong*)(_mapping.Start + DataTail), tail); // release: after all of it has been read

    /// <summary>The header of the record at <paramref name="at"/>, which lies before the head.</summary>
    /// <exception cref="UserErrorException">It has no size, so that nobody knows where the next record begins.</exception>
    public RecordHeader HeaderAt(ulong at)
    {
        // Records are 8-byte aligned and so is the ring's size: a header, or any 8 bytes, never wrap.
        var header = *(RecordHeader*)(_data + (at & _mask));
        return header.size >= RecordHeader.ByteCount
            ? header
            : throw new UserErrorException("the kernel's ring holds a record without a size: the recording cannot go on");
    }

    /// <summary>The time of the record at <paramref name="at"/>; 0 where it has none.</summary>
    public ulong TimeAt(ulong at, in RecordHeader header) => header.type == RecordType.PERF_RECORD_SAMPLE
        ? WordAt(at + (ulong)_layout.TimeOffset)
        : _layout.TrailerTime > 0 ? WordAt(at + header.size - (ulong)_layout.TrailerTime) : 0;

    /// <summary>What a PERF_RECORD_LOST at <paramref name="at"/> counts.</summary>
    public ulong LostAt(ulong at) => WordAt(at + RecordHeader.ByteCount + sizeof(ulong)); // after the event's id

    /// <summary>Bytes from <paramref name="at"/> on that do not wrap: at most <paramref name="length"/>.</summary>
    public ReadOnlySpan<byte> BytesAt(ulong at, ulong length)
    {
        ulong start = at & _mask;
        return new(_data + start, (int)Math.Min(length, Size - start));
    }

    /// <inheritdoc/>
    public void Dispose() => _mapping.Dispose();

    private ulong WordAt(ulong at) => *(ulong*)(_data + (at & _mask));
}
