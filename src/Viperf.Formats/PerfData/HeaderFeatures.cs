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

    /// <summary>Bytes of all <see cref="_sections"/>: in a hostile file all features can share one range.</summary>
    private int _sectionBytes;

    /// <summary>The features that the recording has, whether they can be read or not, in ascending order.</summary>
    public IReadOnlyCollection<HeaderFeature> Present => _sections.Keys;

    /// <summary>
    /// The bytes of each, as they stand in the recording. A pipe's may end with zeros that filled a record up; its
    /// build-ids come in records of their own and are in <see cref="BuildIds"/> only.
    /// </summary>
    public IReadOnlyDictionary<HeaderFeature, ReadOnlyMemory<byte>> Sections => _sections;

    /// <summary>HOSTNAME: name of the machine.</summary>
    public string? HostName { get; private set; }

    /// <summary>OSRELEASE: kernel release, as of <c>uname -r</c>.</summary>
    public string? OsRelease { get; private set; }

    /// <summary>VERSION of the recorder.</summary>
    public string? Version { get; private set; }

    /// <summary>ARCH: machine name of <c>uname -m</c>.</summary>
    public string? Arch { get; private set; }

    /// <summary>CPUDESC: name of the CPU.</summary>
    public string? CpuDescription { get; private set; }

    /// <summary>CPUID: vendor, family, model and stepping of the CPU.</summary>
    public string? CpuId { get; private set; }

    /// <summary>NRCPUS: CPUs that were configured.</summary>
    public uint? CpusAvailable { get; private set; }

    /// <summary>NRCPUS: CPUs that were in use.</summary>
    public uint? CpusOnline { get; private set; }

    /// <summary>TOTAL_MEM: main memory in KiB.</summary>
    public ulong? TotalMemory { get; private set; }

    /// <summary>CMDLINE: the recorder's command line.</summary>
    public IReadOnlyList<string> CommandLine { get; private set; } = [];

    /// <summary>EVENT_DESC: the events with the names that they were asked for by.</summary>
    public IReadOnlyList<EventDescription> EventDescriptions { get; private set; } = [];

    /// <summary>BUILD_ID: build-ids of the files that samples fell into.</summary>
    public IReadOnlyList<BuildIdEntry> BuildIds => _buildIds;

    /// <summary>CPU_TOPOLOGY: how CPUs are grouped.</summary>
    public CpuTopology? CpuTopology { get; private set; }

    /// <summary>NUMA_TOPOLOGY: memory and CPUs of the nodes.</summary>
    public IReadOnlyList<NumaNode> NumaNodes { get; private set; } = [];

    /// <summary>PMU_MAPPINGS: numbers and names of the PMUs.</summary>
    public IReadOnlyList<PmuMapping> PmuMappings { get; private set; } = [];

    /// <summary>GROUP_DESC: events that were scheduled together.</summary>
    public IReadOnlyList<EventGroup> EventGroups { get; private set; } = [];

    /// <summary>CACHE: the CPUs' caches.</summary>
    public IReadOnlyList<CpuCache> Caches { get; private set; } = [];

    /// <summary>SAMPLE_TIME: times of the first and the last sample, in nanoseconds of the recording's clock.</summary>
    public (ulong First, ulong Last)? SampleTime { get; private set; }

    /// <summary>MEM_TOPOLOGY: which memory blocks belong to which node.</summary>
    public MemoryTopology? MemoryTopology { get; private set; }

    /// <summary>CLOCKID: resolution of the recording's clock in nanoseconds, where one was asked for.</summary>
    public ulong? ClockResolution { get; private set; }

    /// <summary>DIR_FORMAT: version of the layout, where the recording is a directory.</summary>
    public ulong? DirectoryVersion { get; private set; }

    /// <summary>COMPRESSED: how the records are compressed.</summary>
    public CompressionNote? Compression { get; private set; }

    /// <summary>CLOCK_DATA: one moment on the recording's clock and on the wall's.</summary>
    public ClockData? ClockData { get; private set; }

    /// <summary>HYBRID_TOPOLOGY: the CPUs of each kind of core.</summary>
    public IReadOnlyList<HybridPmu> HybridPmus { get; private set; } = [];

    /// <summary>CPU_PMU_CAPS: what the CPU's PMU can.</summary>
    public PmuCapabilities? CpuPmuCapabilities { get; private set; }

    /// <summary>PMU_CAPS: what the other PMUs can.</summary>
    public IReadOnlyList<PmuCapabilities> PmuCapabilities { get; private set; } = [];

    /// <summary>Takes one feature's bytes. BPF's and those that are not known here are only noted as present.</summary>
    /// <exception cref="ParseException">The bytes are not what the feature demands; it stays unread.</exception>
    internal void Add(HeaderFeature feature, ReadOnlyMemory<byte> section, string source, ulong offset)
    {
        int replaced = _sections.TryGetValue(feature, out var before) ? before.Length : 0;
        if (section.Length > Limits.FeatureBytes - (_sectionBytes - replaced))
        {
            ParseException.Throw($"header features of more than {Limits.FeatureBytes} bytes together", source, offset);
        }

        _sections[feature] = section;
        _sectionBytes += section.Length - replaced;
        var bytes = section.Span;
        var reader = new ByteReader(bytes, source, offset);
        switch (feature)
        {
            case HeaderFeature.BUILD_ID:
                FeatureDecoder.BuildIds(bytes, source, offset, _buildIds);
                break;
            case HeaderFeature.HOSTNAME:
                HostName = FeatureDecoder.Text(ref reader);
                break;
            case HeaderFeature.OSRELEASE:
                OsRelease = FeatureDecoder.Text(ref reader);
                break;
            case HeaderFeature.VERSION:
                Version = FeatureDecoder.Text(ref reader);
                break;
            case HeaderFeature.ARCH:
                Arch = FeatureDecoder.Text(ref reader);
                break;
            case HeaderFeature.NRCPUS:
                uint available = reader.ReadUInt32();
                CpusOnline = reader.ReadUInt32();
                CpusAvailable = available;
                break;
            case HeaderFeature.CPUDESC:
                CpuDescription = FeatureDecoder.Text(ref reader);
                break;
            case HeaderFeature.CPUID:
                CpuId = FeatureDecoder.Text(ref reader);
                break;
            case HeaderFeature.TOTAL_MEM:
                TotalMemory = reader.ReadUInt64();
                break;
            case HeaderFeature.CMDLINE:
                CommandLine = FeatureDecoder.Texts(ref reader);
                break;
            case HeaderFeature.EVENT_DESC:
                EventDescriptions = FeatureDecoder.Events(ref reader);
                break;
            case HeaderFeature.CPU_TOPOLOGY:
                CpuTopology = FeatureDecoder.CpuTopology(ref reader, CpusAvailable ?? 0);
                break;
            case HeaderFeature.NUMA_TOPOLOGY:
                NumaNodes = FeatureDecoder.NumaNodes(ref reader);
                break;
            case HeaderFeature.PMU_MAPPINGS:
                PmuMappings = FeatureDecoder.PmuMappings(ref reader);
                break;
            case HeaderFeature.GROUP_DESC:
                EventGroups = FeatureDecoder.Groups(ref reader);
                break;
            case HeaderFeature.CACHE:
                Caches = FeatureDecoder.Caches(ref reader);
                break;
            case HeaderFeature.SAMPLE_TIME:
                SampleTime = (reader.ReadUInt64(), reader.ReadUInt64());
                break;
            case HeaderFeature.MEM_TOPOLOGY:
                MemoryTopology = FeatureDecoder.MemoryTopology(ref reader);
                break;
            case HeaderFeature.CLOCKID:
                ClockResolution = reader.ReadUInt64();
                break;
            case HeaderFeature.DIR_FORMAT:
                DirectoryVersion = reader.ReadUInt64();
                break;
            case HeaderFeature.COMPRESSED:
                Compression = FeatureDecoder.Compression(ref reader);
                break;
            case HeaderFeature.CLOCK_DATA:
                ClockData = FeatureDecoder.ClockData(ref reader);
                break;
            case HeaderFeature.HYBRID_TOPOLOGY:
                HybridPmus = FeatureDecoder.HybridPmus(ref reader);
                break;
            case HeaderFeature.CPU_PMU_CAPS:
                CpuPmuCapabilities = FeatureDecoder.CpuPmuCapabilities(ref reader);
                break;
            case HeaderFeature.PMU_CAPS:
                PmuCapabilities = FeatureDecoder.PmuCapabilities(ref reader);
                break;
            default:
                break;
        }
    }

    /// <summary>Takes a PERF_RECORD_HEADER_BUILD_ID record of the pipe form.</summary>
    /// <exception cref="ParseException">The record is cut short.</exception>
    internal void AddBuildId(RecordView record) => _buildIds.Add(FeatureDecoder.BuildId(record));
}
