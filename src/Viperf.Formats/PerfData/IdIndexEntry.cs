namespace Viperf.Formats.PerfData;

/// <summary>One row of a PERF_RECORD_ID_INDEX record.</summary>
/// <param name="Id">A sample id.</param>
/// <param name="Index">Number of the ring that the id's records come through.</param>
/// <param name="Cpu">CPU, or -1 for any.</param>
/// <param name="Tid">Thread, or -1 for any.</param>
public readonly record struct IdIndexEntry(ulong Id, ulong Index, int Cpu, int Tid);
