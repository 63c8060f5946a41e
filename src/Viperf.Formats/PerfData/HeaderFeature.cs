namespace Viperf.Formats.PerfData;

#pragma warning disable CS1591 // perf.data-file-format.txt documents them
#pragma warning disable IDE1006 // the names are perf's

/// <summary>The sections that follow a recording's data, by their bits in the file's header (<c>HEADER_*</c>).</summary>
public enum HeaderFeature
{
    TRACING_DATA = 1,
    BUILD_ID = 2,
    HOSTNAME = 3,
    OSRELEASE = 4,
    VERSION = 5,
    ARCH = 6,
    NRCPUS = 7,
    CPUDESC = 8,
    CPUID = 9,
    TOTAL_MEM = 10,
    CMDLINE = 11,
    EVENT_DESC = 12,
    CPU_TOPOLOGY = 13,
    NUMA_TOPOLOGY = 14,
    BRANCH_STACK = 15,
    PMU_MAPPINGS = 16,
    GROUP_DESC = 17,
    AUXTRACE = 18,
    STAT = 19,
    CACHE = 20,
    SAMPLE_TIME = 21,
    MEM_TOPOLOGY = 22,
    CLOCKID = 23,
    DIR_FORMAT = 24,
    BPF_PROG_INFO = 25,
    BPF_BTF = 26,
    COMPRESSED = 27,
    CPU_PMU_CAPS = 28,
    CLOCK_DATA = 29,
    HYBRID_TOPOLOGY = 30,
    PMU_CAPS = 31,

    /// <summary>viperf's own: compressed <see cref="EmbeddedNames"/>. perf skips features that it does not know.</summary>
    VIPERF_NAMES = 250,
}
