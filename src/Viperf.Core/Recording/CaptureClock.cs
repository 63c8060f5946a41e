namespace Viperf.Core.Recording;

/// <summary>Which time of captured threads samples stand for.</summary>
public enum CaptureClock
{
    /// <summary>That in which they run on a CPU.</summary>
    Cpu,

    /// <summary>All: that in which they stand still or wait for a CPU too.</summary>
    Wall,

    /// <summary>That in which they hold the interpreter's lock, or wait for it.</summary>
    Gil,
}
