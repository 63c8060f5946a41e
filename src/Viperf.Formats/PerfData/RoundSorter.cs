using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Puts records into the order of their times. A recorder drains one ring after the other and writes
/// FINISHED_ROUND after the last: whatever comes later is newer than all that was written before the round before.
/// So a finished round lets go everything up to the largest time that the previous round had seen. Records of equal
/// times keep the order in which they were written. Records without a time (0, or all bits set) do not wait.
/// </summary>
/// <remarks>
/// Records stay in the chunks that they were read to, which are used again, so that a long recording allocates no more
/// than its largest rounds need. A ring's records are in order already: each flush merges such runs, and takes
/// n log(runs) steps.
/// </remarks>
internal sealed class RoundSorter
{
    private readonly string _source;
    private readonly RecordChunks _chunks;
    private readonly int _mostChunks;

    /// <summary>The events seen, by their indexes.</summary>
    private readonly List<EventDescription?> _events = [];

    /// <summary>Starts of the ascending runs in <see cref="_waiting"/>; scratch of <see cref="Sort"/>.</summary>
    private readonly List<int> _runs = [];

    /// <summary>The records that wait: sorted up to the last flush, then as they came.</summary>
    private Entry[] _waiting = new Entry[1024];
    private Entry[] _scratch = [];
    private int _count;

    private ulong _largestTime;

    /// <summary>The largest time before the last finished round: what the next one lets go.</summary>
    private ulong _roundLimit;

    /// <summary>The largest time let go so far.</summary>
    private ulong _lastFlushed;

    /// <summary>Creates a sorter.</summary>
    /// <param name="source">What messages call the file that the records come from.</param>
    /// <param name="chunks">Where the records lie.</param>
    /// <param name="limit">Bytes of chunks that may be in use before waiting records are let go early.</param>
    public RoundSorter(string source, RecordChunks chunks, int limit = Limits.SorterBytes)
    {
        _source = source;
        _chunks = chunks;
        _mostChunks = Math.Max(1, (limit / RecordChunks.ChunkBytes) - 1); // one more is being filled
    }

    /// <summary>Records that came later than a record with a larger time had been let go.</summary>
    public ulong OutOfOrder { get; private set; }

    /// <summary>How often records were let go early, because too many bytes waited.</summary>
    public ulong ForcedFlushes { get; private set; }

    /// <summary>Takes a record; one that need not wait goes to <paramref name="sink"/> at once.</summary>
    /// <param name="record">The record.</param>
    /// <param name="chunk">The chunk that it lies in, which is held as long as it waits.</param>
    /// <param name="start">Where it begins in the chunk.</param>
    /// <param name="source">The event that it belongs to.</param>
    /// <param name="time">Nanoseconds of the recording's clock; 0 and all bits set mean none.</param>
    /// <param name="sink">Where records go.</param>
    public void Add<TSink>(RecordView record, int chunk, int start, EventDescription source, ulong time, TSink sink)
        where TSink : IRecordSink
    {
        if (time is 0 or ulong.MaxValue)
        {
            sink.OnRecord(record, source, 0);
            return;
        }

        if (_chunks.InUse > _mostChunks)
        {
            LetGoEarly(sink);
        }

        if (time < _lastFlushed)
        {
            OutOfOrder++;
        }

        if (_count == _waiting.Length)
        {
            Array.Resize(ref _waiting, _count * 2);
        }

        while (_events.Count <= source.Index)
        {
            _events.Add(null);
        }

        _events[source.Index] = source;
        _chunks.Hold(chunk);
        _waiting[_count++] = new Entry(time, record.Offset, start, (ushort)chunk, (ushort)source.Index);
        _largestTime = Math.Max(_largestTime, time);
    }

    /// <summary>Every ring was drained once: lets go what no later record can be older than.</summary>
    public void FinishRound<TSink>(TSink sink)
        where TSink : IRecordSink
    {
        if (_roundLimit != 0)
        {
            Sort();
            Release(CountUpTo(_roundLimit), sink);
        }

        _roundLimit = _largestTime;
    }

    /// <summary>The recording has ended: lets go all that waits.</summary>
    public void Finish<TSink>(TSink sink)
        where TSink : IRecordSink
    {
        Sort();
        Release(_count, sink);
    }

    /// <summary>Lets the older half of the records go, and on until no more chunks are in use than may be.</summary>
    private void LetGoEarly<TSink>(TSink sink)
        where TSink : IRecordSink
    {
        if (_count == 0)
        {
            return;
        }

        ForcedFlushes++;
        Sort();
        do
        {
            // A few records may hold many chunks, so half of them may not do.
            Release((_count + 1) / 2, sink);
        }
        while (_chunks.InUse > _mostChunks && _count != 0);
    }

    private int CountUpTo(ulong limit)
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_waiting[middle].Time <= limit)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void Release<TSink>(int count, TSink sink)
        where TSink : IRecordSink
    {
        for (int i = 0; i < count; i++)
        {
            ref readonly var entry = ref _waiting[i];
            var bytes = _chunks[entry.Chunk].AsSpan(entry.Start);
            int length = MemoryMarshal.Read<RecordHeader>(bytes).size;
            sink.OnRecord(new RecordView(bytes[..length], _source, entry.Offset), _events[entry.Event]!, entry.Time);
            _lastFlushed = Math.Max(_lastFlushed, entry.Time);
            _chunks.LetGo(entry.Chunk);
        }

        Array.Copy(_waiting, count, _waiting, 0, _count - count);
        _count -= count;
    }

    /// <summary>A natural merge sort: stable, and linear where one ring wrote everything.</summary>
    private void Sort()
    {
        _runs.Clear();
        for (int i = 0; i < _count; i++)
        {
            if (i == 0 || _waiting[i].Time < _waiting[i - 1].Time)
            {
                _runs.Add(i);
            }
        }

        if (_runs.Count > 1 && _scratch.Length < _waiting.Length)
        {
            _scratch = new Entry[_waiting.Length];
        }

        while (_runs.Count > 1)
        {
            int merged = 0;
            for (int i = 0; i < _runs.Count; i += 2)
            {
                int start = _runs[i];
                int middle = i + 1 < _runs.Count ? _runs[i + 1] : _count;
                int end = i + 2 < _runs.Count ? _runs[i + 2] : _count;
                Merge(start, middle, end);
                _runs[merged++] = start;
            }

            _runs.RemoveRange(merged, _runs.Count - merged);
            (_waiting, _scratch) = (_scratch, _waiting);
        }
    }

    /// <summary>Merges two neighbouring runs of <see cref="_waiting"/> into <see cref="_scratch"/>.</summary>
    private void Merge(int start, int middle, int end)
    {
        int left = start;
        int right = middle;
        for (int to = start; to < end; to++)
        {
            bool takeLeft = left < middle && (right >= end || _waiting[left].Time <= _waiting[right].Time);
            _scratch[to] = _waiting[takeLeft ? left++ : right++];
        }
    }

    /// <summary>
    /// A waiting record: few bytes, since sorting moves these. <see cref="Limits.SorterBytes"/> are fewer chunks, and
    /// <see cref="Limits.EventAttrs"/> fewer events, than 16 bits count.
    /// </summary>
    private readonly record struct Entry(ulong Time, ulong Offset, int Start, ushort Chunk, ushort Event);
}
