namespace Viperf.Core.Recording;

/// <summary>A thread that a timer signalled while the kernel ran for it, where events may not sample that.</summary>
/// <param name="Process">Its process.</param>
/// <param name="Tid">The thread.</param>
/// <param name="Time">When it came out of the kernel, nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="CpuTime">Nanoseconds of CPU time that it had used.</param>
/// <param name="Weight">Nanoseconds of these since it was last signalled so, or since it began to be.</param>
/// <param name="Native">Its registers and stack, as the thread wrote them down.</param>
/// <param name="Frames">Its Python frames: words as signals have them.</param>
/// <param name="HoldsGil">True if it had the interpreter's lock.</param>
internal sealed record SystemSample(
    CapturedProcess Process, int Tid, ulong Time, ulong CpuTime, ulong Weight, byte[] Native, ulong[] Frames, bool HoldsGil);
