using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Writes a perf.data recording, in the file form or in the pipe form. A file is readable at any moment: what is in
/// it already counts even if the recorder is killed before <see cref="Finish"/>.
/// </summary>
/// <remarks>
/// Attrs are written as long as their <c>size</c> says. perf refuses attrs that are longer than its own struct, so a
/// recorder that uses none of the newer fields does well to say 128 (PERF_ATTR_SIZE_VER7).
/// </remarks>
public sealed class PerfDataWriter
{
    private readonly Stream _stream;

    /// <summary>What the file begins with until it is finished; null in the pipe form.</summary>
    private readonly FileHeader? _header;

    /// <summary>True if the pipe form began with build-ids.</summary>
    private bool _hasBuildIds;

    private PerfDataWriter(Stream stream, FileHeader? header)
    {
        _stream = stream;
        _header = header;
    }

    /// <summary>Bytes of records written so far.</summary>
    public ulong DataBytes { get; private set; }

    /// <summary>Begins a recording in file form: header, ids and attrs are written at once.</summary>
    /// <param name="stream">An empty, seekable stream without a buffer of its own, which the caller closes.</param>
    /// <param name="events">The events with their ids; all attrs have one <c>size</c>.</param>
    /// <exception cref="ArgumentException">The stream cannot seek, or the attrs' sizes differ.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static PerfDataWriter CreateFile(Stream stream, IReadOnlyList<EventDescription> events)
    {
        if (!stream.CanSeek)
        {
            throw new ArgumentException("The file form needs a stream that can seek.", nameof(stream));
        }

        int attrSize = AttrCodec.CommonSize(events) + FileSection.ByteCount;
        ulong idCount = (ulong)events.Sum(e => (long)e.Ids.Count);
        ulong attrsOffset = FileHeader.FileFormByteCount + idCount * sizeof(ulong);
        var attrs = new FileSection(attrsOffset, (ulong)events.Count * (ulong)attrSize);
        var header = new FileHeader(
            FileHeader.FileFormByteCount,
            (ulong)attrSize,
            attrs,
            new FileSection(attrs.Offset + attrs.Size, 0),
            []);

        var start = new ByteWriter();
        header.Write(start);
        foreach (ulong id in events.SelectMany(e => e.Ids))
        {
            start.WriteUInt64(id);
        }

        ulong idsOffset = FileHeader.FileFormByteCount;
        foreach (var described in events)
        {
            AttrCodec.Write(start, described);
            var ids = new FileSection(idsOffset, (ulong)described.Ids.Count * sizeof(ulong));
            ids.Write(start);
            idsOffset += ids.Size;
        }

        stream.Write(start.Written);
        return new PerfDataWriter(stream, header);
    }

    /// <summary>Begins a recording in pipe form, whose events and features are records at its start.</summary>
    /// <param name="stream">Any stream without a buffer of its own, which the caller closes.</param>
    /// <param name="events">The events with their ids; all attrs have one <c>size</c>.</param>
    /// <param name="features">What is known before the first sample; a pipe has no place for the rest.</param>
    /// <exception cref="ArgumentException">The attrs' sizes differ, or a feature is longer than a record.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static PerfDataWriter CreatePipe(
        Stream stream, IReadOnlyList<EventDescription> events, FeatureWriter features)
    {
        AttrCodec.CommonSize(events);
        var start = new ByteWriter();
        start.WriteUInt64(FileHeader.Magic);
        start.WriteUInt64(FileHeader.PipeFormByteCount);
        DescriptionRecords.Write(start, events, features);
        stream.Write(start.Written);
        return new PerfDataWriter(stream, header: null)
        {
            _hasBuildIds = features.Sections.ContainsKey(HeaderFeature.BUILD_ID),
        };
    }

    /// <summary>Writes whole records, any number of them, in one call to the stream.</summary>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> records)
    {
        _stream.Write(records);
        DataBytes += (ulong)records.Length;
    }

    /// <summary>
    /// Ends the recording: writes the features behind the records, and then the header that tells of them. The pipe form
    /// gets the build-ids, if it did not begin with them.
    /// </summary>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Finish(FeatureWriter features)
    {
        if (_header == null)
        {
            FinishPipe(features);
            return;
        }

        var header = _header with { Data = _header.Data with { Size = DataBytes } };
        _stream.Write(EndOf(header, features));
        WriteStart(_stream, header with { Features = [.. features.Sections.Keys] });
        _stream.Position = _stream.Length;
    }

    /// <summary>
    /// Gives a finished recording in file form other header features. Where they cannot be written (a full disk), it keeps those
    /// that it had; should it be cut off, the recording is there, without any.
    /// </summary>
    /// <param name="stream">The file, which can seek, be read and written.</param>
    /// <param name="source">The same file.</param>
    /// <param name="features">All features that it is to have.</param>
    /// <exception cref="ParseException">It is no finished recording in file form.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static void ReplaceFeatures(Stream stream, ByteSource source, FeatureWriter features)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(features);
        var header = FileHeader.Read(source);
        ulong end = header.Data.Offset + header.Data.Size;
        if (header.IsPipe)
        {
            ParseException.Throw("in pipe form, which has no room for other header features", source.Name, 0);
        }

        if (header.Data.Size == 0 || end < header.Data.Size || end > source.Length)
        {
            ParseException.Throw("cut short, or never finished", source.Name, 0);
        }

        var old = source.Slice(end, source.Length - end, Limits.FeatureBytes);
        try
        {
            ReplaceEnd(stream, header, EndOf(header, features), [.. features.Sections.Keys]);
        }
        catch (IOException)
        {
            stream.SetLength((long)end + old.Length); // first: a full disk still has the old end's place
            ReplaceEnd(stream, header, old.Span, header.Features);
            throw;
        }
    }

    /// <summary>Replaces what lies behind the records; meanwhile the header tells of no features.</summary>
    private static void ReplaceEnd(Stream stream, FileHeader header, ReadOnlySpan<byte> end, IReadOnlyList<HeaderFeature> features)
    {
        WriteStart(stream, header with { Features = [] });
        stream.Position = (long)(header.Data.Offset + header.Data.Size);
        stream.Write(end);
        stream.SetLength(stream.Position);
        WriteStart(stream, header with { Features = features });
    }

    /// <summary>What lies behind the records: where each feature is, and the features.</summary>
    private static ReadOnlySpan<byte> EndOf(FileHeader header, FeatureWriter features)
    {
        ulong offset = header.Data.Offset + header.Data.Size + (ulong)features.Sections.Count * FileSection.ByteCount;
        var end = new ByteWriter();
        foreach (var section in features.Sections.Values)
        {
            var place = new FileSection(offset, (ulong)section.Length);
            place.Write(end);
            offset += place.Size;
        }

        foreach (var section in features.Sections.Values)
        {
            end.WriteBytes(section.Span);
        }

        return end.Written;
    }

    private static void WriteStart(Stream stream, FileHeader header)
    {
        var start = new ByteWriter();
        header.Write(start);
        stream.Position = 0;
        stream.Write(start.Written);
    }

    private void FinishPipe(FeatureWriter features)
    {
        if (!_hasBuildIds && features.Sections.TryGetValue(HeaderFeature.BUILD_ID, out var section))
        {
            var end = new ByteWriter();
            DescriptionRecords.WriteBuildIds(end, section.Span);
            _stream.Write(end.Written);
        }
    }
}
