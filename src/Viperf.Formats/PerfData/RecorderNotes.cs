namespace Viperf.Formats.PerfData;

/// <summary>CLOCK_DATA: one moment on the recording's clock and on the wall's.</summary>
/// <param name="ClockId">CLOCK_MONOTONIC and so on of <c>time.h</c>.</param>
/// <param name="WallClock">Nanoseconds since 1970.</param>
/// <param name="ClockTime">Nanoseconds of that clock.</param>
public readonly record struct ClockData(uint ClockId, ulong WallClock, ulong ClockTime);

/// <summary>One row of PMU_MAPPINGS.</summary>
/// <param name="Type">The PMU's number in <c>perf_event_attr.type</c>.</param>
/// <param name="Name">Its name below <c>/sys/bus/event_source/devices</c>.</param>
public sealed record PmuMapping(uint Type, string Name);

/// <summary>One row of GROUP_DESC: events that were scheduled together.</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Leader">Index of its first event.</param>
/// <param name="Members">How many events it has.</param>
public sealed record EventGroup(string Name, uint Leader, uint Members);

/// <summary>One row of CPU_PMU_CAPS or PMU_CAPS.</summary>
/// <param name="Pmu">The PMU's name.</param>
/// <param name="Capabilities">What it can, as the kernel says it: <c>branches=32</c>.</param>
public sealed record PmuCapabilities(string Pmu, IReadOnlyList<string> Capabilities);

/// <summary>One row of HYBRID_TOPOLOGY.</summary>
/// <param name="Pmu">The PMU's name, such as <c>cpu_core</c>.</param>
/// <param name="Cpus">List of its CPUs.</param>
public sealed record HybridPmu(string Pmu, string Cpus);

/// <summary>COMPRESSED: how <c>perf record -z</c> compressed.</summary>
/// <param name="Type">1: zstd.</param>
/// <param name="Level">Compression level.</param>
/// <param name="Ratio">Bytes before, by bytes after.</param>
/// <param name="MapBytes">Bytes of the ring whose contents were compressed together.</param>
public readonly record struct CompressionNote(uint Type, uint Level, uint Ratio, uint MapBytes);
