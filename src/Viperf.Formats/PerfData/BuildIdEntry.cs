namespace Viperf.Formats.PerfData;

/// <summary>One row of the BUILD_ID table: a file that samples fell into.</summary>
/// <param name="Pid">Process; -1 for the host's files.</param>
/// <param name="CpuMode">The CPU mode part of the record's flags: kernel, user or a guest's.</param>
/// <param name="BuildId">The bytes, at most 20.</param>
/// <param name="FileName">Path, or <c>[kernel.kallsyms]</c>, <c>[vdso]</c>.</param>
public sealed record BuildIdEntry(int Pid, RecordMisc CpuMode, ReadOnlyMemory<byte> BuildId, string FileName);
