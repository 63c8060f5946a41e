using System.Text;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Collects the header features of a recording as the bytes that <see cref="PerfDataWriter"/> writes. Setting a
/// feature again replaces it; those that are not set are absent from the file.
/// </summary>
public sealed class FeatureWriter
{
    /// <summary>perf's NAME_ALIGN: texts are padded to a multiple of this.</summary>
    private const int TextAlignment = 64;

    private readonly SortedDictionary<HeaderFeature, ReadOnlyMemory<byte>> _sections = [];
    private readonly ByteWriter _writer = new();

    /// <summary>The features in the order of their bits.</summary>
    public IReadOnlyDictionary<HeaderFeature, ReadOnlyMemory<byte>> Sections => _sections;

    /// <summary>Sets a feature to bytes that stood in another recording.</summary>
    public void SetSection(HeaderFeature feature, ReadOnlyMemory<byte> section) => _sections[feature] = section;

    /// <summary>Sets HOSTNAME, OSRELEASE, VERSION, ARCH, CPUDESC or CPUID.</summary>
    public void SetText(HeaderFeature feature, string text)
    {
        WriteText(text);
        Set(feature);
    }

    /// <summary>Sets NRCPUS.</summary>
    /// <param name="available">CPUs that are configured.</param>
    /// <param name="online">CPUs that are in use.</param>
    public void SetCpuCount(uint available, uint online)
    {
        _writer.WriteUInt32(available);
        _writer.WriteUInt32(online);
        Set(HeaderFeature.NRCPUS);
    }

    /// <summary>Sets TOTAL_MEM.</summary>
    /// <param name="kib">Main memory in KiB.</param>
    public void SetTotalMemory(ulong kib)
    {
        _writer.WriteUInt64(kib);
        Set(HeaderFeature.TOTAL_MEM);
    }

    /// <summary>Sets CMDLINE: the recorder's own command line, its path first.</summary>
    public void SetCommandLine(IReadOnlyList<string> arguments)
    {
        WriteTexts(arguments);
        Set(HeaderFeature.CMDLINE);
    }

    /// <summary>Sets EVENT_DESC: the events with their names and ids.</summary>
    /// <exception cref="ArgumentException">The attrs' sizes differ.</exception>
    public void SetEvents(IReadOnlyList<EventDescription> events)
    {
        int attrSize = AttrCodec.CommonSize(events);
        _writer.WriteUInt32((uint)events.Count);
        _writer.WriteUInt32((uint)attrSize);
        foreach (var described in events)
        {
            AttrCodec.Write(_writer, described);
            _writer.WriteUInt32((uint)described.Ids.Count);
            WriteText(described.Name);
            foreach (ulong id in described.Ids)
            {
                _writer.WriteUInt64(id);
            }
        }

        Set(HeaderFeature.EVENT_DESC);
    }

    /// <summary>Sets BUILD_ID: the files that samples fell into.</summary>
    public void SetBuildIds(IEnumerable<BuildIdEntry> entries)
    {
        const int longestBuildId = 20;
        const int fixedBytes = 36;
        foreach (var entry in entries)
        {
            byte[] name = Encoding.UTF8.GetBytes(entry.FileName);
            int nameBytes = Padded(name.Length + 1);
            _writer.WriteUInt32(0);
            _writer.WriteUInt16((ushort)(entry.CpuMode | RecordMisc.PERF_RECORD_MISC_EXT_RESERVED)); // has a size byte
            _writer.WriteUInt16(checked((ushort)(fixedBytes + nameBytes)));
            _writer.WriteInt32(entry.Pid);
            _writer.WriteBytes(entry.BuildId.Span);
            _writer.WriteZeros(longestBuildId - entry.BuildId.Length);
            _writer.WriteUInt32((uint)entry.BuildId.Length); // the size byte and three reserved ones
            _writer.WriteBytes(name);
            _writer.WriteZeros(nameBytes - name.Length);
        }

        Set(HeaderFeature.BUILD_ID);
    }

    /// <summary>Sets SAMPLE_TIME: the times of the first and the last sample, nanoseconds of the recording's clock.</summary>
    public void SetSampleTime(ulong first, ulong last)
    {
        _writer.WriteUInt64(first);
        _writer.WriteUInt64(last);
        Set(HeaderFeature.SAMPLE_TIME);
    }

