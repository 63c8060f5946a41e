using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Records of one ring that were copied out of it, first in, first out, in pieces of a pool.</summary>
/// <param name="pool">Where the memory comes from.</param>
internal sealed unsafe class RecordQueue(RecordPool pool)
{
    /// <summary>Bytes before each record: 1 if its dump was dropped, else 0; eight, so that records stay aligned.</summary>
    private const int MarkBytes = sizeof(ulong);

    private readonly Queue<(nint Start, int Length)> _full = new();

    /// <summary>The piece that records are added to; null where there is none.</summary>
    private byte* _adding;

    /// <summary>Bytes in it.</summary>
    private int _added;

    /// <summary>Bytes of the first piece, which may be the same one, that were taken already.</summary>
    private int _taken;

    /// <summary>True if there is no record.</summary>
    public bool IsEmpty => _adding == null;

    /// <summary>True if the first record lacks its dump.</summary>
    public bool FirstLacksDump => *(ulong*)(FirstPiece + _taken) != 0;

    /// <summary>The first record, valid until it is removed.</summary>
    public ReadOnlySpan<byte> First
    {
        get
        {
            byte* record = FirstPiece + _taken + MarkBytes;
            return new(record, ((RecordHeader*)record)->size);
        }
    }

    private byte* FirstPiece => _full.TryPeek(out var piece) ? (byte*)piece.Start : _adding;

    /// <summary>Adds a record.</summary>
    /// <returns>False if the pool has no memory for it.</returns>
    public bool TryAdd(ReadOnlySpan<byte> record, bool lacksDump)
    {
        int bytes = MarkBytes + record.Length;
        if (_adding == null || bytes > RecordPool.PieceBytes - _added)
        {
            byte* piece = pool.TryTake();
            if (piece == null)
            {
                return false;
            }

            if (_adding != null)
            {
                _full.Enqueue(((nint)_adding, _added));
            }

            _adding = piece;
            _added = 0;
        }

        *(ulong*)(_adding + _added) = lacksDump ? 1UL : 0;
        record.CopyTo(new Span<byte>(_adding + _added + MarkBytes, record.Length));
        _added += bytes;
        return true;
    }

    /// <summary>Removes the first record.</summary>
    public void RemoveFirst()
    {
        _taken += MarkBytes + First.Length;
        if (_full.TryPeek(out var piece))
        {
            if (_taken == piece.Length)
            {
                pool.GiveBack((byte*)piece.Start);
                _full.Dequeue();
                _taken = 0;
            }
        }
        else if (_taken == _added)
        {
            pool.GiveBack(_adding);
            _adding = null;
            _taken = 0;
        }
    }
}
