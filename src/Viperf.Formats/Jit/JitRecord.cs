using System.Buffers.Binary;

namespace Viperf.Formats.Jit;

#pragma warning disable CS1591 // the constants have the names of perf's jitdump-specification.txt, which documents them

/// <summary>The kinds of records in a jitdump.</summary>
public enum JitRecordType : uint
{
    JIT_CODE_LOAD = 0,
    JIT_CODE_MOVE = 1,
    JIT_CODE_DEBUG_INFO = 2,
    JIT_CODE_CLOSE = 3,
    JIT_CODE_UNWINDING_INFO = 4,
}

#pragma warning restore CS1591

/// <summary>What every jitdump record begins with.</summary>
/// <param name="Id">The kind.</param>
/// <param name="Size">Bytes of the whole record, this prefix included.</param>
/// <param name="Time">When it was written: nanoseconds of CLOCK_MONOTONIC, unless the file says otherwise.</param>
internal readonly record struct JitRecordPrefix(JitRecordType Id, uint Size, ulong Time)
{
    /// <summary>Bytes of this prefix; no record is shorter.</summary>
    public const int ByteCount = 16;

    /// <summary>Reads the first 16 bytes of a record.</summary>
    public static JitRecordPrefix Read(ReadOnlySpan<byte> record) => new(
        (JitRecordType)BinaryPrimitives.ReadUInt32LittleEndian(record),
        BinaryPrimitives.ReadUInt32LittleEndian(record[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(record[8..]));
}

/// <summary>Where the fields of each record lie, in bytes from the record's start.</summary>
internal static class JitRecordLayout
{
    public const int LoadPid = 16;
    public const int LoadTid = 20;
    public const int LoadAddress = 32;
    public const int LoadCodeSize = 40;
    public const int LoadIndex = 48;

    /// <summary>The name, its zero byte, and then the code, which ends with the record.</summary>
    public const int LoadName = 56;

    public const int MovePid = 16;
    public const int MoveTid = 20;
    public const int MoveOldAddress = 32;
    public const int MoveNewAddress = 40;
    public const int MoveCodeSize = 48;
    public const int MoveIndex = 56;
    public const int MoveByteCount = 64;

    public const int DebugAddress = 16;
    public const int DebugCount = 24;
    public const int DebugEntries = 32;

    /// <summary>Bytes of one line's entry before its file name: address, line, discriminator.</summary>
    public const int DebugEntryName = 16;

    public const int UnwindingSize = 16;
    public const int UnwindingHeaderSize = 24;
    public const int UnwindingMappedSize = 32;
    public const int UnwindingData = 40;

    /// <summary>Bytes that suffice to read every field of fixed size.</summary>
    public const int LongestFixedPart = MoveByteCount;

    /// <summary>Records with data of their own are filled up to a multiple of this many bytes by some writers.</summary>
    public const int Alignment = 8;
}
