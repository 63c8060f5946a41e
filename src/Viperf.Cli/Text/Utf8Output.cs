using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Viperf.Cli.Text;

/// <summary>
/// Text on its way to a file or pipe: formats into one reused buffer, without strings in between, for output that
/// has a line for every frame of every sample.
/// </summary>
/// <param name="stream">Where the text goes; unbuffered.</param>
internal sealed class Utf8Output(Stream stream) : IDisposable
{
    private const int FlushAt = 1 << 16;

    private static readonly SearchValues<byte> s_controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(i => (byte)i), 127]);

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt + 4096);

    /// <summary>Opens the standard output.</summary>
    public static Utf8Output ToStandardOutput() => new(Console.OpenStandardOutput());

    /// <summary>Adds text that is UTF-8 already.</summary>
    public Utf8Output Add(ReadOnlySpan<byte> utf8)
    {
        _buffer.Write(utf8);
        return this;
    }

    /// <summary>
    /// Adds text that may come from outside, such as a thread's name. Control characters become question marks: they
    /// could end a line or command a terminal.
    /// </summary>
    public Utf8Output Add(string text)
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
    public Utf8Output AddRight(string text, int width) => AddSpaces(width - text.Length).Add(text);

    /// <summary>Adds a number in decimal digits, filled up on the left to <paramref name="width"/>.</summary>
    public Utf8Output AddDecimal(ulong value, int width = 0, byte fill = (byte)' ')
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int length);
        return AddFill(width - length, fill).Add(digits[..length]);
    }

    /// <summary>Adds a signed number in decimal digits, filled up with spaces on the left.</summary>
    public Utf8Output AddDecimal(int value, int width)
    {
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(value, digits, out int length);
        return AddSpaces(width - length).Add(digits[..length]);
    }

    /// <summary>Adds a number in lower-case hexadecimal digits, filled up with spaces on the left.</summary>
    public Utf8Output AddHex(ulong value, int width = 0)
    {
        Span<byte> digits = stackalloc byte[16];
        value.TryFormat(digits, out int length, "x", CultureInfo.InvariantCulture);
        return AddSpaces(width - length).Add(digits[..length]);
    }

    /// <summary>Adds <paramref name="count"/> spaces; none if it is negative.</summary>
    public Utf8Output AddSpaces(int count) => AddFill(count, (byte)' ');

    /// <summary>Writes what is there once it is worth a system call; call it between lines.</summary>
    public void FlushIfLarge()
    {
        if (_buffer.WrittenCount >= FlushAt)
        {
            Flush();
        }
    }

    /// <summary>Writes all that is there.</summary>
    /// <exception cref="IOException">The reader of a pipe is gone, or the disk is full.</exception>
    public void Flush()
    {
        var written = _buffer.WrittenSpan;
        _buffer.ResetWrittenCount();
        stream.Write(written);
    }

    /// <summary>What was added since the last flush, for text that is kept; the buffer is then empty.</summary>
    public byte[] Take()
    {
        byte[] bytes = _buffer.WrittenSpan.ToArray();
        _buffer.ResetWrittenCount();
        return bytes;
    }

    /// <summary>Closes the stream; what was not flushed is gone, as after an error it should be.</summary>
    public void Dispose() => stream.Dispose();

    private Utf8Output AddFill(int count, byte fill)
    {
        if (count > 0)
        {
            _buffer.GetSpan(count)[..count].Fill(fill);
            _buffer.Advance(count);
        }

        return this;
    }
}
