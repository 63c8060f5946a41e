namespace Viperf.Core.Pipeline;

/// <summary>Generated code that came to lie somewhere.</summary>
/// <param name="Pid">Process, as the recording calls it.</param>
/// <param name="Tid">The thread that generated or moved it.</param>
/// <param name="Time">When it was there, in nanoseconds of the recording's clock.</param>
/// <param name="Start">Virtual address of its first byte.</param>
/// <param name="Length">Bytes of code, and of the unwind information behind it that the process mapped.</param>
/// <param name="File">The file that stands for it.</param>
internal sealed record JitMapping(int Pid, int Tid, ulong Time, ulong Start, ulong Length, JittedFile File);
