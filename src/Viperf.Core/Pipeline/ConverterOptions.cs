using Viperf.Core.Profiles;

namespace Viperf.Core.Pipeline;

/// <summary>What the converter keeps of a recording.</summary>
public sealed record ConverterOptions
{
    /// <summary>True to tell samples of different CPUs apart; otherwise equal stacks on all CPUs are one row.</summary>
    public bool KeepCpu { get; init; }

    /// <summary>True to list every sample with its time as well (<see cref="Profile.Series"/>).</summary>
    public bool KeepSeries { get; init; }

    /// <summary>Samples before this time are left out; nanoseconds of the recording's clock.</summary>
    public ulong From { get; init; }

    /// <summary>Samples after this time are left out; nanoseconds of the recording's clock.</summary>
    public ulong To { get; init; } = ulong.MaxValue;

    /// <summary>Frames kept of a stack, counted from the leaf (perf's <c>--max-stack</c>).</summary>
    public int MaxStack { get; init; } = int.MaxValue;
}
