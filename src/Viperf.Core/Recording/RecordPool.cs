using System.Runtime.InteropServices;

namespace Viperf.Core.Recording;

/// <summary>
/// Memory for records that had to leave their ring before they could be taken: pieces of one size, made when they are
/// needed and given back when they are not, and no more than a limit together.
/// </summary>
internal sealed unsafe class RecordPool : IDisposable
{
    /// <summary>Bytes of a piece: many times the longest record, which has 64 KiB.</summary>
    public const int PieceBytes = 1 << 20;

    /// <summary>Bytes of all pieces together unless somebody says otherwise: 0.4 s of the most that one CPU brings.</summary>
    public const long DefaultBytes = 1 << 28;

    /// <summary>Pieces that are kept for the next time, so that a small stall now and then costs no page faults.</summary>
    private const int SparePieces = 8;

    private readonly Stack<nint> _spare = new();
    private readonly int _limit;
    private int _used;

    /// <summary>Makes a pool that has no memory yet.</summary>
    /// <param name="bytes">The limit.</param>
    public RecordPool(long bytes = DefaultBytes) => _limit = (int)(bytes / PieceBytes);

    /// <summary>
    /// True while there is room for whole records. The last eighth is for records without their dumps, which are few
    /// bytes each.
    /// </summary>
    public bool HasRoomForDumps => _used < _limit - _limit / 8;

    /// <summary>Bytes that records lie in.</summary>
    public long UsedBytes => (long)_used * PieceBytes;

    /// <summary>A piece of memory; null if the limit is reached.</summary>
    public byte* TryTake()
    {
        if (_used == _limit)
        {
            return null;
        }

        _used++;
        return _spare.TryPop(out nint piece) ? (byte*)piece : (byte*)NativeMemory.Alloc(PieceBytes);
    }

    /// <summary>Takes a piece back.</summary>
    public void GiveBack(byte* piece)
    {
        _used--;
        if (_spare.Count < SparePieces)
        {
            _spare.Push((nint)piece);
        }
        else
        {
            NativeMemory.Free(piece);
        }
    }

    /// <summary>Frees the pieces that are not in use.</summary>
    public void Dispose()
    {
        while (_spare.TryPop(out nint piece))
        {
            NativeMemory.Free((byte*)piece);
        }
    }
}
