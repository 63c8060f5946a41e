using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>One event that a recording is asked for: what <c>-e</c> named, before the kernel was asked for it.</summary>
public sealed record EventSpec
{
    /// <summary>The name as it was asked for, modifiers included (<c>cycles:u</c>).</summary>
    public required string Name { get; init; }

    /// <summary>Kind of event.</summary>
    public required PerfEventKind Kind { get; init; }

    /// <summary>Which event of its kind.</summary>
    public required ulong Config { get; init; }

    /// <summary><c>exclude_user</c>, <c>exclude_kernel</c> and the like, as the modifiers say.</summary>
    public AttrFlags Exclude { get; init; }

    /// <summary>How exact the address must be, 0 to 3 (the number of <c>p</c> modifiers).</summary>
    public int Precision { get; init; }

    /// <summary>True for the modifier <c>P</c>: as exact as the PMU can, not less than 0.</summary>
    public bool BestPrecision { get; init; }

    /// <summary>What is recorded when nothing is asked for: CPU cycles, as exact as the PMU has them.</summary>
    public static EventSpec Default { get; } = new()
    {
        Name = "cycles",
        Kind = PerfEventKind.PERF_TYPE_HARDWARE,
        Config = 0,
        BestPrecision = true,
    };

    /// <summary>An event that never counts, for the records of processes that come with it.</summary>
    public static EventSpec Tracker { get; } = new()
    {
        Name = "dummy:u",
        Kind = PerfEventKind.PERF_TYPE_SOFTWARE,
        Config = 9,
        Exclude = AttrFlags.exclude_kernel | AttrFlags.exclude_hv,
    };

    /// <summary>True for CPU cycles, which <see cref="CpuClock"/> stands in for where there is no PMU.</summary>
    public bool IsCycles => Kind == PerfEventKind.PERF_TYPE_HARDWARE && Config == 0;

    /// <summary>True for events that count as time passes on a CPU: cycles, and the clocks of the CPU and of tasks.</summary>
    public bool IsTime => IsCycles || (Kind == PerfEventKind.PERF_TYPE_SOFTWARE && Config <= 1);

    /// <summary>The software clock in place of this event: it counts nanoseconds of CPU time.</summary>
    public EventSpec CpuClock()
    {
        int colon = Name.IndexOf(':', StringComparison.Ordinal);
        string modifiers = colon < 0 ? "" : Name[colon..].Replace("p", "", StringComparison.OrdinalIgnoreCase);
        return this with
        {
            Name = "cpu-clock" + (modifiers is ":" ? "" : modifiers),
            Kind = PerfEventKind.PERF_TYPE_SOFTWARE,
            Config = 0,
            Precision = 0,
            BestPrecision = false,
        };
    }

    /// <summary>The same event in user space only: all that perf_event_paranoid 2 leaves to an ordinary user.</summary>
    public EventSpec UserOnly() => this with
    {
        Name = Name.Contains(':', StringComparison.Ordinal) ? Name + "u" : Name + ":u",
        Exclude = Exclude | AttrFlags.exclude_kernel | AttrFlags.exclude_hv,
    };
}
