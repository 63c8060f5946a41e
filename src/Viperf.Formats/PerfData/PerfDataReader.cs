using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Reads a perf.data recording, in the file form or in the pipe form (<c>perf record -o -</c>). What is wrong with one
/// record costs that record: it is counted, and <see cref="Warnings"/> says what happened.
/// </summary>
public sealed class PerfDataReader : IDisposable
{
    private readonly ByteSource _source;
    private readonly IRecordDecompressor? _decompressor;
    private readonly FileHeader _header;
    private readonly RecordingDescription _description = new();
    private readonly RecordingLog _log = new();

    /// <summary>Where the records begin and end in the source.</summary>
    private ulong _dataStart;
    private ulong _dataEnd;

    /// <summary>The walk whose first records the pipe form's start has used up; null for later walks.</summary>
    private RecordStream? _begun;

    /// <summary>The last walk.</summary>
    private volatile RecordStream? _walk;

    private PerfDataReader(ByteSource source, IRecordDecompressor? decompressor, FileHeader header)
    {
        _source = source;
        _decompressor = decompressor;
        _header = header;
    }

    /// <summary>The events, in the order of their attrs; at least one.</summary>
    public IReadOnlyList<EventDescription> Events => _description.Events.Events;

    /// <summary>What the recorder noted about machine and recording.</summary>
    public HeaderFeatures Features => _description.Features;

    /// <summary>What is wrong with the recording, one line each, for the user; complete after <see cref="ReadAll"/>.</summary>
    public IReadOnlyList<string> Warnings => _log.Warnings;

    /// <summary>Records that could not be read, by this reader or by the sink.</summary>
    public ulong BadRecords => _log.BadRecords;

    /// <summary>Samples of an event that the file does not describe; the sink does not see them.</summary>
    public ulong UnknownEvents => _log.UnknownEvents;

    /// <summary>Records by the number of their type; complete after <see cref="ReadAll"/>.</summary>
    public IReadOnlyList<ulong> Records => _log.Records;

    /// <summary>True for the pipe form, which has no sections: the places below are 0.</summary>
    public bool IsPipe => _header.IsPipe;

    /// <summary>Where the records begin in the file, as its header says.</summary>
    public ulong DataOffset => _header.Data.Offset;

    /// <summary>Bytes of records, as the file's header says; 0 if the recorder did not finish.</summary>
    public ulong DataSize => _header.Data.Size;

    /// <summary>
    /// The part of the records that <see cref="ReadAll"/> has read, from 0 to 1; null where nobody knows the end. Other threads may
    /// ask while it reads.
    /// </summary>
    public double? ShareRead => _source is ForwardSource || _walk is not { } walk || walk.End <= _dataStart ? null
        : Math.Min(1, (double)(walk.Offset - _dataStart) / (walk.End - _dataStart));

