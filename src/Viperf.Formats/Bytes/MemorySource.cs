namespace Viperf.Formats.Bytes;

/// <summary>A <see cref="ByteSource"/> over bytes that are in memory; slices share them, nothing is copied.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="name">What messages call them.</param>
public sealed class MemorySource(ReadOnlyMemory<byte> bytes, string name) : ByteSource
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override ulong Length => (ulong)bytes.Length;

    /// <inheritdoc/>
    public override int ReadAt(ulong offset, Span<byte> destination)
    {
        if (offset >= Length)
        {
            return 0;
        }

        var rest = bytes.Span[(int)offset..];
        int count = Math.Min(rest.Length, destination.Length);
        rest[..count].CopyTo(destination);
        return count;
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Slice(ulong offset, ulong length, int limit)
    {
        CheckRange(offset, length, limit);
        return bytes.Slice((int)offset, (int)length);
    }
}
