namespace Viperf.Formats.PerfData;

/// <summary>
/// Undoes the compression of <c>perf record -z</c>: one zstd stream whose pieces stand in the recording's
/// COMPRESSED records. The formats library depends on no compression library, so its user brings one.
/// </summary>
public interface IRecordDecompressor : IDisposable
{
    /// <summary>Forgets the stream so far; the next bytes are the beginning of a recording.</summary>
    void Reset();

    /// <summary>Goes on with the stream, until the input is used up or the output is full.</summary>
    /// <param name="input">The next bytes of the stream.</param>
    /// <param name="output">Where decompressed bytes go.</param>
    /// <param name="consumed">Bytes of <paramref name="input"/> that were used.</param>
    /// <param name="written">Bytes of <paramref name="output"/> that were filled.</param>
    /// <returns>False if the bytes are no such stream.</returns>
    bool TryDecompress(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written);
}
