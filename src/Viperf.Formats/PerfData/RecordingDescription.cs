using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// What a recording says about itself: events and header features. The file form has it in sections, the pipe form
/// in records of perf's own types.
/// </summary>
internal sealed class RecordingDescription
{
    public EventTable Events { get; } = new();

    public HeaderFeatures Features { get; } = new();

    /// <summary>False once a pass has ended: a second one over the same records must not add their events again.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>
    /// True once the recording's start was read. Whoever reads has sized tables by the number of events then, and no
    /// recorder describes one behind the first record of what happened.
    /// </summary>
    public bool HasAllEvents { get; set; }

    /// <summary>
    /// Bytes behind a record that belong to it and are not counted in its size; 0 for most types.
    /// </summary>
    /// <exception cref="ParseException">The record is cut short.</exception>
    public static ulong PayloadOf(RecordView record)
    {
        var body = record.Body();
        switch (record.Type)
        {
            case RecordType.PERF_RECORD_HEADER_TRACING_DATA:
                return (body.ReadUInt32() + 7UL) & ~7UL;
            case RecordType.PERF_RECORD_AUXTRACE:
                return body.ReadUInt64();
            default:
                return 0;
        }
    }

    /// <summary>Takes a record that describes the recording; false for all others.</summary>
    /// <exception cref="ParseException">The record is not what its type demands.</exception>
    public bool TryTake(RecordView record)
    {
        switch (record.Type)
        {
            case RecordType.PERF_RECORD_HEADER_ATTR:
            case RecordType.PERF_RECORD_EVENT_UPDATE:
            case RecordType.PERF_RECORD_HEADER_FEATURE:
            case RecordType.PERF_RECORD_HEADER_BUILD_ID:
            case RecordType.PERF_RECORD_HEADER_EVENT_TYPE:
            case RecordType.PERF_RECORD_HEADER_TRACING_DATA:
            case RecordType.PERF_RECORD_AUXTRACE:
                if (IsOpen)
                {
                    Take(record);
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Gives the events the names that the recorder knew them by, from EVENT_DESC.</summary>
    public void NameEvents()
    {
        var named = Features.EventDescriptions;
        for (int i = 0; i < named.Count; i++)
        {
            var target = named[i].Ids.Count > 0 ? Events.ById(named[i].Ids[0])
                : i < Events.Events.Count ? Events.Events[i] : null;
            if (target != null && named[i].Name.Length > 0)
            {
                target.Name = named[i].Name;
            }
        }
    }

    private void Take(RecordView record)
    {
        var body = record.Body();
        switch (record.Type)
        {
            case RecordType.PERF_RECORD_HEADER_ATTR:
                if (HasAllEvents)
                {
                    body.Fail("an event described behind the recording's start");
                }

                var attr = AttrCodec.ReadSelfSized(ref body, out var attrBytes);
                ulong offset = body.Offset;
                var ids = MemoryMarshal.Cast<byte, ulong>(body.ReadBytes(body.Remaining));
                Events.Add(attr, attrBytes, ids, record.Source, offset);
                break;
            case RecordType.PERF_RECORD_EVENT_UPDATE:
                ulong kind = body.ReadUInt64();
                var target = Events.ById(body.ReadUInt64());
                if (kind == DescriptionRecords.NameUpdate && target != null)
                {
                    target.Name = ByteReader.Text(body.ReadCString());
                }

                break;
            case RecordType.PERF_RECORD_HEADER_FEATURE:
                ulong feature = body.ReadUInt64();
                if (feature < FileHeader.FeatureBits && !body.AtEnd) // an empty one is perf's mark behind the last
                {
                    ulong at = body.Offset;
                    Features.Add((HeaderFeature)feature, body.ReadBytes(body.Remaining).ToArray(), record.Source, at);
                    NameEvents();
                }

                break;
            case RecordType.PERF_RECORD_HEADER_BUILD_ID:
                Features.AddBuildId(record);
                break;
            default:
                break;
        }
    }
}
