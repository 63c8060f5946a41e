using System.Runtime.InteropServices;

namespace Viperf.Formats.PerfData;

#pragma warning disable CS1591 // the fields and constants have the kernel header's names; perf_event_open(2) documents them
#pragma warning disable IDE1006 // and its spelling

/// <summary><c>struct perf_event_header</c>: the first 8 bytes of every record.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RecordHeader
{
    /// <summary>Bytes of this struct; no record is shorter.</summary>
    public const int ByteCount = 8;

    /// <summary>Where <see cref="size"/> stands.</summary>
    public const int SizeOffset = 6;

    public RecordType type;
    public RecordMisc misc;

    /// <summary>Bytes of the whole record, this header included.</summary>
    public ushort size;
}

/// <summary><c>enum perf_event_type</c> (1 to 63, by the kernel) and perf's own record types (from 64).</summary>
public enum RecordType : uint
{
    PERF_RECORD_MMAP = 1,
    PERF_RECORD_LOST = 2,
    PERF_RECORD_COMM = 3,
    PERF_RECORD_EXIT = 4,
    PERF_RECORD_THROTTLE = 5,
    PERF_RECORD_UNTHROTTLE = 6,
    PERF_RECORD_FORK = 7,
    PERF_RECORD_READ = 8,
    PERF_RECORD_SAMPLE = 9,
    PERF_RECORD_MMAP2 = 10,
    PERF_RECORD_AUX = 11,
    PERF_RECORD_ITRACE_START = 12,
    PERF_RECORD_LOST_SAMPLES = 13,
    PERF_RECORD_SWITCH = 14,
    PERF_RECORD_SWITCH_CPU_WIDE = 15,
    PERF_RECORD_NAMESPACES = 16,
    PERF_RECORD_KSYMBOL = 17,
    PERF_RECORD_BPF_EVENT = 18,
    PERF_RECORD_CGROUP = 19,
    PERF_RECORD_TEXT_POKE = 20,
    PERF_RECORD_AUX_OUTPUT_HW_ID = 21,
    PERF_RECORD_CALLCHAIN_DEFERRED = 22,

    PERF_RECORD_HEADER_ATTR = 64,
    PERF_RECORD_HEADER_EVENT_TYPE = 65,
    PERF_RECORD_HEADER_TRACING_DATA = 66,
    PERF_RECORD_HEADER_BUILD_ID = 67,
    PERF_RECORD_FINISHED_ROUND = 68,
    PERF_RECORD_ID_INDEX = 69,
    PERF_RECORD_AUXTRACE_INFO = 70,
    PERF_RECORD_AUXTRACE = 71,
    PERF_RECORD_AUXTRACE_ERROR = 72,
    PERF_RECORD_THREAD_MAP = 73,
    PERF_RECORD_CPU_MAP = 74,
    PERF_RECORD_STAT_CONFIG = 75,
    PERF_RECORD_STAT = 76,
    PERF_RECORD_STAT_ROUND = 77,
    PERF_RECORD_EVENT_UPDATE = 78,
    PERF_RECORD_TIME_CONV = 79,
    PERF_RECORD_HEADER_FEATURE = 80,
    PERF_RECORD_COMPRESSED = 81,
    PERF_RECORD_FINISHED_INIT = 82,
    PERF_RECORD_COMPRESSED2 = 83,
    PERF_RECORD_BPF_METADATA = 84,
}

/// <summary><c>perf_event_header.misc</c>: the low three bits are the CPU mode, the rest depends on the type.</summary>
[Flags]
public enum RecordMisc : ushort
{
    PERF_RECORD_MISC_CPUMODE_UNKNOWN = 0,
    PERF_RECORD_MISC_KERNEL = 1,
    PERF_RECORD_MISC_USER = 2,
    PERF_RECORD_MISC_HYPERVISOR = 3,
    PERF_RECORD_MISC_GUEST_KERNEL = 4,
    PERF_RECORD_MISC_GUEST_USER = 5,
    PERF_RECORD_MISC_CPUMODE_MASK = 7,

    PERF_RECORD_MISC_PROC_MAP_PARSE_TIMEOUT = 1 << 12,

    /// <summary>On MMAP: the mapping is not executable.</summary>
    PERF_RECORD_MISC_MMAP_DATA = 1 << 13,

    /// <summary>On COMM: the change came from exec.</summary>
    PERF_RECORD_MISC_COMM_EXEC = 1 << 13,

    /// <summary>On FORK: perf made the record from /proc.</summary>
    PERF_RECORD_MISC_FORK_EXEC = 1 << 13,
    PERF_RECORD_MISC_SWITCH_OUT = 1 << 13,
    PERF_RECORD_MISC_EXACT_IP = 1 << 14,
    PERF_RECORD_MISC_SWITCH_OUT_PREEMPT = 1 << 14,

    /// <summary>On MMAP2: a build-id stands in place of device and inode.</summary>
    PERF_RECORD_MISC_MMAP_BUILD_ID = 1 << 14,
    PERF_RECORD_MISC_EXT_RESERVED = 1 << 15,
}

/// <summary>Markers between the parts of a call chain (<c>enum perf_callchain_context</c>).</summary>
public static class CallchainContext
{
    public const ulong PERF_CONTEXT_HV = unchecked((ulong)-32L);
    public const ulong PERF_CONTEXT_KERNEL = unchecked((ulong)-128L);
    public const ulong PERF_CONTEXT_USER = unchecked((ulong)-512L);
    public const ulong PERF_CONTEXT_USER_DEFERRED = unchecked((ulong)-640L);
    public const ulong PERF_CONTEXT_GUEST = unchecked((ulong)-2048L);
    public const ulong PERF_CONTEXT_GUEST_KERNEL = unchecked((ulong)-2176L);
    public const ulong PERF_CONTEXT_GUEST_USER = unchecked((ulong)-2560L);

    /// <summary>Every value from here up is a marker, not an address.</summary>
    public const ulong PERF_CONTEXT_MAX = unchecked((ulong)-4095L);
}
