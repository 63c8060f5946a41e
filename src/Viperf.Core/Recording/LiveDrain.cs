using System.Diagnostics;
using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Hands the rings' records one by one, in the order of time, to somebody who writes what the file is to hold of them.
/// </summary>
/// <remarks>
/// A ring's records are in order. Between rings one may be completed a little later than another of a later time: the
/// largest time that has come is looked up first, then once more what each ring holds, and of all that what is not later
/// is taken. So nothing waits longer than until the next time.
/// </remarks>
internal sealed class LiveDrain : IRecordDrain, IDisposable
{
    /// <summary>The file gets its records in pieces of about so many bytes.</summary>
    private const int OutputBytes = 1 << 18;

    /// <summary>How long records are taken, at most, before the rings' room is looked at: a fraction of what fills one.</summary>
    private static readonly long s_roomInterval = Stopwatch.Frequency / 5000;

    private readonly LiveSource[] _sources;
    private readonly IReadOnlyList<EventDescription> _events;
    private readonly ILiveRecords _taker;
    private readonly PerfDataWriter _file;
    private readonly RecordPool _pool;
    private readonly ByteWriter _output = new();

    /// <summary>Sources with records to take, by the time of their next one.</summary>
    private readonly PriorityQueue<LiveSource, ulong> _order;

    private readonly Dictionary<ulong, EventDescription> _byId = [];
    private readonly PriorityQueue<OwnSample, ulong> _own = new();
    private long _lookedForRoom;

    /// <summary>Prepares to drain.</summary>
    /// <param name="rings">The rings.</param>
    /// <param name="events">The events that write into them, all of one layout.</param>
    /// <param name="taker">Takes the records.</param>
    /// <param name="file">Takes what <paramref name="taker"/> makes of them.</param>
    /// <param name="pool">Memory for records that have to leave their rings early; owned from here on.</param>
    public LiveDrain(
        IReadOnlyList<Ring> rings, IReadOnlyList<EventDescription> events, ILiveRecords taker, PerfDataWriter file,
        RecordPool pool)
    {
        byte[] scratch = new byte[LiveSource.ScratchBytes];
        _sources = [.. rings.Select(ring => new LiveSource(ring, events[0].Layout, pool, scratch))];
        _order = new(_sources.Length);
        _events = events;
        _taker = taker;
        _file = file;
        _pool = pool;
        foreach (var described in events)
        {
            Add(described);
        }
    }

    /// <summary>Short: whoever unwinds wants to look at what is recorded while it lives.</summary>
    public int FlushMilliseconds => 100;

    /// <inheritdoc/>
    public RecordCounts Counts { get; } = new();

    /// <summary>Tells of an event that was opened later, of the same layout.</summary>
    public void Add(EventDescription described)
    {
        foreach (ulong id in described.Ids)
        {
            _byId.TryAdd(id, described);
        }
    }

    /// <summary>Adds a sample that no ring holds.</summary>
    public void Add(in OwnSample sample) => _own.Enqueue(sample, sample.Time);

    /// <summary>Moves records to memory where a ring fills: what ran before must be known before any is taken.</summary>
    public void MakeRoom()
    {
        foreach (var source in _sources)
        {
            source.MakeRoom();
        }

        _lookedForRoom = Stopwatch.GetTimestamp();
    }

    /// <inheritdoc/>
    public bool Drain(bool ended)
    {
        ulong until = 0;
        foreach (var source in _sources)
        {
            until = Math.Max(until, source.LatestTime());
        }

        foreach (var source in _sources)
        {
            source.Refresh();
            if (source.TryPeek(out ulong time))
            {
                _order.Enqueue(source, time);
            }
        }

        until = ended ? ulong.MaxValue : until;
        bool any = false;
        while (_order.TryPeek(out var source, out ulong time) && time <= until)
        {
            any = true;
            TakeOwn(time);
            TakeFirst(source, time);
            if (Stopwatch.GetTimestamp() - _lookedForRoom >= s_roomInterval)
            {
                MakeRoom();
            }

            if (source.TryPeek(out ulong next))
            {
                _order.DequeueEnqueue(source, next);
            }
            else
            {
                _order.Dequeue();
            }
        }

        if (_sources.Length > 0)
        {
            any |= TakeOwn(ended || _order.Count == 0 ? ulong.MaxValue : until);
        }

        _order.Clear();
        int before = _output.Length;
        _taker.OnDrained(ended, _output);
        return any || _output.Length > before;
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            int size = MemoryMarshal.Read<RecordHeader>(records).size;
            var record = new RecordView(records[..size], "a record of viperf's own", 0);
            if (record.Type < RecordType.PERF_RECORD_HEADER_ATTR)
            {
                Take(record, time: 0, stackDropped: false);
            }
            else if (record.Type != RecordType.PERF_RECORD_FINISHED_ROUND || !_taker.HoldsBack)
            {
                _output.WriteBytes(record.Bytes); // no record of what happened: it structures the file
            }

            records = records[size..];
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        _file.Write(_output.Written);
        _output.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    /// <summary>Takes samples that no ring holds; where there are no rings somebody else says when.</summary>
    /// <param name="until">The time of the last.</param>
    /// <returns>True if there were any.</returns>
    public bool TakeOwn(ulong until)
    {
        bool any = false;
        while (_own.TryPeek(out var own, out ulong time) && time <= until)
        {
            any = true;
            _own.Dequeue();
            own.Announce();
            Take(new RecordView(own.Record, "a sample of viperf's own", 0), own.Source, time, stackDropped: false);
        }

        return any;
    }

    private void TakeFirst(LiveSource source, ulong time)
    {
        var record = source.First(out bool lacksDump);
        Take(record, time, lacksDump);
        source.RemoveFirst();
    }

    /// <summary>
    /// Has a record taken. What is wrong with one, or with a file that it leads to (which others may remove or cut at any
    /// time), costs that record and not the recording.
    /// </summary>
    public void Take(RecordView record, ulong time, bool stackDropped) => Take(record, EventOf(record), time, stackDropped);

    private void Take(RecordView record, EventDescription source, ulong time, bool stackDropped)
    {
        int before = _output.Length;
        try
        {
            _taker.OnRecord(record, source, time, stackDropped, _output);
            Count(record, time, stackDropped);
        }
        catch (Exception problem) when (problem is ParseException or IOException or UnauthorizedAccessException)
        {
            _output.Shorten(before);
            Counts.LeftOut(problem.Message);
        }

        if (_output.Length >= OutputBytes)
        {
            Flush();
        }
    }

    private void Count(RecordView record, ulong time, bool stackDropped)
    {
        if (record.Type == RecordType.PERF_RECORD_SAMPLE)
        {
            Counts.Samples++;
            Counts.SampleAt(time);
            Counts.StacksDropped += stackDropped ? 1UL : 0;
        }
        else if (record.Type == RecordType.PERF_RECORD_LOST)
        {
            Counts.Lost += new LostView(record).Count;
        }
        else if (AgentReach.Wants(record.Type))
        {
            Counts.AgentReach?.OnRecord(record, time);
        }
    }

    /// <summary>The event that a record names; the first one where it names none.</summary>
    private EventDescription EventOf(RecordView record) =>
        _byId.Count > 1 && _byId.TryGetValue(record.EventId(_events[0].Layout), out var described)
            ? described
            : _events[0];
}
