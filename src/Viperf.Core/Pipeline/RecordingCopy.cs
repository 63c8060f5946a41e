using Viperf.Core.Recording;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>
/// A recording that is written from another one, with its events and header features. Records come in the order of time, so
/// it has no rounds; what was compressed is not any more.
/// </summary>
internal sealed class RecordingCopy : IRecordSink, IDisposable
{
    /// <summary>Bytes of records that are written at once.</summary>
    private const int BufferBytes = 1 << 18;

    /// <summary>PATH_MAX: no file that was mapped has a longer name.</summary>
    private const int LongestPath = 4096;

    private readonly PerfDataReader _reader;
    private readonly IReadOnlyList<EventDescription> _events;
    private readonly OutputFile _file;
    private readonly PerfDataWriter _writer;
    private readonly ByteWriter _buffer = new();

    private RecordingCopy(
        PerfDataReader reader, IReadOnlyList<EventDescription> events, OutputFile file, PerfDataWriter writer)
    {
        _reader = reader;
        _events = events;
        _file = file;
        _writer = writer;
    }

    /// <summary>True if the recording has traces of the AUX area (Intel PT and the like), which are not carried over.</summary>
    public bool LacksTraces { get; private set; }

    /// <summary>Begins the copy of a recording that was opened.</summary>
    /// <param name="reader">The recording.</param>
    /// <param name="events">Its events as the copy has them: the recording's own, or what describes the samples that it gets.</param>
    /// <param name="path">Where to.</param>
    /// <exception cref="UserErrorException">It cannot be written there, or has no place in the form that is wanted.</exception>
    public static RecordingCopy Create(PerfDataReader reader, IReadOnlyList<EventDescription> events, string path)
    {
        var file = OutputFile.Create(path);
        try
        {
            PerfDataWriter? writer = null;
            file.Write(() => writer = file.IsPipe
                ? PerfDataWriter.CreatePipe(file.Stream, events, Features(reader, events))
                : PerfDataWriter.CreateFile(file.Stream, events));
            return new RecordingCopy(reader, events, file, writer!);
        }
        catch (ArgumentException problem)
        {
            file.Dispose();
            throw new UserErrorException($"the recording cannot be copied to {path}: {problem.Message}");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void OnRecord(RecordView record, EventDescription source, ulong time)
    {
        if (record.Type is RecordType.PERF_RECORD_AUXTRACE_INFO or RecordType.PERF_RECORD_AUXTRACE_ERROR)
        {
            LacksTraces = true;
            return;
        }

        Write(record.Bytes);
    }

    /// <summary>Adds a record.</summary>
    public void Write(ReadOnlySpan<byte> record)
    {
        _buffer.WriteBytes(record);
        if (_buffer.Length >= BufferBytes)
        {
            Flush();
        }
    }

    /// <summary>Ends the copy; without this, nothing is left of a file. The recording must have been read to its end.</summary>
    public void Finish()
    {
        Flush();
        _file.Write(() => _writer.Finish(Features(_reader, _events)));
        _file.Keep();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        _file.Write(() => _writer.Write(_buffer.Written));
        _buffer.Clear();
    }

    /// <summary>
    /// The recording's features byte for byte, but for those that tell of the file itself, and of events where the copy has others.
    /// </summary>
    private static FeatureWriter Features(PerfDataReader reader, IReadOnlyList<EventDescription> events)
    {
        var features = new FeatureWriter();
        foreach (var (feature, section) in reader.Features.Sections)
        {
            if (feature is not (HeaderFeature.COMPRESSED or HeaderFeature.AUXTRACE))
            {
                features.SetSection(feature, section);
            }
        }

        bool describesOthers = features.Sections.ContainsKey(HeaderFeature.EVENT_DESC) && !ReferenceEquals(events, reader.Events);
        if (reader.IsPipe || describesOthers)
        {
            features.SetEvents(events);
        }

        if (reader.IsPipe)
        {
            features.SetBuildIds(reader.Features.BuildIds.Where(entry => entry.FileName.Length <= LongestPath));
        }

        return features;
    }
}
