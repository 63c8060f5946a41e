using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Writes the rings' bytes to the file as they are; of the records it looks at the headers alone, but for those that
/// tell which processes run what.</summary>
/// <param name="rings">The rings.</param>
/// <param name="file">Takes the records.</param>
internal sealed class VerbatimDrain(IReadOnlyList<Ring> rings, PerfDataWriter file) : IRecordDrain
{
    /// <summary>As large as a record can be.</summary>
    private readonly byte[] _copy = new byte[ushort.MaxValue + 1];

    /// <inheritdoc/>
    public int FlushMilliseconds => 1000;

    /// <inheritdoc/>
    public RecordCounts Counts { get; } = new();

    /// <summary>
    /// Writes what is there. No round ends here: readers hold these records back until one does, and so take all records
    /// without a time first, also those that are still to come.
    /// </summary>
    public void MakeRoom() => Drain(ended: false);

    /// <inheritdoc/>
    public bool Drain(bool ended)
    {
        bool any = false;
        foreach (var ring in rings)
        {
            any |= Drain(ring);
        }

        return any;
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> records) => file.Write(records);

    /// <inheritdoc/>
    public void Flush()
    {
    }

    /// <summary>Writes all that has come since the last time, in one piece, or two where it wraps.</summary>
    private bool Drain(Ring ring)
    {
        ulong head = ring.ReadHead();
        ulong tail = ring.Tail;
        if (head == tail)
        {
            return false;
        }

        Count(ring, tail, head);
        var first = ring.BytesAt(tail, head - tail);
        file.Write(first);
        ulong wrapped = tail + (ulong)first.Length;
        if (wrapped < head)
        {
            file.Write(ring.BytesAt(wrapped, head - wrapped));
        }

        ring.GiveBack(head);
        return true;
    }

    /// <summary>A record in one piece, wherever the ring wraps.</summary>
    private RecordView CopyOf(Ring ring, ulong at, in RecordHeader header)
    {
        var first = ring.BytesAt(at, header.size);
        first.CopyTo(_copy);
        ring.BytesAt(at + (ulong)first.Length, (ulong)(header.size - first.Length)).CopyTo(_copy.AsSpan(first.Length));
        return new RecordView(_copy.AsSpan(0, header.size), "the kernel's ring", at);
    }

    private void Count(Ring ring, ulong tail, ulong head)
    {
        ulong samples = 0;
        ulong first = 0;
        ulong last = 0;
        for (ulong at = tail; at < head;)
        {
            var header = ring.HeaderAt(at);
            if (header.type == RecordType.PERF_RECORD_SAMPLE)
            {
                first = samples++ == 0 ? at : first;
                last = at;
            }
            else if (header.type == RecordType.PERF_RECORD_LOST)
            {
                Counts.Lost += ring.LostAt(at);
            }
            else if (Counts.AgentReach is { } reach && AgentReach.Wants(header.type))
            {
                reach.OnRecord(CopyOf(ring, at, header), ring.TimeAt(at, header));
            }

            at += header.size;
        }

        if (samples > 0)
        {
            Counts.Samples += samples;
            Counts.SampleAt(ring.TimeAt(first, ring.HeaderAt(first)));
            Counts.SampleAt(ring.TimeAt(last, ring.HeaderAt(last)));
        }
    }
}
