namespace Viperf.Formats.PerfData;

/// <summary>
/// What the kernel puts behind every record that is no sample, where the event asks for sample_id_all
/// (<c>struct sample_id</c>). All zero, as perf leaves it on records that it makes itself, means: at no time, so
/// readers do not sort the record but take it where it stands.
/// </summary>
/// <param name="Pid">Process.</param>
/// <param name="Tid">Thread.</param>
/// <param name="Time">Nanoseconds of the recording's clock.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Cpu">CPU number.</param>
public readonly record struct SampleId(int Pid, int Tid, ulong Time, ulong Id, uint Cpu);
