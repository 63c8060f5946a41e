using System.Runtime.InteropServices;
using System.Text;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Tests.PerfData;

/// <summary>
/// Lays out perf.data files byte by byte, well-formed ones and others: independent of the product's writer, so that a
/// mistake there cannot hide itself.
/// </summary>
internal sealed class PerfDataBuilder
{
    public const int HeaderBytes = 104;

    private readonly List<(PerfEventAttr Attr, ulong[] Ids)> _events = [];
    private readonly SortedDictionary<int, byte[]> _features = [];
    private readonly ByteWriter _data = new();
    private int _attrSize = 128;
    private ulong? _dataSize;

    public const SampleFormat DefaultSampleType =
        SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_TID | SampleFormat.PERF_SAMPLE_TIME;

    /// <summary>Bytes of records so far.</summary>
    public int DataBytes => _data.Length;

    /// <summary>Where the records begin in the file form.</summary>
    public int DataOffset => HeaderBytes + _events.Sum(e => e.Ids.Length * 8) + _events.Count * (_attrSize + 16);

    /// <summary>Bytes of an attr, the kernel's of the day: 64 in 2.6.31, 128 in 6.1; for the events that follow.</summary>
    public PerfDataBuilder AttrSize(int size)
    {
        _attrSize = size;
        return this;
    }

    public PerfDataBuilder Event(PerfEventAttr attr, params ulong[] ids)
    {
        if (attr.size == 0)
        {
            attr.size = (uint)_attrSize;
        }

        _events.Add((attr, ids));
        return this;
    }

    /// <summary>An event of cpu-clock with sample_id_all.</summary>
    public PerfDataBuilder Event(SampleFormat sampleType = DefaultSampleType, params ulong[] ids) => Event(
        new PerfEventAttr
        {
            type = PerfEventKind.PERF_TYPE_SOFTWARE,
            sample_type = sampleType,
            flags = AttrFlags.sample_id_all | AttrFlags.exclude_guest,
        },
        ids);

    /// <summary>Any record; the body is brought to a multiple of 8.</summary>
    public PerfDataBuilder Record(RecordType type, ReadOnlySpan<byte> body, RecordMisc misc = 0)
    {
        int size = RecordHeader.ByteCount + ((body.Length + 7) & ~7);
        _data.WriteUInt32((uint)type);
        _data.WriteUInt16((ushort)misc);
        _data.WriteUInt16((ushort)size);
        _data.WriteBytes(body);
        _data.WriteZeros(size - RecordHeader.ByteCount - body.Length);
        return this;
    }

    public PerfDataBuilder Record(RecordType type, params ulong[] body) => Record(type, MemoryMarshal.AsBytes(body.AsSpan()));

    /// <summary>A COMPRESSED record, the one type whose size counts every byte and no padding.</summary>
    public PerfDataBuilder Compressed(ReadOnlySpan<byte> piece)
    {
        _data.WriteUInt32((uint)RecordType.PERF_RECORD_COMPRESSED);
        _data.WriteUInt16(0);
        _data.WriteUInt16((ushort)(RecordHeader.ByteCount + piece.Length));
        return Raw(piece);
    }

    public PerfDataBuilder Round() => Record(RecordType.PERF_RECORD_FINISHED_ROUND);

    /// <summary>A sample of <see cref="DefaultSampleType"/>, with more fields where the first event has them.</summary>
    public PerfDataBuilder Sample(ulong time, ulong id = 0, ulong ip = 0x1000, int pid = 1, params ulong[] chain)
    {
        var sampleType = _events[0].Attr.sample_type;
        var body = new ByteWriter();
        Put(SampleFormat.PERF_SAMPLE_IDENTIFIER, id);
        Put(SampleFormat.PERF_SAMPLE_IP, ip);
        Put(SampleFormat.PERF_SAMPLE_TID, (uint)pid | (ulong)pid << 32);
        Put(SampleFormat.PERF_SAMPLE_TIME, time);
        Put(SampleFormat.PERF_SAMPLE_ID, id);
        Put(SampleFormat.PERF_SAMPLE_CPU, 0);
        Put(SampleFormat.PERF_SAMPLE_PERIOD, 1);
        if ((sampleType & SampleFormat.PERF_SAMPLE_CALLCHAIN) != 0)
        {
            body.WriteUInt64((ulong)chain.Length);
            body.WriteBytes(MemoryMarshal.AsBytes(chain.AsSpan()));
        }

        return Record(RecordType.PERF_RECORD_SAMPLE, body.Written, RecordMisc.PERF_RECORD_MISC_USER);

        void Put(SampleFormat field, ulong value)
        {
            if ((sampleType & field) != 0)
            {
                body.WriteUInt64(value);
            }
        }
    }

