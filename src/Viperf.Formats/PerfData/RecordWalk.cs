using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// One pass over a recording's records: decompresses, finds each record's event and time, sorts, and hands on.
/// </summary>
internal sealed class RecordWalk<TSink>
    where TSink : IRecordSink
{
    private readonly string _source;
    private readonly RecordingDescription _description;
    private readonly RecordingLog _log;
    private readonly GuardedSink _sink;
    private readonly RecordStream _stream;
    private readonly RecordChunks _chunks;
    private readonly RoundSorter _sorter;
    private readonly IRecordDecompressor? _decompressor;

    /// <summary>
    /// True if records have times to sort by. Without sample_id_all only samples have one, and sorted among
    /// themselves they would leave their mappings behind: such a recording is taken as it stands, as perf does.
    /// </summary>
    private readonly bool _isOrdered;

    /// <summary>
    /// The chunk of decompressed bytes, -1 without any: from <see cref="_inflatedStart"/> up to <see cref="_inflatedEnd"/>
    /// there is the begin of a record whose rest is to come. What a hostile stream inflates to passes in pieces.
    /// </summary>
    private int _inflated = -1;
    private int _inflatedStart;
    private int _inflatedEnd;
    private bool _compressionFailed;

    public RecordWalk(
        RecordStream stream,
        string source,
        RecordingDescription description,
        RecordingLog log,
        IRecordDecompressor? decompressor,
        TSink sink)
    {
        _stream = stream;
        _chunks = stream.Chunks;
        _source = source;
        _description = description;
        _log = log;
        _decompressor = decompressor;
        _sink = new GuardedSink(sink, log);
        _sorter = new RoundSorter(source, _chunks);
        _isOrdered = description.Events.Events[0].Layout.TrailerTime > 0;
    }

    /// <summary>Walks the stream to its end.</summary>
    public void Run()
    {
        while (_stream.TryPeek(out var record))
        {
            ulong payload = 0;
            _log.Count(record.Type);
            try
            {
                payload = RecordingDescription.PayloadOf(record);
                if (!_description.TryTake(record))
                {
                    Take(record);
                }
            }
            catch (ParseException problem)
            {
                _log.BadRecord(problem);
            }

            _stream.Advance((ulong)record.Bytes.Length);
            _stream.Advance(payload);
        }

        if (_stream.Problem != null && !(_stream.EndsWithinRecord && _log.IsIncomplete))
        {
            _log.Warn(_stream.Problem);
        }

        if (_inflatedEnd > _inflatedStart && !_compressionFailed)
        {
            _log.Warn($"{_source}: cut short: the last compressed record ends within a record");
        }

        _sorter.Finish(_sink);
        SayCounts();
    }

    private void Take(RecordView record)
    {
        switch (record.Type)
        {
            case RecordType.PERF_RECORD_FINISHED_ROUND:
                _sorter.FinishRound(_sink);
                break;
            case RecordType.PERF_RECORD_COMPRESSED:
            case RecordType.PERF_RECORD_COMPRESSED2:
                Inflate(record);
                break;
            case >= RecordType.PERF_RECORD_HEADER_ATTR:
                _sink.OnRecord(record, _description.Events.Events[0], 0);
                break;
            default:
                TakeKernelRecord(record, _stream.Chunk, _stream.Start);
                break;
        }
    }

    private void TakeKernelRecord(RecordView record, int chunk, int start)
    {
        var source = _description.Events.Of(record);
        if (source == null)
        {
            _log.UnknownEvents++;
            return;
        }

        ulong time = record.Time(source.Layout);
        if (_isOrdered)
        {
            _sorter.Add(record, chunk, start, source, time, _sink);
        }
        else
        {
            _sink.OnRecord(record, source, time);
        }
    }

    private void Inflate(RecordView record)
    {
        var body = record.Body();
        int length = body.Remaining;
        if (record.Type == RecordType.PERF_RECORD_COMPRESSED2)
        {
            // The size without the padding that brings the record to a multiple of 8.
            ulong announced = body.ReadUInt64();
            if (announced > (ulong)body.Remaining)
            {
                body.Fail($"{announced} compressed bytes announced, {body.Remaining} left");
            }

            length = (int)announced;
        }

        if (_decompressor == null || _compressionFailed)
        {
            _log.LostCompressed++;
            return;
        }

        if (_inflated < 0)
        {
            _inflated = _chunks.Take();
        }

        var input = body.ReadBytes(length);
        while (true)
        {
            _chunks.MakeRoom(ref _inflated, ref _inflatedStart, ref _inflatedEnd);
            var room = _chunks[_inflated].AsSpan(_inflatedEnd);
            if (!_decompressor.TryDecompress(input, room, out int consumed, out int written)
                || (consumed == 0 && written == 0 && !input.IsEmpty))
            {
                FailCompression(record, "bytes that are no zstd stream");
                return;
            }

            input = input[consumed..];
            _inflatedEnd += written;
            if (!TakeInflated(record))
            {
                return;
            }

            if (input.IsEmpty && written < room.Length)
            {
                return;
            }
        }
    }

    /// <summary>Takes the whole records among the decompressed bytes and keeps the rest; false after a failure.</summary>
    private bool TakeInflated(RecordView outer)
    {
        while (_inflatedEnd - _inflatedStart >= RecordHeader.ByteCount)
        {
            var bytes = _chunks[_inflated].AsSpan(_inflatedStart, _inflatedEnd - _inflatedStart);
            int size = MemoryMarshal.Read<RecordHeader>(bytes).size;
            if (size < RecordHeader.ByteCount)
            {
                FailCompression(outer, $"a record of {size} bytes, less than its header");
                return false;
            }

            if (bytes.Length < size)
            {
                break;
            }

            // Only the rings' contents are compressed. The place told is the compressed record's.
            var record = new RecordView(bytes[..size], _source, outer.Offset);
            _log.Count(record.Type);
            if (record.Type < RecordType.PERF_RECORD_HEADER_ATTR)
            {
                TakeKernelRecord(record, _inflated, _inflatedStart);
            }

            _inflatedStart += size;
        }

        return true;
    }

    private void FailCompression(RecordView record, string problem)
    {
        // The stream has no places to start anew: all that follows is lost.
        _compressionFailed = true;
        _log.LostCompressed++;
        _log.Warn($"{_source}: compressed record holds {problem} (at offset 0x{record.Offset:x})");
    }

    private void SayCounts()
    {
        if (_log.LostCompressed > 0)
        {
            _log.Warn($"{_source}: {_log.LostCompressed} compressed records could not be read");
        }

        if (_log.BadRecords > 0)
        {
            _log.Warn($"{_source}: {_log.BadRecords} bad records left out");
        }

        if (_log.UnknownEvents > 0)
        {
            _log.Warn($"{_source}: {_log.UnknownEvents} samples of events that the file does not describe left out");
        }

        if (_sorter.OutOfOrder > 0)
        {
            _log.Warn($"{_source}: {_sorter.OutOfOrder} records came too late to be put in order of time");
        }
    }

    /// <summary>The user's sink, kept from ending the run over one record.</summary>
    private readonly struct GuardedSink(TSink sink, RecordingLog log) : IRecordSink
    {
        public void OnRecord(RecordView record, EventDescription source, ulong time)
        {
            try
            {
                sink.OnRecord(record, source, time);
            }
            catch (ParseException problem)
            {
                log.BadRecord(problem);
            }
        }
    }
}
