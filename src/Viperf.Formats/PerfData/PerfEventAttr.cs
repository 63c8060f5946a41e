using System.Runtime.InteropServices;

namespace Viperf.Formats.PerfData;

#pragma warning disable CS1591 // the fields and constants have the kernel header's names; perf_event_open(2) documents them
#pragma warning disable IDE1006 // and its spelling

/// <summary>
/// <c>struct perf_event_attr</c> of <c>linux/perf_event.h</c>: what <c>perf_event_open</c> takes and what perf.data
/// keeps for each event. 136 bytes, the kernel's PERF_ATTR_SIZE_VER8; shorter ones of older kernels are read with
/// zeros for what they lack.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct PerfEventAttr
{
    /// <summary>PERF_ATTR_SIZE_VER0: no attr is shorter.</summary>
    public const int MinimumSize = 64;

    /// <summary>Bytes of this struct (PERF_ATTR_SIZE_VER8).</summary>
    public const int CurrentSize = 136;

    public PerfEventKind type;
    public uint size;
    public ulong config;

    /// <summary>Events per sample, or samples per second where <see cref="AttrFlags.freq"/> is set.</summary>
    public ulong sample_period;
    public SampleFormat sample_type;
    public ReadFormat read_format;
    public AttrFlags flags;
    public uint wakeup_events;
    public uint bp_type;

    /// <summary>In a union with <c>bp_addr</c>, <c>kprobe_func</c>, <c>uprobe_path</c>.</summary>
    public ulong config1;

    /// <summary>In a union with <c>bp_len</c>, <c>kprobe_addr</c>, <c>probe_offset</c>.</summary>
    public ulong config2;
    public ulong branch_sample_type;

    /// <summary>Mask of the user registers in a sample; the order is <c>asm/perf_regs.h</c>'s.</summary>
    public ulong sample_regs_user;

    /// <summary>Bytes of user stack in a sample; a multiple of 8.</summary>
    public uint sample_stack_user;
    public int clockid;
    public ulong sample_regs_intr;
    public uint aux_watermark;
    public ushort sample_max_stack;
    public ushort __reserved_2;
    public uint aux_sample_size;
    public uint __reserved_3;
    public ulong sig_data;
    public ulong config3;
}

/// <summary><c>enum perf_type_id</c>; further values are dynamic PMUs of /sys/bus/event_source.</summary>
public enum PerfEventKind : uint
{
    PERF_TYPE_HARDWARE = 0,
    PERF_TYPE_SOFTWARE = 1,
    PERF_TYPE_TRACEPOINT = 2,
    PERF_TYPE_HW_CACHE = 3,
    PERF_TYPE_RAW = 4,
    PERF_TYPE_BREAKPOINT = 5,
}

/// <summary><c>enum perf_event_sample_format</c>: which fields a sample has, in the header's order.</summary>
[Flags]
public enum SampleFormat : ulong
{
    PERF_SAMPLE_IP = 1UL << 0,
    PERF_SAMPLE_TID = 1UL << 1,
    PERF_SAMPLE_TIME = 1UL << 2,
    PERF_SAMPLE_ADDR = 1UL << 3,
    PERF_SAMPLE_READ = 1UL << 4,
    PERF_SAMPLE_CALLCHAIN = 1UL << 5,
    PERF_SAMPLE_ID = 1UL << 6,
    PERF_SAMPLE_CPU = 1UL << 7,
    PERF_SAMPLE_PERIOD = 1UL << 8,
    PERF_SAMPLE_STREAM_ID = 1UL << 9,
    PERF_SAMPLE_RAW = 1UL << 10,
    PERF_SAMPLE_BRANCH_STACK = 1UL << 11,
    PERF_SAMPLE_REGS_USER = 1UL << 12,
    PERF_SAMPLE_STACK_USER = 1UL << 13,
    PERF_SAMPLE_WEIGHT = 1UL << 14,
    PERF_SAMPLE_DATA_SRC = 1UL << 15,
    PERF_SAMPLE_IDENTIFIER = 1UL << 16,
    PERF_SAMPLE_TRANSACTION = 1UL << 17,
    PERF_SAMPLE_REGS_INTR = 1UL << 18,
    PERF_SAMPLE_PHYS_ADDR = 1UL << 19,
    PERF_SAMPLE_AUX = 1UL << 20,
    PERF_SAMPLE_CGROUP = 1UL << 21,
    PERF_SAMPLE_DATA_PAGE_SIZE = 1UL << 22,
    PERF_SAMPLE_CODE_PAGE_SIZE = 1UL << 23,
    PERF_SAMPLE_WEIGHT_STRUCT = 1UL << 24,

    /// <summary>All that this version of viperf knows how to step over.</summary>
    Known = (1UL << 25) - 1,
}

/// <summary><c>enum perf_event_read_format</c>.</summary>
[Flags]
public enum ReadFormat : ulong
{
    PERF_FORMAT_TOTAL_TIME_ENABLED = 1UL << 0,
    PERF_FORMAT_TOTAL_TIME_RUNNING = 1UL << 1,
    PERF_FORMAT_ID = 1UL << 2,
    PERF_FORMAT_GROUP = 1UL << 3,
    PERF_FORMAT_LOST = 1UL << 4,
}

/// <summary>Bits of <c>enum perf_branch_sample_type</c> that change what a sample's BRANCH_STACK holds.</summary>
[Flags]
public enum BranchSampleType : ulong
{
    PERF_SAMPLE_BRANCH_HW_INDEX = 1UL << 17,
    PERF_SAMPLE_BRANCH_COUNTERS = 1UL << 19,
}

/// <summary>The bit field after <c>read_format</c> of <c>struct perf_event_attr</c>; bit 0 is <c>disabled</c>.</summary>
[Flags]
public enum AttrFlags : ulong
{
    disabled = 1UL << 0,
    inherit = 1UL << 1,
    pinned = 1UL << 2,
    exclusive = 1UL << 3,
    exclude_user = 1UL << 4,
    exclude_kernel = 1UL << 5,
    exclude_hv = 1UL << 6,
    exclude_idle = 1UL << 7,
    mmap = 1UL << 8,
    comm = 1UL << 9,
    freq = 1UL << 10,
    inherit_stat = 1UL << 11,
    enable_on_exec = 1UL << 12,
    task = 1UL << 13,
    watermark = 1UL << 14,

    /// <summary>Two bits: the low one here, the high one at bit 16.</summary>
    precise_ip = 3UL << 15,
    mmap_data = 1UL << 17,
    sample_id_all = 1UL << 18,
    exclude_host = 1UL << 19,
    exclude_guest = 1UL << 20,
    exclude_callchain_kernel = 1UL << 21,
    exclude_callchain_user = 1UL << 22,
    mmap2 = 1UL << 23,
    comm_exec = 1UL << 24,
    use_clockid = 1UL << 25,
    context_switch = 1UL << 26,
    write_backward = 1UL << 27,
    namespaces = 1UL << 28,
    ksymbol = 1UL << 29,
    bpf_event = 1UL << 30,
    aux_output = 1UL << 31,
    cgroup = 1UL << 32,
    text_poke = 1UL << 33,
    build_id = 1UL << 34,
    inherit_thread = 1UL << 35,
    remove_on_exec = 1UL << 36,
    sigtrap = 1UL << 37,
    defer_callchain = 1UL << 38,
    defer_output = 1UL << 39,
}
