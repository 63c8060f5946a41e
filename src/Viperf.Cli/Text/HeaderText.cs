using System.Globalization;
using Viperf.Core.Pipeline;
using Viperf.Formats.PerfData;

namespace Viperf.Cli.Text;

/// <summary>
/// What a recording says about itself, as comment lines: <c>--header</c> and <c>--header-only</c> of report and script,
/// in the words of perf 6.1.
/// </summary>
internal sealed class HeaderText
{
    /// <summary>perf asks for -I where a feature takes many lines.</summary>
    private static readonly HeaderFeature[] s_detailed =
    [
        HeaderFeature.CPU_TOPOLOGY, HeaderFeature.NUMA_TOPOLOGY, HeaderFeature.CACHE, HeaderFeature.MEM_TOPOLOGY,
    ];

    private readonly PerfDataReader _reader;
    private readonly HeaderFeatures _features;
    private readonly Utf8Output _output;
    private readonly bool _details;

    private HeaderText(PerfDataReader reader, Utf8Output output, bool details)
    {
        _reader = reader;
        _features = reader.Features;
        _output = output;
        _details = details;
    }

    /// <summary>Writes the header block.</summary>
    /// <param name="recording">The recording; of a pipe, what its first records say.</param>
    /// <param name="details">True for <c>-I</c>: topologies and caches too.</param>
    /// <param name="output">Where the lines go.</param>
    public static void Write(RecordingFile recording, bool details, Utf8Output output) =>
        new HeaderText(recording.Reader, output, details).Write(
            File.Exists(recording.Path) ? File.GetLastWriteTime(recording.Path) : DateTime.Now);

    private void Write(DateTime captured)
    {
        const int headerVersion = 1;
        string date = string.Create(
            CultureInfo.InvariantCulture, $"{captured:ddd MMM} {captured.Day,2} {captured:HH:mm:ss yyyy}");
        Line("========");
        Line($"captured on    : {date}");
        Line($"header version : {headerVersion}");
        Line($"data offset    : {_reader.DataOffset}");
        Line($"data size      : {_reader.DataSize}");
        Line($"feat offset    : {_reader.DataOffset + _reader.DataSize}");
        if (_reader.IsPipe)
        {
            // Features come as records behind the header, and what is missing is not known before the end.
            End();
            WriteFeatures();
            return;
        }

        WriteFeatures();
        var missing = Enum.GetValues<HeaderFeature>()
            .Where(feature => feature != HeaderFeature.VIPERF_NAMES && !_features.Present.Contains(feature));
        Line($"missing features: {string.Concat(missing.Select(feature => feature + " "))}");
        End();
    }

    private void End()
    {
        Line("========");
        _output.Add("#\n"u8);
    }

    private void WriteFeatures()
    {
        foreach (var feature in _features.Present)
        {
            if (!_details && s_detailed.Contains(feature))
            {
                Line($"{feature} info available, use -I to display");
            }
            else
            {
                WriteFeature(feature);
            }
        }
    }

