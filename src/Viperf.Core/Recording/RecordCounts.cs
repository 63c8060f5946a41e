namespace Viperf.Core.Recording;

/// <summary>How much a recording has taken from its rings.</summary>
internal sealed class RecordCounts
{
    /// <summary>Samples.</summary>
    public ulong Samples { get; set; }

    /// <summary>Samples whose copies of the stack were given up, because more came than could be taken.</summary>
    public ulong StacksDropped { get; set; }

    /// <summary>Records that the kernel says it had no room for (PERF_RECORD_LOST).</summary>
    public ulong Lost { get; set; }

    /// <summary>Records that could not be made sense of, and are not in the file; no sample among them is counted above.</summary>
    public ulong Bad { get; private set; }

    /// <summary>What was wrong with the first of them, one line; null without any.</summary>
    public string? FirstProblem { get; private set; }

    /// <summary>Time of the first sample, in nanoseconds of the recording's clock; meaningless without samples.</summary>
    public ulong FirstTime { get; private set; } = ulong.MaxValue;

    /// <summary>Time of the last sample, as <see cref="FirstTime"/>.</summary>
    public ulong LastTime { get; private set; }

    /// <summary>Sees which processes the agent reached; null where nobody asks.</summary>
    public AgentReach? AgentReach { get; set; }

    /// <summary>Notes that a record is left out.</summary>
    /// <param name="problem">What is wrong with it, one line.</param>
    public void LeftOut(string problem)
    {
        Bad++;
        FirstProblem ??= problem;
    }

    /// <summary>Notes that a sample has <paramref name="time"/>.</summary>
    public void SampleAt(ulong time)
    {
        FirstTime = Math.Min(FirstTime, time);
        LastTime = Math.Max(LastTime, time);
    }
}
