using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>
/// Takes the records that the handlers of one process wrote. The process can write anything there, and at any time: each
/// record is copied before it is looked at, and nothing that it says is followed without a check.
/// </summary>
internal sealed unsafe class CaptureRingReader : IDisposable
{
    private readonly SharedMapping _mapping;
    private readonly uint _ringBytes;
    private readonly uint[] _losses = new uint[(int)CaptureLoss.Count];
    private byte[] _copy = new byte[4096];
    private ulong _tail;
    private bool _isReleased;

    /// <summary>Reads a mapping of a header and a ring.</summary>
    /// <param name="mapping">The mapping, owned from here on.</param>
    /// <param name="ringBytes">Bytes of the ring, a power of two.</param>
    public CaptureRingReader(SharedMapping mapping, uint ringBytes)
    {
        _mapping = mapping;
        _ringBytes = ringBytes;
    }

    /// <summary>True once the ring holds what no agent writes: no more is read of it.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Bytes that it holds.</summary>
    public uint Bytes => _ringBytes;

    private CaptureRingHeader* Header => (CaptureRingHeader*)_mapping.Start;

    /// <summary>How often something could not be captured.</summary>
    public uint Losses(CaptureLoss loss) => _isReleased ? _losses[(int)loss] : Header->Losses[(int)loss];

    /// <summary>Tells those who write that nobody reads any more.</summary>
    public void Close()
    {
        if (!_isReleased)
        {
            Volatile.Write(ref Header->IsOver, 1);
        }
    }

    /// <summary>Gives the memory back: nobody writes any more, and all was read. What was lost stays known.</summary>
    public void Release()
    {
        if (_isReleased)
        {
            return;
        }

        for (int i = 0; i < _losses.Length; i++)
        {
            _losses[i] = Header->Losses[i];
        }

        _isReleased = true;
        _mapping.Dispose();
    }

    /// <summary>Takes the next record.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="record">The whole record; valid until the next call.</param>
    /// <returns>False if there is none that is complete.</returns>
    public bool TryTake(out ushort kind, out ReadOnlySpan<byte> record)
    {
        while (!IsBroken && !_isReleased && _tail < Volatile.Read(ref Header->Head))
        {
            uint at = (uint)(_tail & (_ringBytes - 1));
            byte* start = _mapping.Start + CaptureRingHeader.HeaderBytes + at;
            uint size = Volatile.Read(ref ((CaptureRecord*)start)->Size); // acquire: before the record
            if (size == 0)
            {
                break; // still being written
            }

            if (size % sizeof(ulong) != 0 || size > _ringBytes - at)
            {
                IsBroken = true;
                break;
            }

            Copy(start, size);
            new Span<byte>(start, (int)size).Clear(); // where a record begins the next time, its size is 0
            _tail += size;
            Volatile.Write(ref Header->Tail, _tail);
            kind = MemoryMarshal.Read<CaptureRecord>(_copy).Kind;
            if (kind != CaptureRecord.Padding)
            {
                record = _copy.AsSpan(0, (int)size);
                return true;
            }
        }

        kind = 0;
        record = default;
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _mapping.Dispose();

    private void Copy(byte* start, uint size)
    {
        if (_copy.Length < size)
        {
            _copy = new byte[Math.Max(size, 2 * _copy.Length)];
        }

        new ReadOnlySpan<byte>(start, (int)size).CopyTo(_copy);
    }
}
