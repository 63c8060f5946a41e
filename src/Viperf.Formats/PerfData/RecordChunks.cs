namespace Viperf.Formats.PerfData;

/// <summary>
/// Memory for records on their way from the source to the sink: pieces that are used again. A piece has holders, who let
/// go of it one by one: the one that fills it, and each record in it that waits for its turn. So a record waits where it
/// was read to, and is not copied.
/// </summary>
internal sealed class RecordChunks
{
    /// <summary>Bytes of a chunk: many records of at most 64 KiB each.</summary>
    public const int ChunkBytes = 1 << 20;

    /// <summary>Bytes that no record has more of: less room than this at a chunk's end is left empty.</summary>
    public const int MostRecordBytes = 1 << 16;

    private readonly List<Chunk> _chunks = [];
    private readonly Stack<int> _free = new();

    /// <summary>Chunks that have holders.</summary>
    public int InUse => _chunks.Count - _free.Count;

    /// <summary>The bytes of the chunk with an index.</summary>
    public byte[] this[int index] => _chunks[index].Bytes;

    /// <summary>Gives out a chunk without other holders; returns its index.</summary>
    public int Take()
    {
        if (!_free.TryPop(out int index))
        {
            index = _chunks.Count;
            _chunks.Add(new Chunk());
        }

        _chunks[index].Holders = 1;
        return index;
    }

    /// <summary>
    /// For whoever fills a chunk and has bytes of a record there whose rest is to come: sees to it that the largest
    /// record has room. If it has none behind the bytes, they move to the begin of a chunk: of the same one, if nobody else
    /// holds it, or of another one, and the first is let go.
    /// </summary>
    /// <param name="index">The chunk.</param>
    /// <param name="start">Where the bytes begin in it.</param>
    /// <param name="end">Where they end.</param>
    public void MakeRoom(ref int index, ref int start, ref int end)
    {
        if (ChunkBytes - start >= MostRecordBytes)
        {
            return;
        }

        int old = index;
        if (_chunks[old].Holders != 1)
        {
            index = Take();
            LetGo(old);
        }

        this[old].AsSpan(start, end - start).CopyTo(this[index]);
        end -= start;
        start = 0;
    }

    /// <summary>One more holds a chunk.</summary>
    public void Hold(int index) => _chunks[index].Holders++;

    /// <summary>One of a chunk's holders needs it no more; after the last one its bytes are overwritten.</summary>
    public void LetGo(int index)
    {
        if (--_chunks[index].Holders == 0)
        {
            _free.Push(index);
        }
    }

    private sealed class Chunk
    {
        public readonly byte[] Bytes = GC.AllocateUninitializedArray<byte>(ChunkBytes);
        public int Holders;
    }
}
