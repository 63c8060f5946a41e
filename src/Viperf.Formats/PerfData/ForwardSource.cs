using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// A pipe as a <see cref="ByteSource"/> that is read from front to back: an offset may lie ahead of the last byte
/// read (what lies between is read and dropped), never behind it.
/// </summary>
internal sealed class ForwardSource(Stream stream, string name) : ByteSource, IDisposable
{
    private ulong _position;

    public override string Name => name;

    /// <summary>Not known before the writer closes its end.</summary>
    public override ulong Length => ulong.MaxValue;

    public override int ReadAt(ulong offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, _position);
        while (_position < offset)
        {
            int wanted = (int)Math.Min((ulong)destination.Length, offset - _position);
            int dropped = stream.Read(destination[..wanted]);
            if (dropped == 0)
            {
                return 0;
            }

            _position += (ulong)dropped;
        }

        int total = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        _position += (ulong)total;
        return total;
    }

    public void Dispose() => stream.Dispose();
}