    private void WriteFeature(HeaderFeature feature)
    {
        switch (feature)
        {
            case HeaderFeature.HOSTNAME:
                Line($"hostname : {_features.HostName}");
                break;
            case HeaderFeature.OSRELEASE:
                Line($"os release : {_features.OsRelease}");
                break;
            case HeaderFeature.VERSION:
                Line($"perf version : {_features.Version}");
                break;
            case HeaderFeature.ARCH:
                Line($"arch : {_features.Arch}");
                break;
            case HeaderFeature.NRCPUS:
                Line($"nrcpus online : {_features.CpusOnline}");
                Line($"nrcpus avail : {_features.CpusAvailable}");
                break;
            case HeaderFeature.CPUDESC:
                Line($"cpudesc : {_features.CpuDescription}");
                break;
            case HeaderFeature.CPUID:
                Line($"cpuid : {_features.CpuId}");
                break;
            case HeaderFeature.TOTAL_MEM:
                Line($"total memory : {_features.TotalMemory} kB");
                break;
            case HeaderFeature.CMDLINE:
                string quoted = string.Concat(
                    _features.CommandLine.Select(word => word.Replace("'", "\\'", StringComparison.Ordinal) + " "));
                Line($"cmdline : {quoted}");
                break;
            case HeaderFeature.EVENT_DESC:
                WriteEvents();
                break;
            case HeaderFeature.CPU_TOPOLOGY:
                WriteCpuTopology();
                break;
            case HeaderFeature.NUMA_TOPOLOGY:
                WriteNumaNodes();
                break;
            case HeaderFeature.BRANCH_STACK:
                Line("contains samples with branch stack");
                break;
            case HeaderFeature.PMU_MAPPINGS:
                var mappings = _features.PmuMappings.Select(mapping => $"{mapping.Name} = {mapping.Type}");
                Line($"pmu mappings: {Listed(mappings)}");
                break;
            case HeaderFeature.GROUP_DESC:
                WriteGroups();
                break;
            case HeaderFeature.AUXTRACE:
                Line("contains AUX area data (e.g. instruction trace)");
                break;
            case HeaderFeature.STAT:
                Line("contains stat data");
                break;
            case HeaderFeature.CACHE:
                WriteCaches();
                break;
            case HeaderFeature.SAMPLE_TIME:
                WriteSampleTime();
                break;
            case HeaderFeature.MEM_TOPOLOGY:
                WriteMemoryTopology();
                break;
            case HeaderFeature.CLOCKID:
                Line($"clockid frequency: {_features.ClockResolution * 1000} MHz"); // perf's reckoning of a resolution
                break;
            case HeaderFeature.DIR_FORMAT:
                Line($"directory data version : {_features.DirectoryVersion}");
                break;
            case HeaderFeature.COMPRESSED when _features.Compression is { } compression:
                string method = compression.Type == 1 ? "Zstd" : "Unknown";
                Line($"compressed : {method}, level = {compression.Level}, ratio = {compression.Ratio}");
                break;
            case HeaderFeature.CPU_PMU_CAPS when _features.CpuPmuCapabilities is { } capabilities:
                WriteCapabilities(capabilities);
                break;
            case HeaderFeature.CLOCK_DATA when _features.ClockData is { } clock:
                WriteClock(clock);
                break;
            case HeaderFeature.HYBRID_TOPOLOGY:
                Line("hybrid cpu system:");
                foreach (var pmu in _features.HybridPmus)
                {
                    Line($"{pmu.Pmu} cpu list : {pmu.Cpus}");
                }

                break;
            case HeaderFeature.PMU_CAPS:
                foreach (var pmu in _features.PmuCapabilities)
                {
                    WriteCapabilities(pmu);
                }

                break;
            default:
                break;
        }
    }

    private void WriteEvents()
    {
        foreach (var described in _features.EventDescriptions)
        {
            string ids = described.Ids.Count == 0 ? "" : $", id = {{ {string.Join(", ", described.Ids)} }}";
            string attr = string.Concat(AttrText.Fields(described.Attr).Select(field => $", {field.Name} = {field.Value}"));
            Line($"event : name = {described.Name}, {ids}{attr}");
        }
    }

    private void WriteCpuTopology()
    {
        if (_features.CpuTopology is not { } topology)
        {
            return;
        }

        bool hasDies = topology.DieSiblings.Count > 0;
        WriteSiblings("sockets", topology.CoreSiblings);
        WriteSiblings("dies   ", topology.DieSiblings);
        WriteSiblings("threads", topology.ThreadSiblings);
        for (int cpu = 0; cpu < topology.Cpus.Count; cpu++)
        {
            var (core, die, socket) = topology.Cpus[cpu];
            string dieId = hasDies ? $", Die ID {die}" : "";
            Line($"CPU {cpu}: Core ID {core}{dieId}, Socket ID {socket}");
        }
    }

