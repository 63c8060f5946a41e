using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// One pass over a recording's records: decompresses, finds each record's event and time, sorts, and hands on.
/// </summary>
internal sealed class RecordWalk<TSink>
    where TSink : IRecordSink
{
    /// <summary>Many times the largest record (64 KiB); what a hostile stream inflates to passes through it in pieces.</summary>
    private const int InflatedBytes = 1 << 20;

    private readonly string _source;
    private readonly RecordingDescription _description;
    private readonly RecordingLog _log;
    private readonly GuardedSink _sink;
    private readonly RoundSorter _sorter;
    private readonly IRecordDecompressor? _decompressor;

    /// <summary>
    /// True if records have times to sort by. Without sample_id_all only samples have one, and sorted among
    /// themselves they would leave their mappings behind: such a recording is taken as it stands, as perf does.
    /// </summary>
    private readonly bool _isOrdered;

    /// <summary>Decompressed bytes up to <see cref="_inflatedCount"/>: the begin of a record whose rest is to come.</summary>
    private byte[] _inflated = [];
    private int _inflatedCount;
    private bool _compressionFailed;

    public RecordWalk(
        string source,
        RecordingDescription description,
        RecordingLog log,
        IRecordDecompressor? decompressor,
        TSink sink)
    {
        _source = source;
        _description = description;
        _log = log;
        _decompressor = decompressor;
        _sink = new GuardedSink(sink, log);
        _sorter = new RoundSorter(source);
        _isOrdered = description.Events.Events[0].Layout.TrailerTime > 0;
    }

    /// <summary>Walks <paramref name="stream"/> to its end.</summary>
    public void Run(RecordStream stream)
    {
        while (stream.TryPeek(out var record))
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

            stream.Advance((ulong)record.Bytes.Length);
            stream.Advance(payload);
        }

        if (stream.Problem != null && !(stream.EndsWithinRecord && _log.IsIncomplete))
        {
            _log.Warn(stream.Problem);
        }

        if (_inflatedCount > 0 && !_compressionFailed)
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
                TakeKernelRecord(record);
                break;
        }
    }

    private void TakeKernelRecord(RecordView record)
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
            _sorter.Add(record, source, time, _sink);
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

        if (_inflated.Length == 0)
        {
            _inflated = GC.AllocateUninitializedArray<byte>(InflatedBytes);
        }

        var input = body.ReadBytes(length);
        while (true)
        {
            var room = _inflated.AsSpan(_inflatedCount);
            if (!_decompressor.TryDecompress(input, room, out int consumed, out int written)
                || (consumed == 0 && written == 0 && !input.IsEmpty))
            {
                FailCompression(record, "bytes that are no zstd stream");
                return;
            }

            input = input[consumed..];
            _inflatedCount += written;
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
        int next = 0;
        while (_inflatedCount - next >= RecordHeader.ByteCount)
        {
            int size = MemoryMarshal.Read<RecordHeader>(_inflated.AsSpan(next)).size;
            if (size < RecordHeader.ByteCount)
            {
                FailCompression(outer, $"a record of {size} bytes, less than its header");
                return false;
            }

            if (_inflatedCount - next < size)
            {
                break;
            }

            // Only the rings' contents are compressed. The place told is the compressed record's.
            var record = new RecordView(_inflated.AsSpan(next, size), _source, outer.Offset);
            _log.Count(record.Type);
            if (record.Type < RecordType.PERF_RECORD_HEADER_ATTR)
            {
                TakeKernelRecord(record);
            }

            next += size;
        }

        _inflated.AsSpan(next, _inflatedCount - next).CopyTo(_inflated);
        _inflatedCount -= next;
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
