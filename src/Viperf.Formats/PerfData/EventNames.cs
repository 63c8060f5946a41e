namespace Viperf.Formats.PerfData;

/// <summary>Names of events, made from their attrs as perf makes them.</summary>
public static class EventNames
{
    private static readonly string[] Hardware =
    [
        "cycles", "instructions", "cache-references", "cache-misses", "branches", "branch-misses", "bus-cycles",
        "stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles",
    ];

    private static readonly string[] Software =
    [
        "cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations", "minor-faults",
        "major-faults", "alignment-faults", "emulation-faults", "dummy", "bpf-output", "cgroup-switches",
    ];

    /// <summary><c>enum perf_hw_id</c>: names at the index of their config.</summary>
    public static IReadOnlyList<string> HardwareNames => Hardware;

    /// <summary><c>enum perf_sw_ids</c>: names at the index of their config.</summary>
    public static IReadOnlyList<string> SoftwareNames => Software;

    /// <summary>The name of <paramref name="attr"/>'s event with its modifiers, such as <c>cycles:u</c>.</summary>
    public static string Of(in PerfEventAttr attr)
    {
        string name = attr.type switch
        {
            PerfEventKind.PERF_TYPE_HARDWARE => At(Hardware, attr.config, "unknown-hardware"),
            PerfEventKind.PERF_TYPE_SOFTWARE => At(Software, attr.config, "unknown-software"),
            PerfEventKind.PERF_TYPE_TRACEPOINT => "unknown tracepoint",
            PerfEventKind.PERF_TYPE_HW_CACHE => $"cache 0x{attr.config:x}",
            PerfEventKind.PERF_TYPE_BREAKPOINT => $"mem:0x{attr.config1:x}",
            PerfEventKind.PERF_TYPE_RAW => $"raw 0x{attr.config:x}",
            _ => $"unknown attr type: {(uint)attr.type}",
        };
        return name + Modifiers(attr);
    }

    private static string At(string[] names, ulong index, string unknown) =>
        index < (ulong)names.Length ? names[index] : unknown;

    private static string Modifiers(in PerfEventAttr attr)
    {
        const AttrFlags levels = AttrFlags.exclude_user | AttrFlags.exclude_kernel | AttrFlags.exclude_hv;
        var flags = attr.flags;
        string text = "";
        if ((flags & levels) != 0)
        {
            text += (flags & AttrFlags.exclude_kernel) == 0 ? "k" : "";
            text += (flags & AttrFlags.exclude_user) == 0 ? "u" : "";
            text += (flags & AttrFlags.exclude_hv) == 0 ? "h" : "";
        }

        text += new string('p', (int)((ulong)(flags & AttrFlags.precise_ip) >> 15));
        return text.Length == 0 ? "" : ":" + text;
    }
}
