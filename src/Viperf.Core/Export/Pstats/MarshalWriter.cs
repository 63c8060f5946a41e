using System.Buffers.Binary;
using System.Text;

namespace Viperf.Core.Export.Pstats;

/// <summary>
/// Writes values as Python's module <c>marshal</c> does in version 2 of its format, which every Python since 2.5 reads: without
/// references between values.
/// </summary>
/// <param name="output">Where to.</param>
internal sealed class MarshalWriter(Stream output)
{
    private byte[] _buffer = new byte[1024];

    /// <summary>Begins a dictionary; keys and values follow in turns, and then <see cref="EndDictionary"/>.</summary>
    public void BeginDictionary() => output.WriteByte((byte)'{');

    /// <summary>Ends a dictionary.</summary>
    public void EndDictionary() => output.WriteByte((byte)'0');

    /// <summary>Begins a tuple, whose items follow.</summary>
    public void BeginTuple(int items) => Write('(', items);

    /// <summary>Writes an integer.</summary>
    public void Write(ulong value)
    {
        const int DigitBits = 15;
        if (value <= int.MaxValue)
        {
            Write('i', (int)value);
            return;
        }

        int digits = 0;
        for (ulong rest = value; rest > 0; rest >>= DigitBits)
        {
            digits++;
        }

        Write('l', digits);
        for (; value > 0; value >>= DigitBits)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_buffer, (ushort)(value & ((1 << DigitBits) - 1)));
            output.Write(_buffer, 0, sizeof(ushort));
        }
    }

    /// <summary>Writes a floating-point number.</summary>
    public void Write(double value)
    {
        _buffer[0] = (byte)'g';
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.AsSpan(1), value);
        output.Write(_buffer, 0, 1 + sizeof(double));
    }

    /// <summary>Writes a string.</summary>
    public void Write(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        if (length > _buffer.Length)
        {
            _buffer = new byte[length];
        }

        Write('u', length);
        Encoding.UTF8.GetBytes(value, _buffer);
        output.Write(_buffer, 0, length);
    }

    /// <summary>Writes a value's type and the number that follows it.</summary>
    private void Write(char type, int number)
    {
        Span<byte> bytes = stackalloc byte[1 + sizeof(int)];
        bytes[0] = (byte)type;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], number);
        output.Write(bytes);
    }
}
