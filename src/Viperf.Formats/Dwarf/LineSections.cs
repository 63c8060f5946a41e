namespace Viperf.Formats.Dwarf;

/// <summary>The sections that line tables lie in, decompressed; those that a file lacks are empty.</summary>
/// <param name="Lines"><c>.debug_line</c>.</param>
/// <param name="LineStrings"><c>.debug_line_str</c>, from DWARF 5 on.</param>
/// <param name="Strings"><c>.debug_str</c>.</param>
/// <param name="Source">What messages call the file.</param>
public sealed record LineSections(
    ReadOnlyMemory<byte> Lines, ReadOnlyMemory<byte> LineStrings, ReadOnlyMemory<byte> Strings, string Source);
