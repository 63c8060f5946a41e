using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// One record where it lies: header and body, borrowed from the reader's buffer. Whoever keeps one longer than the
/// call that brought it copies <see cref="Bytes"/>. The header's size equals the length of <see cref="Bytes"/>; all
/// else in it is unchecked until one of the views below reads it.
/// </summary>
public readonly ref struct RecordView
{
    /// <summary>Views a record whose header was checked by the caller.</summary>
    /// <param name="bytes">The record, header included; at least <see cref="RecordHeader.ByteCount"/> bytes.</param>
    /// <param name="source">What messages call the file.</param>
    /// <param name="offset">The record's position in the file.</param>
    public RecordView(ReadOnlySpan<byte> bytes, string source, ulong offset)
    {
        if (bytes.Length < RecordHeader.ByteCount)
        {
            ParseException.Throw("record shorter than its header", source, offset);
        }

        Bytes = bytes;
        Source = source;
        Offset = offset;
    }

    /// <summary>The record's bytes, header included.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>What messages call the file.</summary>
    public string Source { get; }

    /// <summary>The record's position in the file.</summary>
    public ulong Offset { get; }

    /// <summary>The header's type.</summary>
    public RecordType Type => MemoryMarshal.Read<RecordHeader>(Bytes).type;

    /// <summary>The header's flags.</summary>
    public RecordMisc Misc => MemoryMarshal.Read<RecordHeader>(Bytes).misc;

    /// <summary>The CPU mode part of <see cref="Misc"/>.</summary>
    public RecordMisc CpuMode => Misc & RecordMisc.PERF_RECORD_MISC_CPUMODE_MASK;

    /// <summary>A reader over the body, after the header.</summary>
    public ByteReader Body() =>
        new(Bytes[RecordHeader.ByteCount..], Source, Offset + RecordHeader.ByteCount);

    /// <summary>
    /// The time stamp in the <c>sample_id</c> trailer (or among the fields of a sample), in nanoseconds; 0 where
    /// the event does not record it.
    /// </summary>
    public ulong Time(EventLayout layout) => Type == RecordType.PERF_RECORD_SAMPLE
        ? Field(layout.TimeOffset)
        : Trailer(layout.TrailerTime);

    /// <summary>The id of the event that the record belongs to; 0 where it is not recorded.</summary>
    public ulong EventId(EventLayout layout) => Type == RecordType.PERF_RECORD_SAMPLE
        ? Field(layout.IdOffset)
        : Trailer(layout.TrailerId);

    /// <summary>Thread (high 32 bits) and process (low 32 bits) of the trailer; 0 where they are not recorded.</summary>
    internal ulong TrailerTid(EventLayout layout) => Trailer(layout.TrailerTid);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Field(int offset) => offset >= 0 && offset + sizeof(ulong) <= Bytes.Length
        ? MemoryMarshal.Read<ulong>(Bytes[offset..])
        : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Trailer(int back) => back > 0 && back <= Bytes.Length - RecordHeader.ByteCount
        ? MemoryMarshal.Read<ulong>(Bytes[^back..])
        : 0;
}
