using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Walks the records of one stretch of a source, from front to back, through chunks of memory. Nothing is allocated by
/// record, and files of any size are read.
/// </summary>
internal sealed class RecordStream
{
    private readonly ByteSource _source;

    private int _chunk;

    /// <summary>Bytes of the chunk that are not walked yet: from <c>_head</c> up to <c>_tail</c>.</summary>
    private int _head;
    private int _tail;

    public RecordStream(ByteSource source, ulong start, ulong end)
    {
        _source = source;
        Offset = start;
        End = Math.Min(end, source.Length);
        _chunk = Chunks.Take();
    }

    /// <summary>The source's offset after the last record; at most the source's length when the walk began.</summary>
    public ulong End { get; }

    /// <summary>Where records are read to.</summary>
    public RecordChunks Chunks { get; } = new();

    /// <summary>
    /// The chunk that <see cref="TryPeek"/>'s record lies in. Who holds it keeps the record; otherwise the next call
    /// may overwrite it.
    /// </summary>
    public int Chunk => _chunk;

    /// <summary>Where in it the record begins.</summary>
    public int Start => _head;

    /// <summary>The source's offset of the next record.</summary>
    public ulong Offset { get; private set; }

    /// <summary>Why the walk ended before the end, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>True if the source ended before its last record did.</summary>
    public bool EndsWithinRecord { get; private set; }

    /// <summary>The record at the current position, without going on; false where the walk ends.</summary>
    public bool TryPeek(out RecordView record)
    {
        record = default;
        if (Problem != null || !Have(RecordHeader.ByteCount))
        {
            if (Problem == null && _tail > _head)
            {
                Stop($"cut short: {_tail - _head} bytes where a record begins");
                EndsWithinRecord = true;
            }

            return false;
        }

        int size = MemoryMarshal.Read<RecordHeader>(Chunks[_chunk].AsSpan(_head)).size;
        if (size < RecordHeader.ByteCount)
        {
            Stop($"record of {size} bytes, less than its header; what follows cannot be found");
            return false;
        }

        if (!Have(size))
        {
            Stop($"cut short: record of {size} bytes, {_tail - _head} left");
            EndsWithinRecord = true;
            return false;
        }

        record = new RecordView(Chunks[_chunk].AsSpan(_head, size), _source.Name, Offset);
        return true;
    }

    /// <summary>Goes on by <paramref name="count"/> bytes: a record's, or those of a payload behind one.</summary>
    public void Advance(ulong count)
    {
        ulong buffered = (ulong)(_tail - _head);
        if (count <= buffered)
        {
            _head += (int)count;
        }
        else
        {
            _tail = _head;
        }

        if (count > ulong.MaxValue - Offset || Offset + count > End)
        {
            Stop($"payload of {count} bytes goes beyond the records");
            return;
        }

        Offset += count;
    }

    private void Stop(string problem) => Problem = $"{_source.Name}: {problem} (at offset 0x{Offset:x})";

    /// <summary>Reads on until <paramref name="count"/> bytes are buffered; false where the source has fewer.</summary>
    private bool Have(int count)
    {
        if (_tail - _head >= count)
        {
            return true;
        }

        Chunks.MakeRoom(ref _chunk, ref _head, ref _tail);
        ulong next = Offset + (ulong)(_tail - _head);
        ulong room = Math.Min((ulong)(RecordChunks.ChunkBytes - _tail), End - next);
        _tail += _source.ReadAt(next, Chunks[_chunk].AsSpan(_tail, (int)room));
        return _tail - _head >= count;
    }
}