    /// <summary>A COMM record with a trailer of <see cref="DefaultSampleType"/>, if the first event asks for one.</summary>
    public PerfDataBuilder Comm(ulong time, string name, int pid = 1, ulong id = 0)
    {
        var (attr, _) = _events[0];
        var body = new ByteWriter();
        body.WriteInt32(pid);
        body.WriteInt32(pid);
        body.WriteBytes(Encoding.UTF8.GetBytes(name));
        body.WriteByte(0);
        body.Align(8);
        if ((attr.flags & AttrFlags.sample_id_all) != 0)
        {
            body.WriteInt32(pid);
            body.WriteInt32(pid);
            body.WriteUInt64(time);
            if ((attr.sample_type & (SampleFormat.PERF_SAMPLE_ID | SampleFormat.PERF_SAMPLE_IDENTIFIER)) != 0)
            {
                body.WriteUInt64(id);
            }
        }

        return Record(RecordType.PERF_RECORD_COMM, body.Written);
    }

    /// <summary>Bytes that are no record: payloads, or the garbage of a broken file.</summary>
    public PerfDataBuilder Raw(ReadOnlySpan<byte> bytes)
    {
        _data.WriteBytes(bytes);
        return this;
    }

    public PerfDataBuilder Feature(HeaderFeature feature, params byte[] bytes)
    {
        _features[(int)feature] = bytes;
        return this;
    }

    /// <summary>A text as the header has it: room, text, zero.</summary>
    public PerfDataBuilder Feature(HeaderFeature feature, string text) =>
        Feature(feature, [.. BitConverter.GetBytes(text.Length + 1), .. Encoding.UTF8.GetBytes(text), 0]);

    /// <summary>What the header says about the records' size, if not the truth; 0 is an unfinished recording.</summary>
    public PerfDataBuilder DataSize(ulong size)
    {
        _dataSize = size;
        return this;
    }

    /// <summary>Header, ids, attrs, records, features.</summary>
    public byte[] File()
    {
        var file = new ByteWriter();
        int idBytes = _events.Sum(e => e.Ids.Length * 8);
        file.WriteBytes("PERFILE2"u8);
        file.WriteUInt64(HeaderBytes);
        file.WriteUInt64((ulong)_attrSize + 16);
        Section(HeaderBytes + idBytes, _events.Count * (_attrSize + 16));
        file.WriteUInt64((ulong)DataOffset);
        file.WriteUInt64(_dataSize ?? (ulong)_data.Length);
        Section(0, 0);
        var bitmap = new byte[32];
        foreach (int bit in _features.Keys)
        {
            bitmap[bit / 8] |= (byte)(1 << (bit % 8));
        }

        file.WriteBytes(bitmap);
        foreach (ulong id in _events.SelectMany(e => e.Ids))
        {
            file.WriteUInt64(id);
        }

        int idsAt = HeaderBytes;
        foreach (var (attr, ids) in _events)
        {
            WriteAttr(file, attr);
            Section(idsAt, ids.Length * 8);
            idsAt += ids.Length * 8;
        }

        file.WriteBytes(_data.Written);
        int featureAt = file.Length + _features.Count * 16;
        foreach (byte[] bytes in _features.Values)
        {
            Section(featureAt, bytes.Length);
            featureAt += bytes.Length;
        }

        foreach (byte[] bytes in _features.Values)
        {
            file.WriteBytes(bytes);
        }

        return file.Written.ToArray();

        void Section(int offset, int size)
        {
            file.WriteUInt64((ulong)offset);
            file.WriteUInt64((ulong)size);
        }
    }

    /// <summary>Short header, events and features as records, then the records.</summary>
    public byte[] Pipe()
    {
        var records = new PerfDataBuilder();
        foreach (var (attr, ids) in _events)
        {
            var body = new ByteWriter();
            WriteAttr(body, attr);
            body.WriteBytes(MemoryMarshal.AsBytes(ids.AsSpan()));
            records.Record(RecordType.PERF_RECORD_HEADER_ATTR, body.Written);
        }

        foreach (var (bit, bytes) in _features)
        {
            records.Record(RecordType.PERF_RECORD_HEADER_FEATURE, [.. BitConverter.GetBytes((ulong)bit), .. bytes]);
        }

        records.Raw(_data.Written);
        return [.. "PERFILE2"u8, .. BitConverter.GetBytes(16UL), .. records._data.Written];
    }

    public PerfDataReader OpenFile(IRecordDecompressor? decompressor = null) =>
        PerfDataReader.Open(new MemorySource(File(), "test"), decompressor);

    public PerfDataReader OpenPipe() => PerfDataReader.OpenPipe(new MemoryStream(Pipe()), "test");

    private void WriteAttr(ByteWriter to, PerfEventAttr attr)
    {
        // A newer kernel's attr has fields behind those that are known; their bytes must not matter.
        var bytes = new byte[Math.Max(_attrSize, PerfEventAttr.CurrentSize)];
        bytes.AsSpan().Fill(0xff);
        MemoryMarshal.Write(bytes, attr);
        to.WriteBytes(bytes.AsSpan(0, _attrSize));
    }
}
