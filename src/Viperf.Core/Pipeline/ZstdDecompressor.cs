using System.Buffers;
using Viperf.Formats.PerfData;
using ZstdSharp;

namespace Viperf.Core.Pipeline;

/// <summary>Reads the zstd stream of <c>perf record -z</c>.</summary>
public sealed class ZstdDecompressor : IRecordDecompressor
{
    private readonly Decompressor _decompressor = new();

    /// <inheritdoc/>
    public void Reset() => _decompressor.ResetStream();

    /// <inheritdoc/>
    public bool TryDecompress(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        try
        {
            return _decompressor.UnwrapStream(input, output, out consumed, out written) != OperationStatus.InvalidData;
        }
        catch (ZstdException)
        {
            consumed = 0;
            written = 0;
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _decompressor.Dispose();
}
