namespace Viperf.Formats.Jit;

/// <summary>What a jitdump held, and what of it was not taken, by reason. Numbers are records where nothing else is said.</summary>
public sealed class JitDumpCounts
{
    /// <summary>Code that was taken.</summary>
    public ulong Loads { get; internal set; }

    /// <summary>Moves that were taken.</summary>
    public ulong Moves { get; internal set; }

    /// <summary>Line tables that were taken.</summary>
    public ulong DebugInfos { get; internal set; }

    /// <summary>Unwind information that was taken.</summary>
    public ulong UnwindingInfos { get; internal set; }

    /// <summary>Ends that the writer announced. What follows one is read all the same: after a fork it may be a child's.</summary>
    public ulong Closes { get; internal set; }

    /// <summary>Code or moves that were there before: a forked child wrote its parent's buffer once more.</summary>
    public ulong Duplicates { get; internal set; }

    /// <summary>Records of kinds that the format did not have when this was written.</summary>
    public ulong UnknownRecords { get; internal set; }

    /// <summary>Records whose fields contradict their size, or that have no name or no code.</summary>
    public ulong BadRecords { get; internal set; }

    /// <summary>Records that other records begin in: what followed them was written elsewhere, or never. Code whose
    /// name was whole is taken, without its bytes.</summary>
    public ulong CutRecords { get; internal set; }

    /// <summary>Code and moves of other processes, whose addresses mean something else.</summary>
    public ulong OtherProcesses { get; internal set; }

    /// <summary>Moves of code that nothing is known of.</summary>
    public ulong UnknownMoves { get; internal set; }

    /// <summary>Line tables and unwind information whose code did not follow.</summary>
    public ulong Unclaimed { get; internal set; }

    /// <summary>Records beyond a limit of <see cref="Bytes.Limits"/>.</summary>
    public ulong OverLimit { get; internal set; }

    /// <summary>Places where bytes had to be skipped to find the next record.</summary>
    public ulong Gaps { get; internal set; }

    /// <summary>Bytes skipped in these places.</summary>
    public ulong GapBytes { get; internal set; }
}
