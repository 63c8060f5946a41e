using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>A recording's events, and which of them a record belongs to.</summary>
internal sealed class EventTable
{
    private readonly List<EventDescription> _events = [];
    private readonly Dictionary<ulong, EventDescription> _byId = [];

    /// <summary>Ids of all events together: a hostile file can give one list to every event, so equal ones count too.</summary>
    private int _idCount;

    /// <summary>The event of the last record: neighbours mostly share one.</summary>
    private EventDescription? _last;
    private ulong _lastId;

    public IReadOnlyList<EventDescription> Events => _events;

    /// <summary>Adds an event in the place that its attr has in the file.</summary>
    /// <param name="attr">The attr.</param>
    /// <param name="attrBytes">The attr's bytes in the file.</param>
    /// <param name="ids">The ids of its samples.</param>
    /// <param name="source">What messages call the file.</param>
    /// <param name="offset">Where the attr stands.</param>
    /// <exception cref="ParseException">There are more events or ids than the limits allow.</exception>
    public void Add(
        in PerfEventAttr attr, ReadOnlySpan<byte> attrBytes, ReadOnlySpan<ulong> ids, string source, ulong offset)
    {
        if (_events.Count >= Limits.EventAttrs)
        {
            ParseException.Throw($"more than {Limits.EventAttrs} events", source, offset);
        }

        if (ids.Length > Limits.SampleIds - _idCount)
        {
            ParseException.Throw($"more than {Limits.SampleIds} sample ids", source, offset);
        }

        var added = new EventDescription(_events.Count, attr, EventNames.Of(attr), ids.ToArray()) 
        {
            AttrBytes = attrBytes.ToArray(),
        };
        _events.Add(added);
        _idCount += ids.Length;
        foreach (ulong id in ids)
        {
            _byId[id] = added;
        }
    }

    /// <summary>The event with one of its ids, or null.</summary>
    public EventDescription? ById(ulong id)
    {
        if (_last == null || _lastId != id)
        {
            if (!_byId.TryGetValue(id, out var found))
            {
                return null;
            }

            _last = found;
            _lastId = id;
        }

        return _last;
    }

    /// <summary>
    /// The event that a record of the kernel belongs to; null for a sample of an event that the file does not
    /// describe. perf gives every event of a recording the same place for the id, so the first one's layout finds it.
    /// </summary>
    public EventDescription? Of(RecordView record)
    {
        var first = _events[0];
        if (_events.Count == 1)
        {
            return first;
        }

        ulong id = record.EventId(first.Layout);
        bool isSample = record.Type == RecordType.PERF_RECORD_SAMPLE;

        // A record that perf made itself has id 0, and one without a trailer has none.
        return id == 0 ? first : ById(id) ?? (isSample ? null : first);
    }
}
