namespace Viperf.Core.Recording;

/// <summary>Puts together what the kernel and the agents of Python processes wrote of the same samples.</summary>
internal interface ICaptureSink
{
    /// <summary>Processes that are recorded and have not ended, as far as the records that came tell.</summary>
    int LiveProcesses { get; }

    /// <summary>
    /// Samples that were left out: the events that signal a process sampled the same, or they stand for no time that is wanted.
    /// </summary>
    ulong Unwanted { get; }

    /// <summary>A process is about to be sampled by its agent: samples of it from other events are not wanted from then on.</summary>
    /// <param name="process">The process; owned by the sink from here on.</param>
    void Begin(CapturedProcess process);

    /// <summary>Tells how a thread stands; the next sample is of it.</summary>
    void Stands(StandingThread thread);

    /// <summary>Reads the rings that nobody else reads; samples of the kernel's part that they have.</summary>
    IEnumerable<SystemSample> ReadRings();

    /// <summary>Tells of the kernel's part that the next sample is of.</summary>
    void RanInKernel(SystemSample system);

    /// <summary>Takes a record of a process's ring, where that is read by somebody else.</summary>
    /// <param name="process">The process.</param>
    /// <param name="kind">The record's kind.</param>
    /// <param name="record">The whole record.</param>
    void Take(CapturedProcess process, ushort kind, ReadOnlySpan<byte> record);
}
