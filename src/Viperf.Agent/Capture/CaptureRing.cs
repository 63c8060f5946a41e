using Viperf.Abi;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Capture;

/// <summary>Writes records into the memory that is shared with the recorder, from any number of signal handlers at once.</summary>
internal readonly unsafe struct CaptureRing
{
    private readonly CaptureRingHeader* _header;
    private readonly byte* _data;
    private readonly ulong _size;

    public CaptureRing(void* memory, uint ringBytes)
    {
        _header = (CaptureRingHeader*)memory;
        _data = (byte*)memory + CaptureRingHeader.HeaderBytes;
        _size = ringBytes;
    }

    /// <summary>The whole memory, to be unmapped.</summary>
    public void* Memory => _header;

    /// <summary>Bytes of the whole memory.</summary>
    public nuint Bytes => CaptureRingHeader.HeaderBytes + (nuint)_size;

    /// <summary>Records that had no room so far.</summary>
    public uint Dropped => _header->Losses[(int)CaptureLoss.RingFull];

    /// <summary>Bytes that were ever reserved in it.</summary>
    public ulong Head => _header->Head;

    /// <summary>Bytes that were ever read of it.</summary>
    public ulong Tail => _header->Tail;

    /// <summary>True if most of it waits to be read.</summary>
    public bool IsHalfFull => _header->Head - _header->Tail > _size / 2;

    /// <summary>True once nobody reads any more.</summary>
    public bool IsOver => _header->IsOver != 0;

    /// <summary>Counts a loss. Two handlers may count one at the same time: what is said is at least what was lost, less these.</summary>
    public void Count(CaptureLoss loss) => _header->Losses[(int)loss]++;

    /// <summary>Room for a record, to be filled and then given to <see cref="Commit"/>; null where there is none.</summary>
    /// <param name="bytes">Bytes, a multiple of eight.</param>
    public CaptureRecord* Reserve(uint bytes)
    {
        while (true)
        {
            ulong head = _header->Head;
            ulong at = head & (_size - 1);
            ulong padding = at + bytes > _size ? _size - at : 0;
            if (head + padding + bytes - _header->Tail > _size)
            {
                Count(CaptureLoss.RingFull);
                return null;
            }

            if (Atomic.CompareExchange(&_header->Head, head + padding + bytes, head) != head)
            {
                continue; // another handler was faster
            }

            if (padding != 0)
            {
                var filler = (CaptureRecord*)(_data + at);
                filler->Kind = CaptureRecord.Padding;
                Commit(filler, (uint)padding);
                at = 0;
            }

            return (CaptureRecord*)(_data + at);
        }
    }

    /// <summary>Lets the recorder see a record: its size comes last.</summary>
    public static void Commit(CaptureRecord* record, uint bytes) => Atomic.Exchange((int*)&record->Size, (int)bytes);
}
