using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Viperf.Formats.Bytes;

/// <summary>
/// A cursor over little-endian bytes from outside. Every read is checked; what does not fit throws a
/// <see cref="ParseException"/> that names the source and the offset.
/// </summary>
public ref struct ByteReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _source;

    /// <summary>The source's offset of <c>_bytes[0]</c>.</summary>
    private readonly ulong _origin;

    /// <summary>Index of the next byte to read; 0 to <c>_bytes.Length</c>.</summary>
    private int _position;

    /// <summary>Starts at the first byte of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What to read.</param>
    /// <param name="source">What messages call the source.</param>
    /// <param name="origin">The offset of the first byte in the source.</param>
    public ByteReader(ReadOnlySpan<byte> bytes, string source, ulong origin = 0)
    {
        _bytes = bytes;
        _source = source;
        _origin = origin;
    }

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>The source's offset of the next byte.</summary>
    public readonly ulong Offset => _origin + (ulong)_position;

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>True after the last byte.</summary>
    public readonly bool AtEnd => _position == _bytes.Length;

    /// <summary>Reads one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        Need(1);
        return _bytes[_position++];
    }

    /// <summary>Reads an unsigned 16-bit number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort ReadUInt16()
    {
        Need(2);
        ushort value = BinaryPrimitives.ReadUInt16LittleEndian(_bytes[_position..]);
        _position += 2;
        return value;
    }

    /// <summary>Reads an unsigned 32-bit number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadUInt32()
    {
        Need(4);
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[_position..]);
        _position += 4;
        return value;
    }

    /// <summary>Reads a signed 32-bit number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadInt32() => (int)ReadUInt32();

    /// <summary>Reads an unsigned 64-bit number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadUInt64()
    {
        Need(8);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[_position..]);
        _position += 8;
        return value;
    }

    /// <summary>Reads an address, offset or size of a file whose words are 64 or 32 bits wide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadWord(bool is64Bit) => is64Bit ? ReadUInt64() : ReadUInt32();

    /// <summary>Reads <paramref name="count"/> bytes without copying them.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        Need(count);
        var bytes = _bytes.Slice(_position, count);
        _position += count;
        return bytes;
    }

    /// <summary>Goes on <paramref name="count"/> bytes further on.</summary>
    public void Skip(int count)
    {
        Need(count);
        _position += count;
    }

    /// <summary>Reads up to and over the next zero byte; the zero is not part of the result.</summary>
    /// <param name="limit">The most bytes that are searched for it.</param>
    public ReadOnlySpan<byte> ReadCString(int limit = int.MaxValue)
    {
        int length = _bytes.Slice(_position, Math.Min(Remaining, limit)).IndexOf((byte)0);
        if (length < 0)
        {
            Fail("text without an end");
        }

        var text = _bytes.Slice(_position, length);
        _position += length + 1;
        return text;
    }

    /// <summary>Reads an unsigned LEB128 number (DWARF 5 §7.6) of at most 64 bits.</summary>
    public ulong ReadULeb128()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = ReadByte();
            if (shift < 64)
            {
                value |= (ulong)(part & 0x7f) << shift;
            }

            if ((part & 0x80) == 0)
            {
                return value;
            }
        }
    }

    /// <summary>Reads a signed LEB128 number (DWARF 5 §7.6) of at most 64 bits.</summary>
    public long ReadSLeb128()
    {
        long value = 0;
        int shift = 0;
        byte part;
        do
        {
            part = ReadByte();
            if (shift < 64)
            {
                value |= (long)(part & 0x7f) << shift;
            }

            shift += 7;
        }
        while ((part & 0x80) != 0);

        return shift < 64 && (part & 0x40) != 0 ? value | (-1L << shift) : value;
    }

    /// <summary>Throws a <see cref="ParseException"/> for the byte that is read next.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public readonly void Fail(string problem) => ParseException.Throw(problem, _source, Offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Need(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            Fail($"{count} bytes wanted, {Remaining} left");
        }
    }

    /// <summary>
    /// The zero-ended text at an offset of a table of texts, as ELF and DWARF have them; empty where the offset or the
    /// text's end is outside, or the text longer than <see cref="Limits.NameBytes"/>.
    /// </summary>
    public static ReadOnlySpan<byte> CStringAt(ReadOnlySpan<byte> texts, ulong offset)
    {
        if (offset >= (ulong)texts.Length)
        {
            return default;
        }

        var rest = texts[(int)offset..];
        int length = rest[..Math.Min(rest.Length, Limits.NameBytes)].IndexOf((byte)0);
        return length < 0 ? default : rest[..length];
    }

    /// <summary>Text as UTF-8; what is not UTF-8 becomes U+FFFD, so that no name from outside can make a reader fail.</summary>
    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
