namespace Viperf.Core.Processes;

/// <summary>A range of addresses and what lies there.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">The address after the last; greater than <paramref name="Start"/>.</param>
/// <param name="Bias">What to subtract from a virtual address to get the module's own terms: start minus file offset
/// for files, 0 where frames keep virtual addresses. Wraps around.</param>
/// <param name="Module">Index in the profile's module table.</param>
public readonly record struct Mapping(ulong Start, ulong End, ulong Bias, int Module);
