using System.Globalization;
using System.Runtime.InteropServices;
using Viperf.Core.Linux;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Collects the header features that describe machine, kernel and recorder.</summary>
internal static class HostFeatures
{
    private const string CpuDirectory = "/sys/devices/system/cpu/";

    /// <summary>Fills in what is known before the first sample.</summary>
    public static void Describe(FeatureWriter features, RecordOptions options, IReadOnlyList<EventDescription> events)
    {
        SetText(HeaderFeature.HOSTNAME, ProcFs.ReadSetting("kernel/hostname"));
        SetText(HeaderFeature.OSRELEASE, ProcFs.ReadSetting("kernel/osrelease"));
        SetText(HeaderFeature.VERSION, typeof(HostFeatures).Assembly.GetName().Version?.ToString(3));
        SetText(HeaderFeature.ARCH, MachineName());
        var present = CpuList.Present();
        features.SetCpuCount((uint)present.Count, (uint)CpuList.Online().Count);
        DescribeCpu(SetText);
        if (MemoryTotal(ProcFs.ReadText("/proc/meminfo"), "MemTotal:") is { } kib)
        {
            features.SetTotalMemory(kib);
        }

        features.SetCommandLine(options.CommandLine);
        features.SetEvents(events);
        features.SetCpuTopology(Topology(present));
        features.SetNumaTopology(Nodes());
        features.SetPmuMappings(Pmus());
        features.SetCaches(Caches(present));
        DescribeClock(features, options);
        DescribeKernelBuild(features);

        void SetText(HeaderFeature feature, string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                features.SetText(feature, text);
            }
        }
    }

    private static string MachineName() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.Arm64 => "aarch64",
        var other => other.ToString(),
    };

    /// <summary>CPUDESC and CPUID, the latter in perf's form for the architecture.</summary>
    private static void DescribeCpu(Action<HeaderFeature, string?> setText)
    {
        string cpuInfo = ProcFs.ReadText("/proc/cpuinfo") ?? "";
        setText(HeaderFeature.CPUDESC, CpuField("model name"));
        string? id = CpuField("vendor_id") is { } vendor
            ? $"{vendor},{CpuField("cpu family")},{CpuField("model")},{CpuField("stepping")}"
            : ProcFs.ReadText(CpuDirectory + "cpu0/regs/identification/midr_el1")?.Trim();
        setText(HeaderFeature.CPUID, id);

        string? CpuField(string name)
        {
            foreach (var line in cpuInfo.AsSpan().EnumerateLines())
            {
                int colon = line.IndexOf(':');
                if (colon > 0 && line[..colon].TrimEnd().SequenceEqual(name))
                {
                    return line[(colon + 1)..].Trim().ToString();
                }
            }

            return null;
        }
    }

    /// <summary>A line of a meminfo file, in KiB.</summary>
    private static ulong? MemoryTotal(string? memInfo, string name)
    {
        int at = memInfo?.IndexOf(name, StringComparison.Ordinal) ?? -1;
        if (at < 0)
        {
            return null;
        }

        var value = memInfo.AsSpan(at + name.Length).TrimStart();
        int end = value.IndexOf(' ');
        return ulong.TryParse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture, out ulong kib) ? kib : null;
    }

    private static CpuTopology Topology(IReadOnlyList<int> present)
    {
        var cores = new List<string>();
        var threads = new List<string>();
        var dies = new List<string>();
        var places = new List<CpuPlace>();
        foreach (int cpu in present)
        {
            string directory = $"{CpuDirectory}cpu{cpu}/topology/";
            AddOnce(cores, ProcFs.ReadText(directory + "core_siblings_list"));
            AddOnce(threads, ProcFs.ReadText(directory + "thread_siblings_list"));
            AddOnce(dies, ProcFs.ReadText(directory + "die_cpus_list"));
            places.Add(new CpuPlace(
                Number(directory + "core_id") ?? -1,
                Number(directory + "die_id") ?? 0,
                Number(directory + "physical_package_id") ?? -1));
        }

        return new CpuTopology(cores, threads, dies, places);

        static void AddOnce(List<string> lists, string? list)
        {
            if (list?.Trim() is { Length: > 0 } cpus && !lists.Contains(cpus))
            {
                lists.Add(cpus);
            }
        }
    }

    private static List<NumaNode> Nodes()
    {
        const string nodeDirectory = "/sys/devices/system/node/";
        var nodes = new List<NumaNode>();
        foreach (int node in ProcFs.ReadText(nodeDirectory + "online") is { } online ? CpuList.Parse(online) : [])
        {
            string? memory = ProcFs.ReadText($"{nodeDirectory}node{node}/meminfo");
            nodes.Add(new NumaNode(
                (uint)node,
                MemoryTotal(memory, "MemTotal:") ?? 0,
                MemoryTotal(memory, "MemFree:") ?? 0,
                ProcFs.ReadText($"{nodeDirectory}node{node}/cpulist")?.Trim() ?? ""));
        }

        return nodes;
    }

    private static List<PmuMapping> Pmus()
    {
        const string pmuDirectory = "/sys/bus/event_source/devices";
        var pmus = new List<PmuMapping>();
        if (Directory.Exists(pmuDirectory))
        {
            foreach (string pmu in Directory.EnumerateFileSystemEntries(pmuDirectory))
            {
                if (Number(pmu + "/type") is { } type)
                {
                    pmus.Add(new PmuMapping((uint)type, Path.GetFileName(pmu)));
                }
            }
        }

        return pmus;
    }

    private static List<CpuCache> Caches(IReadOnlyList<int> present)
    {
        var caches = new List<CpuCache>();
        foreach (int cpu in present)
        {
            string directory;
            for (int index = 0; Directory.Exists(directory = $"{CpuDirectory}cpu{cpu}/cache/index{index}"); index++)
            {
                var cache = new CpuCache(
                    (uint)(Number(directory + "/level") ?? 0),
                    (uint)(Number(directory + "/coherency_line_size") ?? 0),
                    (uint)(Number(directory + "/number_of_sets") ?? 0),
                    (uint)(Number(directory + "/ways_of_associativity") ?? 0),
                    ProcFs.ReadText(directory + "/type")?.Trim() ?? "",
                    ProcFs.ReadText(directory + "/size")?.Trim() ?? "",
                    ProcFs.ReadText(directory + "/shared_cpu_list")?.Trim() ?? "");
                if (!caches.Contains(cache))
                {
                    caches.Add(cache); // one row for all the CPUs that share it
                }
            }
        }

        return caches;
    }

    private static void DescribeClock(FeatureWriter features, RecordOptions options)
    {
        if (options.ClockId is { } clock
            && SystemClock.Resolution(clock) is { } resolution
            && SystemClock.Now(SystemClock.Realtime) is { } wall
            && SystemClock.Now(clock) is { } now)
        {
            features.SetClockResolution(resolution);
            features.SetClockData(new ClockData((uint)clock, wall, now));
        }
    }

    /// <summary>
    /// The build-id of the running kernel, so that nobody names its addresses by another one's symbols. Those of files
    /// are in the records of their mappings.
    /// </summary>
    private static void DescribeKernelBuild(FeatureWriter features)
    {
        string buildId = ElfNotes.BuildIdOf(ProcFs.ReadBytes("/sys/kernel/notes") ?? []);
        if (buildId.Length > 0)
        {
            features.SetBuildIds(
                [new BuildIdEntry(-1, RecordMisc.PERF_RECORD_MISC_KERNEL, Convert.FromHexString(buildId), "[kernel.kallsyms]")]);
        }
    }

    private static int? Number(string path) =>
        int.TryParse(ProcFs.ReadText(path), CultureInfo.InvariantCulture, out int number) ? number : null;
}
