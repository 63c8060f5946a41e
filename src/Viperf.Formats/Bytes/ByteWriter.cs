using System.Buffers.Binary;
using System.Text;

namespace Viperf.Formats.Bytes;

/// <summary>Puts little-endian values one after the other into a buffer that grows and is used again.</summary>
public sealed class ByteWriter
{
    private byte[] _bytes = new byte[256];
    private int _count;

    /// <summary>Bytes written so far.</summary>
    public int Length => _count;

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    /// <summary>Starts anew with the same buffer.</summary>
    public void Clear() => _count = 0;

    /// <summary>Takes back what was written last, down to <paramref name="length"/> bytes.</summary>
    public void Shorten(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _count);
        _count = length;
    }

    /// <summary>Writes one byte.</summary>
    public void WriteByte(byte value) => Room(1)[0] = value;

    /// <summary>Writes an unsigned 16-bit number.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Room(sizeof(ushort)), value);

    /// <summary>Writes a signed 32-bit number.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Room(sizeof(int)), value);

    /// <summary>Writes an unsigned 32-bit number.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(sizeof(uint)), value);

    /// <summary>Writes an unsigned 64-bit number.</summary>
    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(sizeof(ulong)), value);

    /// <summary>Writes bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    /// <summary>Writes zero bytes.</summary>
    public void WriteZeros(int count) => Room(count).Clear();

    /// <summary>Writes zero bytes up to the next multiple of <paramref name="alignment"/>, a power of two.</summary>
    public void Align(int alignment) => WriteZeros(-_count & (alignment - 1));

    /// <summary>Overwrites a 16-bit number that was written before.</summary>
    public void PatchUInt16(int offset, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(0, _count)[offset..], value);

    /// <summary>Overwrites a 32-bit number that was written before.</summary>
    public void PatchUInt32(int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(0, _count)[offset..], value);

    /// <summary>Overwrites a 64-bit number that was written before.</summary>
    public void PatchUInt64(int offset, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(0, _count)[offset..], value);

    /// <summary>Overwrites bytes that were written before.</summary>
    public void PatchBytes(int offset, ReadOnlySpan<byte> bytes) => bytes.CopyTo(_bytes.AsSpan(0, _count)[offset..]);

    /// <summary>Writes text as UTF-8, and a zero byte behind it.</summary>
    public void WriteText(string text)
    {
        Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetByteCount(text)));
        WriteByte(0);
    }

    /// <summary>Writes an unsigned LEB128 number (DWARF 5 §7.6).</summary>
    public void WriteULeb128(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            WriteByte((byte)(value | 0x80));
        }

        WriteByte((byte)value);
    }

    /// <summary>Writes a signed LEB128 number (DWARF 5 §7.6).</summary>
    public void WriteSLeb128(long value)
    {
        for (; value is < -0x40 or >= 0x40; value >>= 7)
        {
            WriteByte((byte)(value | 0x80));
        }

        WriteByte((byte)(value & 0x7f));
    }

    private Span<byte> Room(int count)
    {
        if (count > _bytes.Length - _count)
        {
            Array.Resize(ref _bytes, Math.Max(checked(_count + count), _bytes.Length * 2));
        }

        var room = _bytes.AsSpan(_count, count);
        _count += count;
        return room;
    }
}
