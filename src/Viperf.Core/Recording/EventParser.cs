using System.Globalization;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Reads perf's event names: those of the kernel's generic hardware, software and cache events, and raw codes
/// (<c>rNNN</c>), each with modifiers after a colon.
/// </summary>
public static class EventParser
{
    private const AttrFlags Levels = AttrFlags.exclude_user | AttrFlags.exclude_kernel | AttrFlags.exclude_hv;

    /// <summary>perf's other names of the events that <see cref="EventNames"/> has.</summary>
    private static readonly (string Alias, string Name)[] Aliases =
    [
        ("cpu-cycles", "cycles"), ("branch-instructions", "branches"), ("idle-cycles-frontend", "stalled-cycles-frontend"),
        ("idle-cycles-backend", "stalled-cycles-backend"), ("faults", "page-faults"), ("cs", "context-switches"),
        ("migrations", "cpu-migrations"),
    ];

    /// <summary><c>enum perf_hw_cache_id</c>.</summary>
    private static readonly string[][] Caches =
    [
        ["l1-dcache", "l1-d", "l1d", "l1-data"],
        ["l1-icache", "l1-i", "l1i", "l1-instruction"],
        ["llc", "l2"],
        ["dtlb", "d-tlb", "data-tlb"],
        ["itlb", "i-tlb", "instruction-tlb"],
        ["branch", "branches", "bpu", "btb", "bpc"],
        ["node"],
    ];

    /// <summary><c>enum perf_hw_cache_op_id</c>.</summary>
    private static readonly string[][] CacheOperations =
    [
        ["load", "loads", "read"],
        ["store", "stores", "write"],
        ["prefetch", "prefetches", "speculative-read", "speculative-load"],
    ];

    /// <summary><c>enum perf_hw_cache_op_result_id</c>.</summary>
    private static readonly string[][] CacheResults =
    [
        ["refs", "reference", "ops", "access"],
        ["misses", "miss"],
    ];

    /// <summary>Reads a list of events with commas between them, the value of one <c>-e</c>.</summary>
    /// <exception cref="UserErrorException">One of them is not known.</exception>
    public static IReadOnlyList<EventSpec> Parse(string list) => [.. list.Split(',').Select(ParseOne)];

    private static EventSpec ParseOne(string text)
    {
        text = text.Trim();
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        string lower = name.ToLowerInvariant();
        string known = Array.Find(Aliases, pair => pair.Alias == lower).Name ?? lower;
        var (kind, config) = EventNames.HardwareNames.IndexOf(known) is var hardware and >= 0
            ? (PerfEventKind.PERF_TYPE_HARDWARE, (ulong)hardware)
            : EventNames.SoftwareNames.IndexOf(known) is var software and >= 0
                ? (PerfEventKind.PERF_TYPE_SOFTWARE, (ulong)software)
                : CacheConfig(lower) is { } cache
                    ? (PerfEventKind.PERF_TYPE_HW_CACHE, cache)
                    : RawConfig(lower) is { } raw
                        ? (PerfEventKind.PERF_TYPE_RAW, raw)
                        : throw new UserErrorException(
                            $"event '{text}' is not known: viperf records hardware, software and cache events by perf's names, and rNNN");
        var spec = new EventSpec { Name = text, Kind = kind, Config = config };
        return colon < 0 ? spec : WithModifiers(spec, text[(colon + 1)..]);
    }

    private static EventSpec WithModifiers(EventSpec spec, string modifiers)
    {
        // The first of u, k and h excludes all levels, each one lets its own level in again.
        var exclude = (AttrFlags)0;
        int precision = 0;
        bool best = false;
        foreach (char modifier in modifiers)
        {
            switch (modifier)
            {
                case 'u':
                    exclude = Only(exclude, AttrFlags.exclude_user);
                    break;
                case 'k':
                    exclude = Only(exclude, AttrFlags.exclude_kernel);
                    break;
                case 'h':
                    exclude = Only(exclude, AttrFlags.exclude_hv);
                    break;
                case 'p' when precision < 3:
                    precision++;
                    break;
                case 'P':
                    best = true;
                    break;
                default:
                    throw new UserErrorException(
                        $"event '{spec.Name}': modifier '{modifier}' is not known: viperf has u, k, h, p (up to three) and P");
            }
        }

        return spec with { Exclude = exclude, Precision = precision, BestPrecision = best };

        static AttrFlags Only(AttrFlags exclude, AttrFlags level) => (exclude == 0 ? Levels : exclude) & ~level;
    }

    /// <summary><c>L1-dcache-load-misses</c> and the like: cache, then operation and result where they are named.</summary>
    private static ulong? CacheConfig(string name)
    {
        int cache = TakePrefix(Caches, ref name);
        if (cache < 0)
        {
            return null;
        }

        int operation = -1;
        int result = -1;
        while (name.Length > 0)
        {
            if (name[0] != '-')
            {
                return null;
            }

            name = name[1..];
            if (operation < 0 && TakePrefix(CacheOperations, ref name) is var op and >= 0)
            {
                operation = op;
            }
            else if (result < 0 && TakePrefix(CacheResults, ref name) is var res and >= 0)
            {
                result = res;
            }
            else
            {
                return null;
            }
        }

        return (uint)cache | ((ulong)Math.Max(operation, 0) << 8) | ((ulong)Math.Max(result, 0) << 16);
    }

    private static ulong? RawConfig(string name) =>
        name.Length > 1 && name[0] == 'r'
        && ulong.TryParse(name.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong raw)
            ? raw
            : null;

    /// <summary>Cuts the longest of the table's names off <paramref name="text"/>; it ends there or at a hyphen.</summary>
    private static int TakePrefix(string[][] table, ref string text)
    {
        int found = -1;
        int length = 0;
        for (int i = 0; i < table.Length; i++)
        {
            foreach (string name in table[i])
            {
                if (name.Length > length && text.StartsWith(name, StringComparison.Ordinal)
                    && (text.Length == name.Length || text[name.Length] == '-'))
                {
                    found = i;
                    length = name.Length;
                }
            }
        }

        text = text[length..];
        return found;
    }
}
