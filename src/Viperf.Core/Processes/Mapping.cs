namespace Viperf.Core.Processes;

/// <summary>A range of addresses and what lies there.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">The address after the last; greater than <paramref name="Start"/>.</param>
/// <param name="Bias">What to subtract from a virtual address to get the module's own terms: start minus file offset
/// for files, 0 where frames keep virtual addresses. Wraps around.</param>
/// <param name="Module">Index in the profile's module table.</param>
/// <param name="IsJit">True for memory where jitted code lies.</param>
public readonly record struct Mapping(ulong Start, ulong End, ulong Bias, int Module, bool IsJit = false);

/// <summary>A jitdump that tells of code in an address space.</summary>
/// <param name="Module">Index in the profile's module table.</param>
/// <param name="Until">Time up to which it does: a fork's, for the jitdump of the process that forked.</param>
public readonly record struct MappedJitDump(int Module, ulong Until);
