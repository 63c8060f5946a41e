using System.Buffers.Binary;
using System.Text;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Writes what a recording says about itself as records, for the pipe form: HEADER_ATTR, HEADER_FEATURE and, for the
/// names, EVENT_UPDATE. perf's mark behind the last feature has a different number in each version and makes other
/// versions stop; without it all of them go on.
/// </summary>
internal static class DescriptionRecords
{
    private const int SizeOffset = 6;

    /// <summary><c>PERF_EVENT_UPDATE__NAME</c>: the update is the event's name.</summary>
    public const ulong NameUpdate = 2;

    public static void Write(ByteWriter writer, IReadOnlyList<EventDescription> events, FeatureWriter features)
    {
        foreach (var described in events)
        {
            int start = Begin(writer, RecordType.PERF_RECORD_HEADER_ATTR);
            AttrCodec.WriteSelfSized(writer, described);
            foreach (ulong id in described.Ids)
            {
                writer.WriteUInt64(id);
            }

            End(writer, start);
        }

        foreach (var (feature, section) in features.Sections)
        {
            if (feature == HeaderFeature.BUILD_ID)
            {
                WriteBuildIds(writer, section.Span);
                continue;
            }

            int start = Begin(writer, RecordType.PERF_RECORD_HEADER_FEATURE);
            writer.WriteUInt64((ulong)feature);
            writer.WriteBytes(section.Span);
            End(writer, start);
        }

        foreach (var described in events.Where(e => e.Ids.Count > 0))
        {
            int start = Begin(writer, RecordType.PERF_RECORD_EVENT_UPDATE);
            writer.WriteUInt64(NameUpdate);
            writer.WriteUInt64(described.Ids[0]);
            writer.WriteBytes(Encoding.UTF8.GetBytes(described.Name));
            writer.WriteByte(0);
            End(writer, start);
        }
    }

    /// <summary>Writes a BUILD_ID section's rows, which are records but for their type, up to the first that is none.</summary>
    public static void WriteBuildIds(ByteWriter writer, ReadOnlySpan<byte> section)
    {
        while (section.Length >= RecordHeader.ByteCount
            && BinaryPrimitives.ReadUInt16LittleEndian(section[SizeOffset..]) is >= RecordHeader.ByteCount and var size
            && size <= section.Length)
        {
            writer.WriteUInt32((uint)RecordType.PERF_RECORD_HEADER_BUILD_ID);
            writer.WriteBytes(section[sizeof(uint)..size]);
            section = section[size..];
        }
    }

    private static int Begin(ByteWriter writer, RecordType type)
    {
        int start = writer.Length;
        writer.WriteUInt32((uint)type);
        writer.WriteUInt32(0); // no flags; the size is set at the end
        return start;
    }

    private static void End(ByteWriter writer, int start)
    {
        writer.Align(sizeof(ulong));
        int size = writer.Length - start;
        if (size > ushort.MaxValue)
        {
            throw new ArgumentException($"A description of {size} bytes does not fit into a record.");
        }

        writer.PatchUInt16(start + SizeOffset, (ushort)size);
    }
}
