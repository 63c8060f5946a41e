using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Walks the records of one stretch of a source, from front to back, through one buffer. Nothing is allocated by
/// record, and files of any size are read.
/// </summary>
internal sealed class RecordStream
{
    /// <summary>Far over the largest record (64 KiB), so that most records cost no copy.</summary>
    private const int BufferBytes = 1 << 20;

    private readonly ByteSource _source;

    /// <summary>The source's offset after the last record; at most the source's length when the walk began.</summary>
    private readonly ulong _end;
    private readonly byte[] _buffer;

    /// <summary>Bytes of <see cref="_buffer"/> that are not walked yet: from <c>_head</c> up to <c>_tail</c>.</summary>
    private int _head;
    private int _tail;


    public RecordStream(ByteSource source, ulong start, ulong end)
    {
        _source = source;
        Offset = start;
        _end = Math.Min(end, source.Length);
        _buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(BufferBytes, _end - Math.Min(start, _end)));
    }

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

        int size = MemoryMarshal.Read<RecordHeader>(_buffer.AsSpan(_head)).size;
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

        record = new RecordView(_buffer.AsSpan(_head, size), _source.Name, Offset);
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
            _head = _tail = 0;
        }

        if (count > ulong.MaxValue - Offset || Offset + count > _end)
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

        _buffer.AsSpan(_head, _tail - _head).CopyTo(_buffer);
        _tail -= _head;
        _head = 0;
        ulong next = Offset + (ulong)_tail;
        ulong room = Math.Min((ulong)(_buffer.Length - _tail), _end - next);
        _tail += _source.ReadAt(next, _buffer.AsSpan(_tail, (int)room));
        return _tail >= count;
    }
}
