using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// What the recorder noted about machine and recording. A feature that is absent, or whose bytes cannot be read, is
/// null or empty. Of a pipe it is complete only after the last record.
/// </summary>
public sealed class HeaderFeatures
{
    private readonly SortedDictionary<HeaderFeature, ReadOnlyMemory<byte>> _sections = [];
    private readonly List<BuildIdEntry> _buildIds = [];

    /// <summary>The features that the file has, read or not.</summary>
    public IReadOnlyDictionary<HeaderFeature, ReadOnlyMemory<byte>> Sections => _sections;

    /// <summary>Name of the machine.</summary>
    public string? HostName { get; private set; }

    /// <summary>Kernel release, as of <c>uname -r</c>.</summary>
    public string? OsRelease { get; private set; }

    /// <summary>Version of the recorder.</summary>
    public string? Version { get; private set; }

    /// <summary>Machine name of <c>uname -m</c>.</summary>
    public string? Arch { get; private set; }

    /// <summary>Name of the CPU.</summary>
    public string? CpuDescription { get; private set; }

    /// <summary>Vendor, family, model and stepping of the CPU.</summary>
    public string? CpuId { get; private set; }

    /// <summary>CPUs that were configured, or null.</summary>
    public uint? CpusAvailable { get; private set; }

    /// <summary>CPUs that were in use, or null.</summary>
    public uint? CpusOnline { get; private set; }

    /// <summary>Main memory in KiB, or null.</summary>
    public ulong? TotalMemory { get; private set; }

    /// <summary>The recorder's command line.</summary>
    public IReadOnlyList<string> CommandLine { get; private set; } = [];

    /// <summary>The events with the names that they were asked for by.</summary>
    public IReadOnlyList<EventDescription> EventDescriptions { get; private set; } = [];

    /// <summary>Build-ids of the files that samples fell into.</summary>
    public IReadOnlyList<BuildIdEntry> BuildIds => _buildIds;

    /// <summary>Times of the first and the last sample, in nanoseconds of the recording's clock.</summary>
    public (ulong First, ulong Last)? SampleTime { get; private set; }

    /// <summary>Takes one feature's bytes.</summary>
    /// <exception cref="ParseException">The bytes are not what the feature demands; it stays unread.</exception>
    internal void Add(HeaderFeature feature, ReadOnlyMemory<byte> bytes, string source, ulong offset)
    {
        _sections[feature] = bytes;
        var reader = new ByteReader(bytes.Span, source, offset);
        switch (feature)
        {
            case HeaderFeature.HOSTNAME:
                HostName = ReadText(ref reader);
                break;
            case HeaderFeature.OSRELEASE:
                OsRelease = ReadText(ref reader);
                break;
            case HeaderFeature.VERSION:
                Version = ReadText(ref reader);
                break;
            case HeaderFeature.ARCH:
                Arch = ReadText(ref reader);
                break;
            case HeaderFeature.CPUDESC:
                CpuDescription = ReadText(ref reader);
                break;
            case HeaderFeature.CPUID:
                CpuId = ReadText(ref reader);
                break;
            case HeaderFeature.NRCPUS:
                uint available = reader.ReadUInt32();
                CpusOnline = reader.ReadUInt32();
                CpusAvailable = available;
                break;
            case HeaderFeature.TOTAL_MEM:
                TotalMemory = reader.ReadUInt64();
                break;
            case HeaderFeature.CMDLINE:
                CommandLine = ReadTexts(ref reader);
                break;
            case HeaderFeature.EVENT_DESC:
                EventDescriptions = ReadEvents(ref reader);
                break;
            case HeaderFeature.SAMPLE_TIME:
                SampleTime = (reader.ReadUInt64(), reader.ReadUInt64());
                break;
            case HeaderFeature.BUILD_ID:
                ReadBuildIds(bytes.Span, source, offset);
                break;
            default:
                break;
        }
    }

    /// <summary>Takes one row of the BUILD_ID table, which has the shape of a record.</summary>
    /// <exception cref="ParseException">The record is cut short.</exception>
    internal void AddBuildId(RecordView record)
    {
        const int fieldBytes = 24;
        const int longest = 20;
        var body = record.Body();
        int pid = body.ReadInt32();
        var field = body.ReadBytes(fieldBytes);

        // With this flag the byte after the longest build-id tells its length; before Linux 5.12 it was always 20.
        int length = (record.Misc & RecordMisc.PERF_RECORD_MISC_EXT_RESERVED) != 0
            ? Math.Min((int)field[longest], longest)
            : longest;
        var name = body.ReadBytes(body.Remaining);
        int end = name.IndexOf((byte)0);
        _buildIds.Add(new BuildIdEntry(
            pid, record.CpuMode, field[..length].ToArray(), ByteReader.Text(end < 0 ? name : name[..end])));
    }

    private void ReadBuildIds(ReadOnlySpan<byte> section, string source, ulong offset)
    {
        var reader = new ByteReader(section, source, offset);
        while (!reader.AtEnd)
        {
            var header = reader;
            header.Skip(6);
            int size = header.ReadUInt16();
            if (size < RecordHeader.ByteCount)
            {
                reader.Fail($"build-id entry of {size} bytes");
            }

            ulong at = reader.Offset;
            AddBuildId(new RecordView(reader.ReadBytes(size), source, at));
        }
    }

    /// <summary>A text of the header: its room in 4 bytes, then the text and zeros up to that room.</summary>
    private static string ReadText(ref ByteReader reader)
    {
        var text = reader.ReadBytes(ReadCount(ref reader, 1));
        int end = text.IndexOf((byte)0);
        return ByteReader.Text(end < 0 ? text : text[..end]);
    }

    /// <summary>A count of things of at least <paramref name="bytesEach"/> bytes, which must have room.</summary>
    private static int ReadCount(ref ByteReader reader, int bytesEach)
    {
        uint count = reader.ReadUInt32();
        if (count > (uint)reader.Remaining / (uint)bytesEach)
        {
            reader.Fail($"{count} entries announced in {reader.Remaining} bytes");
        }

        return (int)count;
    }

    private static string[] ReadTexts(ref ByteReader reader)
    {
        var texts = new string[ReadCount(ref reader, sizeof(uint))];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = ReadText(ref reader);
        }

        return texts;
    }

    private static EventDescription[] ReadEvents(ref ByteReader reader)
    {
        int count = ReadCount(ref reader, PerfEventAttr.MinimumSize);
        uint attrSize = reader.ReadUInt32();
        var events = new EventDescription[Math.Min(count, Limits.EventAttrs)];
        for (int i = 0; i < events.Length; i++)
        {
            var attr = AttrCodec.Read(ref reader, attrSize);
            uint idCount = reader.ReadUInt32();
            string name = ReadText(ref reader);
            if (idCount > (uint)reader.Remaining / sizeof(ulong))
            {
                reader.Fail($"{idCount} ids announced in {reader.Remaining} bytes");
            }

            var ids = new ulong[idCount];
            for (int id = 0; id < ids.Length; id++)
            {
                ids[id] = reader.ReadUInt64();
            }

            events[i] = new EventDescription(i, attr, name, ids);
        }

        return events;
    }
}
