namespace Viperf.Core.Symbols;

/// <summary>The call frame information of one piece of jitted code.</summary>
/// <param name="EhFrame">Its <c>.eh_frame</c>; not empty.</param>
/// <param name="EhFrameHeader">Its <c>.eh_frame_hdr</c>, which follows directly; empty if there is none.</param>
/// <param name="Address">Where the first byte of <paramref name="EhFrame"/> lies, for addresses in it that are relative to
/// their own place: behind the code, at the next multiple of 8 bytes from its start. The process has it mapped
/// there, or not at all.</param>
public sealed record JitUnwinding(ReadOnlyMemory<byte> EhFrame, ReadOnlyMemory<byte> EhFrameHeader, ulong Address);
