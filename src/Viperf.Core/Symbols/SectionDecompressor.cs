using ZstdSharp;

namespace Viperf.Core.Symbols;

/// <summary>Reads sections that are compressed with zstd, which the ELF reader leaves to its caller.</summary>
internal static class SectionDecompressor
{
    /// <summary>Decompresses one frame; false if it is damaged or does not fill the output exactly.</summary>
    public static bool TryUnwrapZstd(ReadOnlySpan<byte> input, Span<byte> output)
    {
        try
        {
            using var decompressor = new Decompressor();
            return decompressor.Unwrap(input, output) == output.Length;
        }
        catch (Exception e) when (e is ZstdException or ArgumentException)
        {
            return false;
        }
    }
}
