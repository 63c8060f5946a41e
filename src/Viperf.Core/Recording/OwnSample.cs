using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>A sample that viperf has taken, to be handed on among the kernel's records in the order of time.</summary>
/// <param name="Time">Its time.</param>
/// <param name="Record">The sample as the kernel would have written it.</param>
/// <param name="Source">The event that it seems to be of.</param>
/// <param name="Announce">Tells its taker, just before, what no sample says.</param>
internal readonly record struct OwnSample(ulong Time, byte[] Record, EventDescription Source, Action Announce);