    private void WriteSiblings(string what, IEnumerable<string> lists)
    {
        foreach (string cpus in lists)
        {
            Line($"sibling {what} : {cpus}");
        }
    }

    private void WriteNumaNodes()
    {
        foreach (var node in _features.NumaNodes)
        {
            Line($"node{node.Node} meminfo  : total = {node.TotalMemory} kB, free = {node.FreeMemory} kB");
            Line($"node{node.Node} cpu list : {node.Cpus}");
        }
    }

    private void WriteGroups()
    {
        const string unnamed = "{anon_group}";
        foreach (var group in _features.EventGroups)
        {
            var members = _reader.Events.Skip((int)group.Leader).Take((int)group.Members).Select(member => member.Name);
            Line($"group: {(group.Name == unnamed ? "" : group.Name)}{{{string.Join(',', members)}}}");
        }
    }

    private void WriteCaches()
    {
        Line("CPU cache info:");
        foreach (var cache in _features.Caches)
        {
            Line($" L{cache.Level} {cache.Type,-15} {cache.Size,8} [{cache.Cpus}]");
        }
    }

    private void WriteSampleTime()
    {
        if (_features.SampleTime is var (first, last))
        {
            const double nanosecondsPerMillisecond = 1e6;
            string duration = ((last - first) / nanosecondsPerMillisecond).ToString("F3", CultureInfo.InvariantCulture);
            Line($"time of first sample : {Seconds(first, microseconds: true)}");
            Line($"time of last sample : {Seconds(last, microseconds: true)}");
            Line($"sample duration : {duration,10} ms");
        }
    }

    private void WriteMemoryTopology()
    {
        if (_features.MemoryTopology is not { } topology)
        {
            return;
        }

        Line($"memory nodes (nr {topology.Nodes.Count}, block size 0x{topology.BlockBytes:x}):");
        foreach (var node in topology.Nodes)
        {
            ulong blocks = node.Blocks.Aggregate(0UL, (sum, word) => sum + ulong.PopCount(word));
            Line($" {node.Node,3} [{Size(blocks * topology.BlockBytes)}]: {BitRanges.Text(node.Blocks)}");
        }
    }

    private void WriteCapabilities(PmuCapabilities pmu) =>
        Line($"{pmu.Pmu} pmu capabilities: {Listed(pmu.Capabilities)}");

    private void WriteClock(in ClockData clock)
    {
        string name = clock.ClockId switch
        {
            0 => "realtime",
            1 => "monotonic",
            4 => "monotonic_raw",
            7 => "boottime",
            11 => "tai",
            _ => "unknown",
        };
        const ulong nanosecondsPerTick = 100;
        string wall = DateTime.UnixEpoch.AddTicks((long)(clock.WallClock / nanosecondsPerTick)).ToLocalTime()
            .ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        Line($"clockid: {name} ({clock.ClockId})");
        Line($"reference time: {wall} = {Seconds(clock.WallClock, microseconds: true)} (TOD)"
            + $" = {Seconds(clock.ClockTime, microseconds: false)} ({name})");
    }

    private static string Listed(IEnumerable<string> texts)
    {
        string text = string.Join(", ", texts);
        return text.Length == 0 ? "not available" : text;
    }

    private static string Seconds(ulong nanoseconds, bool microseconds)
    {
        const ulong second = 1_000_000_000;
        ulong fraction = nanoseconds % second;
        return microseconds ? $"{nanoseconds / second}.{fraction / 1000:D6}" : $"{nanoseconds / second}.{fraction:D9}";
    }

    /// <summary>perf's rounding: down, to the unit in which at least 2 are left.</summary>
    private static string Size(ulong bytes)
    {
        const string units = "BKMG";
        int unit = 0;
        for (; unit < units.Length - 1 && bytes / 1024 > 1; unit++)
        {
            bytes /= 1024;
        }

        return $"{bytes}{units[unit]}";
    }

    private void Line(string text) => _output.Add("# "u8).Add(text).Add("\n"u8);
}
