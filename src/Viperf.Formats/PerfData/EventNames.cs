using System.Collections.Immutable;

namespace Viperf.Formats.PerfData;

/// <summary>Names of events, made from their attrs as perf makes them.</summary>
public static class EventNames
{
    /// <summary><c>enum perf_hw_id</c>: names at the index of their config.</summary>
    public static ImmutableArray<string> HardwareNames { get; } =
    [
        "cycles", "instructions", "cache-references", "cache-misses", "branches", "branch-misses", "bus-cycles",
        "stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles",
    ];

    /// <summary><c>enum perf_sw_ids</c>: names at the index of their config.</summary>
    public static ImmutableArray<string> SoftwareNames { get; } =
    [
        "cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations", "minor-faults",
        "major-faults", "alignment-faults", "emulation-faults", "dummy", "bpf-output", "cgroup-switches",
    ];

    /// <summary>The name of <paramref name="attr"/>'s event with its modifiers, such as <c>cycles:u</c>.</summary>
    public static string Of(in PerfEventAttr attr)
    {
        string? name = attr.type switch
        {
            PerfEventKind.PERF_TYPE_HARDWARE => At(HardwareNames, attr.config, "unknown-hardware"),
            PerfEventKind.PERF_TYPE_SOFTWARE => At(SoftwareNames, attr.config, "unknown-software"),
            PerfEventKind.PERF_TYPE_HW_CACHE => Cache(attr.config),
            PerfEventKind.PERF_TYPE_BREAKPOINT => Breakpoint(attr),
            PerfEventKind.PERF_TYPE_RAW => $"raw 0x{attr.config:x}",
            _ => null,
        };
        return name != null ? name + Modifiers(attr)
            : attr.type == PerfEventKind.PERF_TYPE_TRACEPOINT ? "unknown tracepoint"
            : $"unknown attr type: {(uint)attr.type}";
    }

    private static string At(ImmutableArray<string> names, ulong index, string unknown) =>
        index < (ulong)names.Length ? names[(int)index] : unknown;

    /// <summary>perf_event_open(2): the cache in the low byte, then the operation, then the result.</summary>
    private static string Cache(ulong config)
    {
        string? cache = (config & 0xff) switch
        {
            0 => "L1-dcache",
            1 => "L1-icache",
            2 => "LLC",
            3 => "dTLB",
            4 => "iTLB",
            5 => "branch",
            6 => "node",
            _ => null,
        };
        string? operation = (config >> 8 & 0xff) switch
        {
            0 => "load",
            1 => "store",
            2 => "prefetch",
            _ => null,
        };
        ulong result = config >> 16 & 0xff;
        if (cache == null || operation == null || result > 1)
        {
            return "invalid-cache";
        }

        string several = operation == "prefetch" ? "es" : "s";
        return result == 1 ? $"{cache}-{operation}-misses" : $"{cache}-{operation}{several}";
    }

    private static string Breakpoint(in PerfEventAttr attr)
    {
        const uint read = 1;
        const uint write = 2;
        const uint execute = 4;
        string access = ((attr.bp_type & read) != 0 ? "r" : "")
            + ((attr.bp_type & write) != 0 ? "w" : "")
            + ((attr.bp_type & execute) != 0 ? "x" : "");
        return $"mem:0x{attr.config1:x}:{access}";
    }

    /// <summary>What is excluded, told by what is left: <c>:u</c>; then precision; then guests.</summary>
    private static string Modifiers(in PerfEventAttr attr)
    {
        const AttrFlags levels = AttrFlags.exclude_user | AttrFlags.exclude_kernel | AttrFlags.exclude_hv;
        var flags = attr.flags;
        string text = "";
        if ((flags & levels) != 0)
        {
            text += Unless(AttrFlags.exclude_kernel, "k")
                + Unless(AttrFlags.exclude_user, "u")
                + Unless(AttrFlags.exclude_hv, "h");
        }

        text += new string('p', (int)((ulong)(flags & AttrFlags.precise_ip) >> 15));

        // Guests are said only where they differ from what perf would have asked for by default.
        bool excludesGuestByDefault = (flags & (levels | AttrFlags.precise_ip)) != 0;
        bool excludesGuest = (flags & AttrFlags.exclude_guest) != 0;
        if ((flags & AttrFlags.exclude_host) != 0 || excludesGuest == excludesGuestByDefault)
        {
            text += Unless(AttrFlags.exclude_host, "H") + Unless(AttrFlags.exclude_guest, "G");
        }

        return text.Length == 0 ? "" : ":" + text;

        string Unless(AttrFlags excluded, string letter) => (flags & excluded) == 0 ? letter : "";
    }
}
