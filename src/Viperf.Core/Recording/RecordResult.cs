namespace Viperf.Core.Recording;

/// <summary>How a recording went.</summary>
/// <param name="ExitCode">The command's exit status, 128 + the signal that killed it, or 0 without a command.</param>
/// <param name="Path">The file, or "-" for standard output.</param>
/// <param name="BytesWritten">Bytes of the recording.</param>
/// <param name="Samples">Samples in it.</param>
/// <param name="Lost">Records that the kernel had no room for.</param>
/// <param name="NotUnwound">Samples that were not unwound, because more came than could be.</param>
/// <param name="Bad">Records that could not be made sense of, and are not in the file.</param>
/// <param name="FirstProblem">What was wrong with the first of those, one line; null without any.</param>
/// <param name="Wakeups">How often the recorder woke to write.</param>
/// <param name="Duration">From the release of the command, or the enabling of the events, to the end.</param>
public sealed record RecordResult(
    int ExitCode, string Path, long BytesWritten, ulong Samples, ulong Lost, ulong NotUnwound, ulong Bad, string? FirstProblem,
    ulong Wakeups, TimeSpan Duration)
{
    /// <summary>Processes that ran Python and did not load viperf's agent, where that was watched.</summary>
    public IReadOnlyList<int> WithoutAgent { get; init; } = [];

    /// <summary>Why Python frames of processes could not be captured, a line each.</summary>
    public IReadOnlyList<string> CaptureProblems { get; init; } = [];

    /// <summary>How threads that did not run were looked at, one line; null if they were not.</summary>
    public string? StandingNotice { get; init; }

    /// <summary>Says of which Python processes there are native frames alone, one line; null if there are none.</summary>
    public string? NativeAlone => WithoutAgent.Count == 0 ? null
        : $"{(WithoutAgent.Count == 1 ? $"process {WithoutAgent[0]}" : $"{WithoutAgent.Count} processes, the first {WithoutAgent[0]}")}: "
        + "no Python functions, as the agent was not loaded: the environment was emptied (LD_PRELOAD), or the program is static or "
        + "set-user-ID";

    /// <summary>Says that records were left out, one line; null if none were.</summary>
    public string? LeftOut => Bad == 0 ? null : $"{Bad} bad {(Bad == 1 ? "record" : "records")} left out: {FirstProblem}";
}
