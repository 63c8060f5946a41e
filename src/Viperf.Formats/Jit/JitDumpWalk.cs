using System.Buffers;
using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Jit;

/// <summary>A record as the walk found it.</summary>
internal readonly ref struct JitRecordView
{
    /// <summary>Kind, size and time.</summary>
    public JitRecordPrefix Prefix { get; init; }

    /// <summary>Of the record's first byte in the file.</summary>
    public ulong Offset { get; init; }

    /// <summary>Bytes that are the record's own; fewer than its size where it is cut.</summary>
    public ulong Intact { get; init; }

    /// <summary>The first of these bytes: all fields and the name, not the code.</summary>
    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>True if bytes before this record belong to none that was whole.</summary>
    public bool FollowsLoss { get; init; }

    /// <summary>True if the file ends inside: the rest may still be written, and then the record comes once more.</summary>
    public bool IsUnfinished { get; init; }

    /// <summary>True if another record, or the file's end, lies where this one should go on.</summary>
    public bool IsCut => Intact < Prefix.Size;
}

/// <summary>
/// Walks a jitdump's records from front to back, through one buffer, and finds its way again where bytes are no
/// records'.
/// </summary>
/// <remarks>
/// <para>A process that forks with records in its buffer writes them twice, and a buffer may begin and end inside a
/// record. So a record's end may be followed by another's tail, and a record's head by a whole stream, whose first records
/// then lie where the head says that its code is.</para>
/// <para>Therefore every record is searched, byte by byte, for another that begins in it. That its end meets a record's
/// beginning would not do: sizes repeat, and so a cut record's end often does. A record that is found by such a search
/// must agree with itself in more than its first 16 bytes (<see cref="IsCertain"/>). No byte is searched twice, except
/// behind a file's last record while that is written.</para>
/// </remarks>
internal sealed class JitDumpWalk
{
    /// <summary>Takes the fields and the longest name of a record at once.</summary>
    private const int BufferBytes = 1 << 18;

    /// <summary>The bytes of a record that are handed out: its fields, its name, the name's end.</summary>
    private const int ViewBytes = JitRecordLayout.LoadName + Limits.NameBytes + 1;

    /// <summary>Bytes of a name with its end and what fills it up.</summary>
    private const int LongestName = Limits.NameBytes + JitRecordLayout.Alignment;

    /// <summary>Kinds that the format may get one day; a greater number is no record's.</summary>
    private const uint RecordTypes = 16;

    /// <summary>Records of unknown kinds in a row that are looked over to see whether they lead to a known one.</summary>
    private const int UnknownInARow = 8;

    /// <summary>The longest time between two records, where the time is what tells a record from other bytes: three
    /// days in nanoseconds, one in ticks of a fast processor.</summary>
    private const ulong LongestPause = 1UL << 48;

    private readonly ByteSource _source;
    private readonly uint _processId;
    private readonly JitDumpCounts _counts;

    /// <summary>Empty while nothing is read: many processes have a jitdump each.</summary>
    private byte[] _buffer = [];

    /// <summary>The file's offset of <c>_buffer[0]</c>, and the bytes that are in it.</summary>
    private ulong _bufferOffset;
    private int _buffered;

    /// <summary>Where the next record begins, if all is well.</summary>
    private ulong _position;

    /// <summary>The file's length when it was last asked.</summary>
    private ulong _end;

    /// <summary>The unfinished record that was handed out last; 0 for none, which is the header's place.</summary>
    private ulong _unfinished;

    /// <summary>The time of the record before; 0 before the first.</summary>
    private ulong _time;
    private bool _lost;

    public JitDumpWalk(ByteSource source, ulong start, uint processId, JitDumpCounts counts)
    {
        _source = source;
        _processId = processId;
        _counts = counts;
        _position = start;
        _end = start;
    }

    private enum Verdict
    {
        /// <summary>No record begins here.</summary>
        None,

