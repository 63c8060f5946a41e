using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// One CPU's ring: a page that the kernel describes it in (<c>struct perf_event_mmap_page</c>) and 2^n pages of
/// records. The kernel moves the head, viperf the tail; both count bytes and never go back.
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
    private readonly int _sampleTimeOffset;

    /// <summary>Views a mapping of an event's descriptor.</summary>
    /// <param name="mapping">The mapping, owned from here on.</param>
    /// <param name="sampleTimeOffset">Where the time stands in the samples of all events that write here.</param>
    public Ring(SharedMapping mapping, int sampleTimeOffset)
    {
        _mapping = mapping;
        _data = mapping.Start + *(ulong*)(mapping.Start + DataOffset);
        _mask = *(ulong*)(mapping.Start + DataSize) - 1;
        _sampleTimeOffset = sampleTimeOffset;
    }

    /// <summary>Samples taken out so far.</summary>
    public ulong Samples { get; private set; }

    /// <summary>Records that the kernel says it had no room for (PERF_RECORD_LOST) so far.</summary>
    public ulong Lost { get; private set; }

    /// <summary>Time of the first sample, in nanoseconds of the recording's clock.</summary>
    public ulong FirstTime { get; private set; }

    /// <summary>Time of the last sample, as <see cref="FirstTime"/>.</summary>
    public ulong LastTime { get; private set; }

    /// <summary>
    /// Writes all that has come since the last time to <paramref name="file"/>, in one piece, or two where it wraps,
    /// and gives the room back to the kernel.
    /// </summary>
    /// <returns>True if there was anything.</returns>
    public bool Drain(PerfDataWriter file)
    {
        // Acquire: the records up to head are complete once head has been seen.
        ulong head = Volatile.Read(ref *(ulong*)(_mapping.Start + DataHead));
        ulong tail = *(ulong*)(_mapping.Start + DataTail);
        if (head == tail)
        {
            return false;
        }

        Count(tail, head);
        ulong start = tail & _mask;
        ulong length = head - tail;
        ulong first = Math.Min(length, _mask + 1 - start);
        file.Write(new ReadOnlySpan<byte>(_data + start, (int)first));
        if (first < length)
        {
            file.Write(new ReadOnlySpan<byte>(_data, (int)(length - first)));
        }

        // Release: the kernel may write there only after all of it has been read.
        Volatile.Write(ref *(ulong*)(_mapping.Start + DataTail), head);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _mapping.Dispose();

    private void Count(ulong tail, ulong head)
    {
        ulong samples = 0;
        ulong lastSample = 0;
        for (ulong at = tail; at < head;)
        {
            // Records are 8-byte aligned and so is the ring's size: a header, or any 8 bytes, never wrap.
            var header = *(RecordHeader*)(_data + (at & _mask));
            if (header.type == RecordType.PERF_RECORD_SAMPLE)
            {
                if (samples++ == 0 && Samples == 0)
                {
                    FirstTime = Word(at + (ulong)_sampleTimeOffset);
                }

                lastSample = at;
            }
            else if (header.type == RecordType.PERF_RECORD_LOST)
            {
                Lost += Word(at + RecordHeader.ByteCount + sizeof(ulong)); // after the event's id
            }

            if (header.size < RecordHeader.ByteCount)
            {
                throw new UserErrorException("the kernel's ring holds a record without a size: the recording cannot go on");
            }

            at += header.size;
        }

        if (samples > 0)
        {
            Samples += samples;
            LastTime = Word(lastSample + (ulong)_sampleTimeOffset);
        }
    }

    private ulong Word(ulong at) => *(ulong*)(_data + (at & _mask));
}