    /// <summary>Opens a recording of either form.</summary>
    /// <param name="source">The file; disposed of with the reader, or at once where there comes none, if it is disposable.</param>
    /// <param name="decompressor">For recordings of <c>perf record -z</c>; disposed of as the source is.</param>
    /// <exception cref="ParseException">This is no recording, or none that is read, or one without events.</exception>
    public static PerfDataReader Open(ByteSource source, IRecordDecompressor? decompressor = null)
    {
        try
        {
            var reader = new PerfDataReader(source, decompressor, FileHeader.Read(source));
            reader.ReadStart();
            return reader;
        }
        catch
        {
            decompressor?.Dispose();
            (source as IDisposable)?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a recording of the pipe form while it is written.</summary>
    /// <param name="stream">Read from front to back; disposed of with the reader, or at once where there comes none.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="decompressor">For recordings of <c>perf record -z</c>; disposed of as the stream is.</param>
    /// <exception cref="ParseException">This is no recording in pipe form, or one without events.</exception>
    public static PerfDataReader OpenPipe(Stream stream, string name, IRecordDecompressor? decompressor = null) =>
        Open(new ForwardSource(stream, name), decompressor);

    /// <summary>
    /// Hands every record to <paramref name="sink"/>: the kernel's in the order of their times, perf's own (ID_INDEX,
    /// THREAD_MAP and so on, with time 0) where they stand. Those that only describe the recording are taken here. A
    /// <see cref="ParseException"/> of the sink costs the record that caused it.
    /// </summary>
    /// <remarks>A stream can be read once, a file as often as one likes.</remarks>
    /// <exception cref="InvalidOperationException">The stream was read before.</exception>
    public void ReadAll<TSink>(TSink sink)
        where TSink : IRecordSink
    {
        if (_begun == null && _source is ForwardSource)
        {
            throw new InvalidOperationException("A pipe can be read only once.");
        }

        var stream = _begun ?? new RecordStream(_source, _dataStart, _dataEnd);
        _begun = null;
        _walk = stream;
        _log.Restart();
        _decompressor?.Reset();
        new RecordWalk<TSink>(stream, _source.Name, _description, _log, _decompressor, sink).Run();
        _description.IsOpen = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decompressor?.Dispose();
        (_source as IDisposable)?.Dispose();
    }

    private void ReadStart()
    {
        if (IsPipe)
        {
            ReadPipeStart();
        }
        else if (_source is ForwardSource)
        {
            ParseException.Throw("a recording in file form cannot be read from a pipe; name the file", _source.Name, 0);
        }
        else
        {
            ReadFileStart();
        }

        if (Events.Count == 0)
        {
            ParseException.Throw("no event is described", _source.Name, 0);
        }

        _description.HasAllEvents = true;
    }

    /// <summary>Takes the records before the first that tells what happened, so that <see cref="Events"/> is known.</summary>
    private void ReadPipeStart()
    {
        _dataStart = FileHeader.PipeFormByteCount;
        _dataEnd = _source.Length;
        _begun = new RecordStream(_source, _dataStart, _dataEnd);
        while (_begun.TryPeek(out var record))
        {
            ulong payload = 0;
            try
            {
                payload = RecordingDescription.PayloadOf(record);
                if (!_description.TryTake(record))
                {
                    break;
                }
            }
            catch (ParseException problem)
            {
                _log.Warn(problem.Message);
            }

            _log.CountStart(record.Type);
            _begun.Advance((ulong)record.Bytes.Length);
            _begun.Advance(payload);
        }

        // A later walk over a file begins with the records that this one takes next.
        _dataStart = _begun.Offset;
    }

    private void ReadFileStart()
    {
        ReadAttrs();
        _dataStart = _header.Data.Offset;
        ulong length = _source.Length;
        if (_dataStart > length)
        {
            ParseException.Throw($"records announced beyond the end at 0x{length:x}", _source.Name, _dataStart);
        }

        if (_header.Data.Size == 0)
        {
            _dataEnd = length;
            _log.WarnOfMissingEnd($"{_source.Name}: the recorder did not finish (data size is 0); reading up to the file's end");
            return;
        }

        if (_header.Data.Size > length - _dataStart)
        {
            _dataEnd = length;
            _log.WarnOfMissingEnd(
                $"{_source.Name}: cut short: {_header.Data.Size} bytes of records announced, {length - _dataStart} left");
            return;
        }

        _dataEnd = _dataStart + _header.Data.Size;
        ReadFeatures();
        _description.NameEvents();
    }

    private void ReadAttrs()
    {
        var section = _header.Attrs;
        if (_header.AttrSize < PerfEventAttr.MinimumSize + FileSection.ByteCount || section.Size < _header.AttrSize)
        {
            ParseException.Throw(
                $"event attributes of {_header.AttrSize} bytes in {section.Size}", _source.Name, section.Offset);
        }

        ulong count = section.Size / _header.AttrSize;
        var bytes = _source.Slice(section.Offset, count * _header.AttrSize, Limits.FeatureBytes);
        var reader = new ByteReader(bytes.Span, _source.Name, section.Offset);
        for (ulong i = 0; i < count; i++)
        {
            ulong offset = reader.Offset;
            var attr = AttrCodec.Read(ref reader, _header.AttrSize - FileSection.ByteCount, out var attrBytes);
            var ids = FileSection.Read(ref reader);
            _description.Events.Add(attr, attrBytes, ReadIds(ids), _source.Name, offset);
        }
    }

    /// <summary>An event's ids; none where the section is bad, which matters only if there are more events.</summary>
    private ReadOnlySpan<ulong> ReadIds(FileSection section)
    {
        try
        {
            ulong whole = section.Size & ~(sizeof(ulong) - 1UL);
            return MemoryMarshal.Cast<byte, ulong>(
                _source.Slice(section.Offset, whole, Limits.SampleIds * sizeof(ulong)).Span);
        }
        catch (ParseException problem)
        {
            _log.Warn("sample ids: " + problem.Message);
            return [];
        }
    }

    private void ReadFeatures()
    {
        ulong at = _dataEnd;
        foreach (var feature in _header.Features)
        {
            try
            {
                var row = new ByteReader(
                    _source.Slice(at, FileSection.ByteCount, FileSection.ByteCount).Span, _source.Name, at);
                var section = FileSection.Read(ref row);
                var bytes = _source.Slice(section.Offset, section.Size, Limits.FeatureBytes);
                Features.Add(feature, bytes, _source.Name, section.Offset);
            }
            catch (ParseException problem)
            {
                _log.Warn($"header feature {feature}: {problem.Message}");
            }

            at += FileSection.ByteCount;
        }
    }
}
