using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Decodes the bytes of header features (perf.data-file-format.txt) other than plain numbers. Every method throws
/// <see cref="ParseException"/> where the bytes do not suffice.
/// </summary>
internal static class FeatureDecoder
{
    /// <summary>A text of the header: its room in 4 bytes, then the text and zeros up to that room.</summary>
    public static string Text(ref ByteReader reader)
    {
        var text = reader.ReadBytes(Count(ref reader, 1));
        int end = text.IndexOf((byte)0);
        return ByteReader.Text(end < 0 ? text : text[..end]);
    }

    /// <summary>A count and as many texts.</summary>
    public static string[] Texts(ref ByteReader reader)
    {
        var texts = new string[Count(ref reader, sizeof(uint))];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = Text(ref reader);
        }

        return texts;
    }

    public static EventDescription[] Events(ref ByteReader reader)
    {
        int count = Count(ref reader, PerfEventAttr.MinimumSize);
        uint attrSize = reader.ReadUInt32();
        var events = new EventDescription[Math.Min(count, Limits.EventAttrs)];
        for (int i = 0; i < events.Length; i++)
        {
            var attr = AttrCodec.Read(ref reader, attrSize, out _);
            uint idCount = reader.ReadUInt32();
            string name = Text(ref reader);
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

    /// <summary>One row of the BUILD_ID table, which has the shape of a record.</summary>
    public static BuildIdEntry BuildId(RecordView record)
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
        return new BuildIdEntry(
            pid, record.CpuMode, field[..length].ToArray(), ByteReader.Text(end < 0 ? name : name[..end]));
    }

    /// <summary>The BUILD_ID section's rows, up to the first that cannot be read.</summary>
    public static void BuildIds(ReadOnlySpan<byte> section, string source, ulong offset, List<BuildIdEntry> entries)
    {
        const int sizeOffset = 6;
        var reader = new ByteReader(section, source, offset);
        while (!reader.AtEnd)
        {
            var header = reader;
            header.Skip(sizeOffset);
            int size = header.ReadUInt16();
            if (size < RecordHeader.ByteCount)
            {
                reader.Fail($"build-id entry of {size} bytes");
            }

            ulong at = reader.Offset;
            entries.Add(BuildId(new RecordView(reader.ReadBytes(size), source, at)));
        }
    }

    /// <param name="reader">The section.</param>
    /// <param name="cpuCount">CPUs available, from NRCPUS: the section does not tell how many it describes.</param>
    public static CpuTopology CpuTopology(ref ByteReader reader, uint cpuCount)
    {
        string[] cores = Texts(ref reader);
        string[] threads = Texts(ref reader);
        if (cpuCount > (uint)reader.Remaining / (2 * sizeof(int)))
        {
            // Recordings of before Linux 3.20 end here.
            return new CpuTopology(cores, threads, [], []);
        }

        var cpus = new CpuPlace[cpuCount];
        for (int i = 0; i < cpus.Length; i++)
        {
            int core = reader.ReadInt32();
            cpus[i] = new CpuPlace(core, Die: 0, Socket: reader.ReadInt32());
        }

        string[] dies = [];
        if (!reader.AtEnd)
        {
            dies = Texts(ref reader);
            for (int i = 0; i < cpus.Length; i++)
            {
                cpus[i] = cpus[i] with { Die = reader.ReadInt32() };
            }
        }

        return new CpuTopology(cores, threads, dies, cpus);
    }

    public static NumaNode[] NumaNodes(ref ByteReader reader)
    {
        var nodes = new NumaNode[Count(ref reader, 24)];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new NumaNode(
                reader.ReadUInt32(), reader.ReadUInt64(), reader.ReadUInt64(), Text(ref reader));
        }

        return nodes;
    }

    public static PmuMapping[] PmuMappings(ref ByteReader reader)
    {
        var mappings = new PmuMapping[Count(ref reader, 8)];
        for (int i = 0; i < mappings.Length; i++)
        {
            mappings[i] = new PmuMapping(reader.ReadUInt32(), Text(ref reader));
        }

        return mappings;
    }

    public static EventGroup[] Groups(ref ByteReader reader)
    {
        var groups = new EventGroup[Count(ref reader, 12)];
        for (int i = 0; i < groups.Length; i++)
        {
            groups[i] = new EventGroup(Text(ref reader), reader.ReadUInt32(), reader.ReadUInt32());
        }

        return groups;
    }

    public static CpuCache[] Caches(ref ByteReader reader)
    {
        CheckVersion(ref reader, reader.ReadUInt32());
        var caches = new CpuCache[Count(ref reader, 28)];
        for (int i = 0; i < caches.Length; i++)
        {
            caches[i] = new CpuCache(
                reader.ReadUInt32(),
                reader.ReadUInt32(),
                reader.ReadUInt32(),
                reader.ReadUInt32(),
                Text(ref reader),
                Text(ref reader),
                Text(ref reader));
        }

        return caches;
    }

    public static MemoryTopology MemoryTopology(ref ByteReader reader)
    {
        CheckVersion(ref reader, reader.ReadUInt64());
        ulong blockBytes = reader.ReadUInt64();
        var nodes = new MemoryNode[Count64(ref reader, reader.ReadUInt64(), 24)];
        for (int i = 0; i < nodes.Length; i++)
        {
            ulong node = reader.ReadUInt64();
            reader.Skip(sizeof(ulong)); // the count of blocks, which the bitmap repeats
            ulong bits = reader.ReadUInt64();
            var words = new ulong[Count64(ref reader, bits / 64 + (bits % 64 == 0 ? 0UL : 1), sizeof(ulong))];
            for (int word = 0; word < words.Length; word++)
            {
                words[word] = reader.ReadUInt64();
            }

            nodes[i] = new MemoryNode(node, bits, words);
        }

        return new MemoryTopology(blockBytes, nodes);
    }

    public static ClockData ClockData(ref ByteReader reader)
    {
        CheckVersion(ref reader, reader.ReadUInt32());
        return new ClockData(reader.ReadUInt32(), reader.ReadUInt64(), reader.ReadUInt64());
    }

    public static CompressionNote Compression(ref ByteReader reader)
    {
        reader.Skip(sizeof(uint)); // version, 0 so far
        return new CompressionNote(
            reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32());
    }

    public static HybridPmu[] HybridPmus(ref ByteReader reader)
    {
        var pmus = new HybridPmu[Count(ref reader, 8)];
        for (int i = 0; i < pmus.Length; i++)
        {
            pmus[i] = new HybridPmu(Text(ref reader), Text(ref reader));
        }

        return pmus;
    }

    /// <summary>CPU_PMU_CAPS: the capabilities of the PMU that is called <c>cpu</c>.</summary>
    public static PmuCapabilities CpuPmuCapabilities(ref ByteReader reader) => new("cpu", Capabilities(ref reader));

    /// <summary>PMU_CAPS: the capabilities of the other PMUs, each with its name behind them.</summary>
    public static PmuCapabilities[] PmuCapabilities(ref ByteReader reader)
    {
        var pmus = new PmuCapabilities[Count(ref reader, 8)];
        for (int i = 0; i < pmus.Length; i++)
        {
            string[] capabilities = Capabilities(ref reader);
            pmus[i] = new PmuCapabilities(Text(ref reader), capabilities);
        }

        return pmus;
    }

    private static string[] Capabilities(ref ByteReader reader)
    {
        var capabilities = new string[Count(ref reader, 8)];
        for (int i = 0; i < capabilities.Length; i++)
        {
            string name = Text(ref reader);
            capabilities[i] = $"{name}={Text(ref reader)}";
        }

        return capabilities;
    }

    /// <summary>A count of things of at least <paramref name="bytesEach"/> bytes, which must have room.</summary>
    private static int Count(ref ByteReader reader, int bytesEach) =>
        Count64(ref reader, reader.ReadUInt32(), bytesEach);

    private static int Count64(ref ByteReader reader, ulong count, int bytesEach)
    {
        if (count > (ulong)reader.Remaining / (ulong)bytesEach)
        {
            reader.Fail($"{count} entries announced in {reader.Remaining} bytes");
        }

        return (int)count;
    }

    private static void CheckVersion(ref ByteReader reader, ulong version)
    {
        if (version != FeatureWriter.FeatureVersion)
        {
            reader.Fail($"version {version}, which is not known");
        }
    }
}
