using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// One ring's records, to be taken one at a time where they lie. When the ring fills faster than they are taken, its
/// oldest ones move to memory, from which they are taken first.
/// </summary>
/// <param name="ring">The ring.</param>
/// <param name="layout">The layout of its records.</param>
/// <param name="pool">The memory.</param>
/// <param name="scratch">
/// <see cref="ScratchBytes"/> that all sources share: for a record that wraps around the ring's end, and one that loses
/// its dump on the way to memory.
/// </param>
internal sealed class LiveSource(Ring ring, EventLayout layout, RecordPool pool, byte[] scratch)
{
    /// <summary>Bytes for two of the longest records.</summary>
    public const int ScratchBytes = 2 * LongestRecord;

    private const int LongestRecord = ushort.MaxValue + 1;

    private readonly RecordQueue _moved = new(pool);

    /// <summary>Position of the ring's first record that was neither taken nor moved; what is before it is given back.</summary>
    private ulong _next = ring.Tail;

    /// <summary>Position behind the ring's last record that is taken this time.</summary>
    private ulong _end = ring.Tail;

    /// <summary>Position behind the last record that <see cref="_latest"/> knows of; never before <see cref="_next"/>.</summary>
    private ulong _seen = ring.Tail;

    /// <summary>The largest time of any record before <see cref="_seen"/>.</summary>
    private ulong _latest;

    /// <summary>The largest time of all records that have come so far.</summary>
    public ulong LatestTime()
    {
        See(ring.ReadHead());
        return _latest;
    }

    /// <summary>Lets all be taken that has come so far.</summary>
    public void Refresh() => _end = ring.ReadHead();

    /// <summary>The time of the next record; false if there is none.</summary>
    public bool TryPeek(out ulong time)
    {
        if (!_moved.IsEmpty)
        {
            time = View(_moved.First).Time(layout);
            return true;
        }

        time = _next < _end ? ring.TimeAt(_next, ring.HeaderAt(_next)) : 0;
        return _next < _end;
    }

    /// <summary>The next record, which must exist; valid until it is removed.</summary>
    /// <param name="lacksDump">True if it lost its copy of the stack.</param>
    public RecordView First(out bool lacksDump)
    {
        lacksDump = !_moved.IsEmpty && _moved.FirstLacksDump;
        return View(_moved.IsEmpty ? RecordAt(_next) : _moved.First);
    }

    /// <summary>Removes the next record and gives its room back.</summary>
    public void RemoveFirst()
    {
        if (!_moved.IsEmpty)
        {
            _moved.RemoveFirst();
            return;
        }

        _next += ring.HeaderAt(_next).size;
        ring.GiveBack(_next);
    }

    /// <summary>
    /// Moves the oldest records of a ring that is more than half full to memory, until it is a quarter full, as it is
    /// when the kernel wakes viperf: what comes while the next records are taken has room then. Where there is no memory
    /// for a sample's copy of the stack the sample goes on without it; where there is none at all the ring stays as it
    /// is.
    /// </summary>
    public void MakeRoom()
    {
        ulong head = ring.ReadHead();
        if (head - _next <= ring.Size / 2)
        {
            return;
        }

        See(head);
        while (head - _next > ring.Size / 4 && TryMove(RecordAt(_next)))
        {
            _next += ring.HeaderAt(_next).size;
            ring.GiveBack(_next);
        }

        _end = Math.Max(_end, _next);
    }

    private void See(ulong head)
    {
        while (_seen < head)
        {
            var header = ring.HeaderAt(_seen);
            _latest = Math.Max(_latest, ring.TimeAt(_seen, header));
            _seen += header.size;
        }
    }

    private bool TryMove(ReadOnlySpan<byte> record)
    {
        if (pool.HasRoomForDumps || View(record).Type != RecordType.PERF_RECORD_SAMPLE)
        {
            return _moved.TryAdd(record, lacksDump: false);
        }

        var shorter = scratch.AsSpan(LongestRecord);
        int length;
        try
        {
            length = StackDumps.CopyWithout(View(record), layout, shorter);
        }
        catch (ParseException)
        {
            return _moved.TryAdd(record, lacksDump: false); // whoever takes it says what is wrong with it
        }

        return _moved.TryAdd(shorter[..length], lacksDump: length < record.Length);
    }

    private ReadOnlySpan<byte> RecordAt(ulong at)
    {
        ulong size = ring.HeaderAt(at).size;
        var bytes = ring.BytesAt(at, size);
        if (bytes.Length == (int)size)
        {
            return bytes;
        }

        bytes.CopyTo(scratch);
        ring.BytesAt(at + (ulong)bytes.Length, size - (ulong)bytes.Length).CopyTo(scratch.AsSpan(bytes.Length));
        return scratch.AsSpan(0, (int)size);
    }

    private static RecordView View(ReadOnlySpan<byte> record) => new(record, "the kernel's ring", 0);
}
