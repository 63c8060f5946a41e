namespace Viperf.Formats.PerfData;

/// <summary>One event of a recording: its attr, its name and the ids that samples refer to it by.</summary>
public sealed class EventDescription
{
    private const int ClockMonotonic = 1; // CLOCK_MONOTONIC

    /// <summary>Describes an event and computes its records' layout.</summary>
    public EventDescription(int index, in PerfEventAttr attr, string name, IReadOnlyList<ulong> ids)
    {
        Index = index;
        Attr = attr;
        Name = name;
        Ids = ids;
        Layout = new EventLayout(attr);
        HasMonotonicTime = (attr.flags & AttrFlags.use_clockid) != 0 && attr.clockid == ClockMonotonic;
    }

    /// <summary>Position among the recording's events, from 0.</summary>
    public int Index { get; }

    /// <summary>What <c>perf_event_open</c> was given.</summary>
    public PerfEventAttr Attr { get; }

    /// <summary>
    /// The attr's bytes as they stand in the recording that it was read from, with fields of newer kernels that
    /// <see cref="Attr"/> lacks; empty where it was not read.
    /// </summary>
    public ReadOnlyMemory<byte> AttrBytes { get; init; }

    /// <summary>The name as it was asked for (<c>cycles:u</c>), or made from the attr where the file has none.</summary>
    public string Name { get; set; }

    /// <summary>One id a CPU and thread.</summary>
    public IReadOnlyList<ulong> Ids { get; set; }

    /// <summary>
    /// The id that samples of it get in the file, where it was opened after that had begun and is one with an event that is
    /// described there; 0 for their own.
    /// </summary>
    public ulong IdInFile { get; init; }

    /// <summary>Nanoseconds between two samples, as asked for, where it is an event of time.</summary>
    public ulong Interval
    {
        get
        {
            const ulong NanosecondsPerSecond = 1_000_000_000;
            ulong period = Math.Max(Attr.sample_period, 1);
            return (Attr.flags & AttrFlags.freq) != 0 ? NanosecondsPerSecond / period : period;
        }
    }

    /// <summary>Where the fields of this event's records lie.</summary>
    public EventLayout Layout { get; }

    /// <summary>True if its times are CLOCK_MONOTONIC's (<c>-k mono</c>), as those of jitdumps are.</summary>
    public bool HasMonotonicTime { get; }
}