    /// <summary>Sets CLOCKID.</summary>
    /// <param name="resolution">Nanoseconds, from <c>clock_getres</c>.</param>
    public void SetClockResolution(ulong resolution)
    {
        _writer.WriteUInt64(resolution);
        Set(HeaderFeature.CLOCKID);
    }

    /// <summary>Sets CLOCK_DATA.</summary>
    public void SetClockData(in ClockData data)
    {
        _writer.WriteUInt32(FeatureVersion);
        _writer.WriteUInt32(data.ClockId);
        _writer.WriteUInt64(data.WallClock);
        _writer.WriteUInt64(data.ClockTime);
        Set(HeaderFeature.CLOCK_DATA);
    }

    /// <summary>Sets PMU_MAPPINGS.</summary>
    public void SetPmuMappings(IReadOnlyList<PmuMapping> mappings)
    {
        _writer.WriteUInt32((uint)mappings.Count);
        foreach (var mapping in mappings)
        {
            _writer.WriteUInt32(mapping.Type);
            WriteText(mapping.Name);
        }

        Set(HeaderFeature.PMU_MAPPINGS);
    }

    /// <summary>Sets CPU_TOPOLOGY.</summary>
    public void SetCpuTopology(CpuTopology topology)
    {
        WriteTexts(topology.CoreSiblings);
        WriteTexts(topology.ThreadSiblings);
        foreach (var cpu in topology.Cpus)
        {
            _writer.WriteInt32(cpu.Core);
            _writer.WriteInt32(cpu.Socket);
        }

        if (topology.DieSiblings.Count > 0)
        {
            WriteTexts(topology.DieSiblings);
            foreach (var cpu in topology.Cpus)
            {
                _writer.WriteInt32(cpu.Die);
            }
        }

        Set(HeaderFeature.CPU_TOPOLOGY);
    }

    /// <summary>Sets NUMA_TOPOLOGY.</summary>
    public void SetNumaTopology(IReadOnlyList<NumaNode> nodes)
    {
        _writer.WriteUInt32((uint)nodes.Count);
        foreach (var node in nodes)
        {
            _writer.WriteUInt32(node.Node);
            _writer.WriteUInt64(node.TotalMemory);
            _writer.WriteUInt64(node.FreeMemory);
            WriteText(node.Cpus);
        }

        Set(HeaderFeature.NUMA_TOPOLOGY);
    }

    /// <summary>Sets CACHE.</summary>
    public void SetCaches(IReadOnlyList<CpuCache> caches)
    {
        _writer.WriteUInt32(FeatureVersion);
        _writer.WriteUInt32((uint)caches.Count);
        foreach (var cache in caches)
        {
            _writer.WriteUInt32(cache.Level);
            _writer.WriteUInt32(cache.LineSize);
            _writer.WriteUInt32(cache.Sets);
            _writer.WriteUInt32(cache.Ways);
            WriteText(cache.Type);
            WriteText(cache.Size);
            WriteText(cache.Cpus);
        }

        Set(HeaderFeature.CACHE);
    }

    /// <summary>Sets MEM_TOPOLOGY.</summary>
    public void SetMemoryTopology(MemoryTopology topology)
    {
        _writer.WriteUInt64(FeatureVersion);
        _writer.WriteUInt64(topology.BlockBytes);
        _writer.WriteUInt64((ulong)topology.Nodes.Count);
        foreach (var node in topology.Nodes)
        {
            _writer.WriteUInt64(node.Node);
            _writer.WriteUInt64(node.BlockCount);
            _writer.WriteUInt64(node.BlockCount); // once for the node, once more for the bitmap
            foreach (ulong word in node.Blocks)
            {
                _writer.WriteUInt64(word);
            }
        }

        Set(HeaderFeature.MEM_TOPOLOGY);
    }

    /// <summary>The version that CACHE, MEM_TOPOLOGY and CLOCK_DATA begin with.</summary>
    internal const uint FeatureVersion = 1;

    private static int Padded(int count) => (count + TextAlignment - 1) & -TextAlignment;

    private void Set(HeaderFeature feature)
    {
        _sections[feature] = _writer.Written.ToArray();
        _writer.Clear();
    }

    private void WriteTexts(IReadOnlyList<string> texts)
    {
        _writer.WriteUInt32((uint)texts.Count);
        foreach (string text in texts)
        {
            WriteText(text);
        }
    }

    private void WriteText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int room = Padded(bytes.Length + 1);
        _writer.WriteUInt32((uint)room);
        _writer.WriteBytes(bytes);
        _writer.WriteZeros(room - bytes.Length);
    }
}
