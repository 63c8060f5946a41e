namespace Viperf.Formats.Bytes;

/// <summary>
/// Bytes at offsets: what a parser asks for instead of opening a file. Implementations decide where bytes come
/// from (memory, a file, a process); a source may be hostile, cut short or still growing.
/// </summary>
public abstract class ByteSource
{
    /// <summary>What messages call this source: a path, or a description.</summary>
    public abstract string Name { get; }

    /// <summary>The number of bytes at this moment; a file that is still written may grow.</summary>
    public abstract ulong Length { get; }

    /// <summary>
    /// Copies bytes from <paramref name="offset"/> and returns how many there were: fewer than asked only where the
    /// source ends.
    /// </summary>
    public abstract int ReadAt(ulong offset, Span<byte> destination);

    /// <summary>Returns exactly <paramref name="length"/> bytes at <paramref name="offset"/>.</summary>
    /// <param name="offset">The first byte's position.</param>
    /// <param name="length">The number of bytes; checked against <paramref name="limit"/> and <see cref="Length"/>
    /// before anything is allocated.</param>
    /// <param name="limit">A named limit of <see cref="Limits"/>.</param>
    /// <exception cref="ParseException">The range is over the limit or not inside the source.</exception>
    public virtual ReadOnlyMemory<byte> Slice(ulong offset, ulong length, int limit)
    {
        CheckRange(offset, length, limit);
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        int got = ReadAt(offset, bytes);
        if (got != bytes.Length)
        {
            ParseException.Throw($"cut short: {got} bytes where {length} were announced", Name, offset);
        }

        return bytes;
    }

    /// <summary>The one place where an (offset, length) pair from outside is bounded.</summary>
    protected void CheckRange(ulong offset, ulong length, int limit)
    {
        if (length > (ulong)limit)
        {
            ParseException.Throw($"{length} bytes announced, more than the limit of {limit}", Name, offset);
        }

        ulong available = Length;
        if (offset > available || length > available - offset)
        {
            ParseException.Throw($"{length} bytes announced beyond the end at 0x{available:x}", Name, offset);
        }
    }
}
