using System.Globalization;
using Viperf.Formats.Bytes;

namespace Viperf.Core.Symbols.Demangling;

/// <summary>
/// A demangled name while it is written. What is longer than names may be is dropped, and <see cref="IsTooLong"/> says so:
/// a few mangled bytes can stand for any amount of text.
/// </summary>
internal sealed class DemangledText
{
    private char[] _buffer = new char[256];

    /// <summary>Characters so far.</summary>
    public int Length { get; private set; }

    /// <summary>True once something was dropped.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The character that was written last, even if it was taken back; NUL where there is none.</summary>
    public char Last { get; private set; }

    /// <summary>Forgets all text.</summary>
    public void Clear()
    {
        Length = 0;
        Last = '\0';
        IsTooLong = false;
    }

    public void Add(char character)
    {
        if (Length < _buffer.Length || Grow(1))
        {
            _buffer[Length++] = character;
            Last = character;
        }
    }

    public void Add(ReadOnlySpan<char> text)
    {
        if (text.Length != 0 && (text.Length <= _buffer.Length - Length || Grow(text.Length)))
        {
            text.CopyTo(_buffer.AsSpan(Length));
            Length += text.Length;
            Last = text[^1];
        }
    }

    public void Add(ulong number)
    {
        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        Add(digits[..length]);
    }

    /// <summary>Takes back what was written behind a place.</summary>
    public void Truncate(int length) => Length = length;

    public override string ToString() => new(_buffer, 0, Length);

    private bool Grow(int needed)
    {
        if (needed > Limits.DemangledChars - Length)
        {
            IsTooLong = true;
            return false;
        }

        Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + needed));
        return true;
    }
}
