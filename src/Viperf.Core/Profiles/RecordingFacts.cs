namespace Viperf.Core.Profiles;

/// <summary>What a recording says of where it was made; null or empty where it does not say.</summary>
public sealed record RecordingFacts
{
    /// <summary>The recorded command, as the recorder was started.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    /// <summary>The machine's name.</summary>
    public string? HostName { get; init; }

    /// <summary>The kernel's release, as of <c>uname -r</c>.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>The processor's architecture, as of <c>uname -m</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>The processor's description.</summary>
    public string? Processor { get; init; }

    /// <summary>CPUs that were online.</summary>
    public int? Cpus { get; init; }

    /// <summary>Memory in bytes.</summary>
    public ulong? Memory { get; init; }

    /// <summary>Version of the recorder.</summary>
    public string? RecorderVersion { get; init; }

    /// <summary>When the file was written; null of a pipe.</summary>
    public DateTime? Written { get; init; }

    /// <summary>Samples a second that were asked for; 0 where each so many events were sampled.</summary>
    public ulong Frequency { get; init; }
}
