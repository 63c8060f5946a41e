using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Viperf.Cli.Text;

/// <summary>Builds UTF-8 text in one reused buffer, without strings in between.</summary>
internal class Utf8Text
{
    private static readonly SearchValues<byte> s_controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(i => (byte)i), 127]);

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    /// <summary>Adds text that is UTF-8 already.</summary>
    public Utf8Text Add(ReadOnlySpan<byte> utf8)
    {
        _buffer.Write(utf8);
        return this;
    }

    /// <summary>
    /// Adds text that may come from outside, such as a thread's name. Control characters become question marks: they
    /// could end a line or command a terminal.
    /// </summary>
    public Utf8Text Add(string text)
    {
        var room = _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, room);
        var added = room[..length];
        for (int at; (at = added.IndexOfAny(s_controls)) >= 0; added = added[(at + 1)..])
        {
            added[at] = (byte)'?';
        }

        _buffer.Advance(length);
        return this;
    }

    /// <summary>Adds text, filled up with spaces on the left to <paramref name="width"/> characters.</summary>
    public Utf8Text AddRight(string text, int width) => AddSpaces(width - text.Length).Add(text);

    /// <summary>Adds a number in decimal digits, filled up on the left to <paramref name="width"/>.</summary>
    public Utf8Text AddDecimal(ulong value, int width = 0, byte fill = (byte)' ')
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int length);
        return AddFill(width - length, fill).Add(digits[..length]);
    }

    /// <summary>Adds a signed number in decimal digits, filled up with spaces on the left.</summary>
    public Utf8Text AddDecimal(int value, int width)
    {
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(value, digits, out int length);
        return AddSpaces(width - length).Add(digits[..length]);
    }

    /// <summary>Adds a number in lower-case hexadecimal digits, filled up with spaces on the left.</summary>
    public Utf8Text AddHex(ulong value, int width = 0)
    {
        Span<byte> digits = stackalloc byte[16];
        value.TryFormat(digits, out int length, "x", CultureInfo.InvariantCulture);
        return AddSpaces(width - length).Add(digits[..length]);
    }

    /// <summary>Adds <paramref name="count"/> spaces; none if it is negative.</summary>
    public Utf8Text AddSpaces(int count) => AddFill(count, (byte)' ');

    /// <summary>Bytes added and not yet cleared.</summary>
    protected int Length => _buffer.WrittenCount;

    /// <summary>What was added, as bytes of its own; the buffer is then empty.</summary>
    public byte[] Take()
    {
        byte[] bytes = Written.ToArray();
        Clear();
        return bytes;
    }

    /// <summary>What was added, until the next call.</summary>
    protected ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>Empties the buffer and keeps its room.</summary>
    protected void Clear() => _buffer.ResetWrittenCount();

    private Utf8Text AddFill(int count, byte fill)
    {
        if (count > 0)
        {
            _buffer.GetSpan(count)[..count].Fill(fill);
            _buffer.Advance(count);
        }

        return this;
    }
}