        /// <summary>Too few bytes are there to tell.</summary>
        Unknown,

        /// <summary>A record, by its first fields, that goes beyond the file's end.</summary>
        Unfinished,

        /// <summary>A record, by its first fields.</summary>
        Record,
    }

    /// <summary>Bytes at the end that no whole record was made of.</summary>
    public ulong UnreadBytes => _end - Math.Min(_position, _end);

    /// <summary>Asks for the file's length anew; true if there are more bytes to walk than before, until
    /// <see cref="Rest"/>.</summary>
    public bool Grow()
    {
        ulong before = _end;
        _end = _source.Length;
        if (_end <= before)
        {
            return false;
        }

        _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        _buffered = 0;
        return true;
    }

    /// <summary>Gives the buffer back after a walk.</summary>
    public void Rest()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _buffered = 0;
    }

    /// <summary>The next record; false at the end of what is there.</summary>
    public bool TryNext(out JitRecordView record)
    {
        while (_position < _end)
        {
            var verdict = Judge(_position, out var prefix);
            ulong next;
            if (verdict == Verdict.Record)
            {
                ulong end = _position + prefix.Size;
                record = Take(prefix, TryFind(_position + 1, end, out next) ? next : end);
                return true;
            }

            if (TryFind(_position + 1, _end, out next))
            {
                if (verdict == Verdict.Unfinished)
                {
                    record = Take(prefix, next);
                    return true;
                }

                _counts.Gaps++;
                _counts.GapBytes += next - _position;
                _position = next;
                _lost = true;
                continue;
            }

            bool isNew = verdict == Verdict.Unfinished && _unfinished != _position;
            if (isNew)
            {
                _unfinished = _position;
            }

            record = isNew ? View(prefix, _end) : default;
            return isNew;
        }

        record = default;
        return false;
    }

    /// <summary>Hands a record out and goes on at <paramref name="next"/>, which lies behind its start.</summary>
    private JitRecordView Take(JitRecordPrefix prefix, ulong next)
    {
        var record = View(prefix, next);
        _position = next;
        _lost = record.IsCut;
        _time = prefix.Time;
        return record;
    }

    private JitRecordView View(JitRecordPrefix prefix, ulong end)
    {
        ulong intact = Math.Min(end - _position, prefix.Size);
        int wanted = (int)Math.Min(intact, ViewBytes);
        var bytes = Window(_position, wanted);
        return new JitRecordView
        {
            Prefix = prefix,
            Offset = _position,
            Intact = intact,
            Bytes = bytes[..Math.Min(bytes.Length, wanted)],
            FollowsLoss = _lost,
            IsUnfinished = end == _end && intact < prefix.Size,
        };
    }

    /// <summary>The first place from <paramref name="from"/> up, before <paramref name="to"/>, where a record begins for certain.</summary>
    private bool TryFind(ulong from, ulong to, out ulong found)
    {
        for (found = from; found < to;)
        {
            var bytes = Window(found, JitRecordLayout.LongestFixedPart);
            bytes = bytes[..(int)Math.Min((ulong)bytes.Length, _end - found)];
            if (bytes.Length < JitRecordPrefix.ByteCount)
            {
                return false;
            }

            int candidate = Candidate(bytes);
            found += (ulong)candidate;
            if (candidate <= bytes.Length - JitRecordPrefix.ByteCount)
            {
                if (found < to && IsCertain(found))
                {
                    return true;
                }

                found++;
            }
        }

        return false;
    }

    /// <summary>
    /// The first index at which 16 bytes can begin a record of a known kind; where there is none, the first with fewer
    /// bytes behind it.
    /// </summary>
    private static int Candidate(ReadOnlySpan<byte> bytes)
    {
        int last = bytes.Length - JitRecordPrefix.ByteCount;
        for (int at = 0; at <= last; at++)
        {
            int zeros = bytes[(at + 1)..].IndexOf("\0\0\0"u8); // the upper bytes of a kind
            if (zeros < 0)
            {
                break;
            }

            at += zeros;
            if (at <= last && bytes[at] <= (uint)JitRecordType.JIT_CODE_UNWINDING_INFO
                && IsSize(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..])))
            {
                return at;
            }
        }

        return last + 1;
    }

    /// <summary>
    /// True if the bytes are a whole record that agrees with itself in all it says: for code, that its name and its code
    /// fill it; for what is less telling, that its time is near and that a record follows, or nothing.
    /// </summary>
    private bool IsCertain(ulong offset)
    {
        if (Judge(offset, out var prefix) != Verdict.Record)
        {
            return false;
        }

        if (prefix.Id == JitRecordType.JIT_CODE_LOAD)
        {
            var record = Window(offset, (int)Math.Min(prefix.Size, ViewBytes));
            if (record.Length < JitRecordLayout.LoadName)
            {
                return false; // the file has become shorter
            }

            ulong codeSize = BinaryPrimitives.ReadUInt64LittleEndian(record[JitRecordLayout.LoadCodeSize..]);
            var name = record[JitRecordLayout.LoadName..];
            int length = name.IndexOf((byte)0);
            ulong filled = JitRecordLayout.LoadName + (ulong)length + 1 + codeSize;
            return length is > 0 and <= Limits.NameBytes && filled <= prefix.Size
                && prefix.Size - filled < JitRecordLayout.Alignment;
        }

        ulong end = offset + prefix.Size;
        return IsKnown(prefix.Id) && IsNear(prefix.Time) && (end == _end || Judge(end, out _) >= Verdict.Unfinished);
    }

    /// <summary>
    /// Says whether a record can begin here: by its fields of fixed size, and where its kind is unknown by what follows.
    /// </summary>
    private Verdict Judge(ulong offset, out JitRecordPrefix prefix)
    {
        var verdict = JudgeFields(offset, out prefix);
        return verdict < Verdict.Unfinished || IsKnown(prefix.Id) ? verdict
            : verdict == Verdict.Record && LeadsToKnown(offset + prefix.Size) ? Verdict.Record
            : Verdict.None;
    }

    private bool LeadsToKnown(ulong offset)
    {
        for (int i = 0; i < UnknownInARow && offset != _end; i++)
        {
            var verdict = JudgeFields(offset, out var prefix);
            if (verdict < Verdict.Unfinished || IsKnown(prefix.Id))
            {
                return verdict >= Verdict.Unfinished;
            }

            offset += prefix.Size;
        }

        return offset == _end;
    }

    private static bool IsKnown(JitRecordType id) => id <= JitRecordType.JIT_CODE_UNWINDING_INFO;

    private Verdict JudgeFields(ulong offset, out JitRecordPrefix prefix)
    {
        Span<byte> bytes = stackalloc byte[JitRecordLayout.LongestFixedPart];
        bytes = bytes[..Peek(offset, bytes)];
        if (bytes.Length < JitRecordPrefix.ByteCount)
        {
            prefix = default;
            return Verdict.Unknown;
        }

        prefix = JitRecordPrefix.Read(bytes);
        int fixedPart = FixedPart(prefix.Id);
        if (!IsSize(prefix.Size) || prefix.Size < fixedPart)
        {
            return Verdict.None;
        }

        if (bytes.Length < fixedPart)
        {
            return Verdict.Unknown;
        }

        return !Agrees(prefix, bytes) ? Verdict.None
            : prefix.Size <= _end - offset ? Verdict.Record
            : Verdict.Unfinished;
    }

    private static bool IsSize(uint size) => size is >= JitRecordPrefix.ByteCount and <= Limits.JitRecordBytes;

    private static int FixedPart(JitRecordType id) => id switch
    {
        JitRecordType.JIT_CODE_LOAD => JitRecordLayout.LoadName + 1,
        JitRecordType.JIT_CODE_MOVE => JitRecordLayout.MoveByteCount,
        JitRecordType.JIT_CODE_DEBUG_INFO => JitRecordLayout.DebugEntries,
        JitRecordType.JIT_CODE_UNWINDING_INFO => JitRecordLayout.UnwindingData,
        _ => JitRecordPrefix.ByteCount,
    };

    /// <summary>True if the fields of fixed size do not contradict the record's size.</summary>
    private bool Agrees(in JitRecordPrefix prefix, ReadOnlySpan<byte> record)
    {
        uint size = prefix.Size;
        switch (prefix.Id)
        {
            case JitRecordType.JIT_CODE_LOAD:
                // perf's Java agent leaves the code out where it has none; then the process tells it from other bytes.
                ulong codeSize = BinaryPrimitives.ReadUInt64LittleEndian(record[JitRecordLayout.LoadCodeSize..]);
                ulong payload = size - JitRecordLayout.LoadName;
                return BinaryPrimitives.ReadUInt32LittleEndian(record[JitRecordLayout.LoadPid..]) == _processId
                    ? codeSize <= Limits.JitRecordBytes
                    : codeSize > 0 && codeSize < payload && payload - codeSize <= LongestName && IsNear(prefix.Time);

            case JitRecordType.JIT_CODE_MOVE:
                return size == JitRecordLayout.MoveByteCount;

            case JitRecordType.JIT_CODE_DEBUG_INFO:
                ulong count = BinaryPrimitives.ReadUInt64LittleEndian(record[JitRecordLayout.DebugCount..]);
                return count <= (size - JitRecordLayout.DebugEntries) / (JitRecordLayout.DebugEntryName + 1);

            case JitRecordType.JIT_CODE_UNWINDING_INFO:
                ulong unwinding = BinaryPrimitives.ReadUInt64LittleEndian(record[JitRecordLayout.UnwindingSize..]);
                ulong header = BinaryPrimitives.ReadUInt64LittleEndian(record[JitRecordLayout.UnwindingHeaderSize..]);
                ulong room = size - JitRecordLayout.UnwindingData;
                return header <= unwinding && unwinding <= room && room - unwinding < JitRecordLayout.Alignment;

            case JitRecordType.JIT_CODE_CLOSE:
                return size < JitRecordPrefix.ByteCount + JitRecordLayout.Alignment && IsNear(prefix.Time);

            default:
                return (uint)prefix.Id < RecordTypes && IsNear(prefix.Time);
        }
    }

    private bool IsNear(ulong time) => _time == 0 || Math.Max(time, _time) - Math.Min(time, _time) < LongestPause;

    /// <summary>
    /// Up to <paramref name="destination"/>'s length of bytes; from the buffer where they are in it, else past it, so that a
    /// look ahead does not cost the buffer.
    /// </summary>
    private int Peek(ulong offset, Span<byte> destination)
    {
        int count = (int)Math.Min((ulong)destination.Length, _end - Math.Min(offset, _end));
        if (!IsBuffered(offset, count))
        {
            return _source.ReadAt(offset, destination[..count]);
        }

        _buffer.AsSpan((int)(offset - _bufferOffset), count).CopyTo(destination);
        return count;
    }

    /// <summary>The buffer from an offset on, with at least <paramref name="count"/> bytes where the file has them.</summary>
    private ReadOnlySpan<byte> Window(ulong offset, int count)
    {
        if (!IsBuffered(offset, count))
        {
            _bufferOffset = offset;
            _buffered = _source.ReadAt(offset, _buffer.AsSpan(0, BufferBytes));
        }

        int skip = (int)(offset - _bufferOffset);
        return _buffer.AsSpan(skip, _buffered - skip);
    }

    private bool IsBuffered(ulong offset, int count) =>
        offset >= _bufferOffset && offset - _bufferOffset <= (ulong)_buffered
        && (ulong)count <= (ulong)_buffered - (offset - _bufferOffset);
}
