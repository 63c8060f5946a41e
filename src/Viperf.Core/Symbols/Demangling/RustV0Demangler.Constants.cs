using System.Globalization;
using System.Text;

namespace Viperf.Core.Symbols.Demangling;

// Constants among the arguments of generics.
internal sealed partial class RustV0Demangler
{
    /// <summary>&lt;const&gt;</summary>
    /// <param name="isValue">False among arguments of generics, where all but simple constants stand in braces.</param>
    private bool Constant(bool isValue) => Enter() && Leave(ConstantInside(isValue));

    private bool ConstantInside(bool isValue)
    {
        if (_at >= _text.Length)
        {
            return false;
        }

        char letter = _text[_at++];
        switch (letter)
        {
            case 'p':
                Write('_');
                return true;
            case 'h' or 't' or 'm' or 'y' or 'o' or 'j':
                return Integer();
            case 'a' or 's' or 'l' or 'x' or 'n' or 'i':
                Write(Take('n') ? "-" : "");
                return Integer();
            case 'b':
                return Boolean();
            case 'c':
                return Character();
            case 'R' when Take('e'):
                return Text();
            case 'B':
                return Backref(isValue ? static reader => reader.Constant(isValue: true) : static reader => reader.Constant(isValue: false));
            case 'e' or 'R' or 'Q' or 'A' or 'T' or 'V':
                Write(isValue ? "" : "{");
                if (!Compound(letter))
                {
                    return false;
                }

                Write(isValue ? "" : "}");
                return true;
            default:
                return false;
        }
    }

    private bool Compound(char letter)
    {
        switch (letter)
        {
            case 'e':
                Write('*');
                return Text();
            case 'R' or 'Q':
                Write(letter == 'R' ? "&" : "&mut ");
                return Constant(isValue: true);
            case 'A':
                Write('[');
                if (!List(static reader => reader.Constant(isValue: true), out _))
                {
                    return false;
                }

                Write(']');
                return true;
            case 'T':
                return Tuple(static reader => reader.Constant(isValue: true));
            default:
                return Path(isValue: true) && Fields();
        }
    }

    private bool Fields()
    {
        if (Take('U'))
        {
            return true;
        }

        if (Take('T'))
        {
            Write('(');
            if (!List(static reader => reader.Constant(isValue: true), out _))
            {
                return false;
            }

            Write(')');
            return true;
        }

        if (!Take('S'))
        {
            return false;
        }

        Write(" { ");
        if (!List(static reader => reader.Field(), out _))
        {
            return false;
        }

        Write(" }");
        return true;
    }

    private bool Field()
    {
        if (!Optional('s', out _) || !Identifier(out var name) || !WriteIdentifier(name))
        {
            return false;
        }

        Write(": ");
        return Constant(isValue: true);
    }

    /// <summary>Hexadecimal digits up to an underscore, without zeros in front.</summary>
    private bool HexDigits(out ReadOnlySpan<char> digits)
    {
        int start = _at;
        while (char.IsAsciiHexDigitLower(Peek))
        {
            _at++;
        }

        digits = _text.AsSpan(start, _at - start);
        return Take('_');
    }

    private bool Integer()
    {
        if (!HexDigits(out var digits))
        {
            return false;
        }

        digits = digits.TrimStart('0');
        if (digits.IsEmpty)
        {
            Write('0');
        }
        else if (ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value))
        {
            Write(value);
        }
        else
        {
            Write("0x");
            Write(digits);
        }

        return true;
    }

    private bool Boolean()
    {
        if (!HexDigits(out var digits) || digits is not ("0" or "1"))
        {
            return false;
        }

        Write(digits is "1" ? "true" : "false");
        return true;
    }

    private bool Character()
    {
        if (!HexDigits(out var digits) || digits.Length > 6
            || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            || !Rune.IsValid(value))
        {
            return false;
        }

        Write('\'');
        WriteRune(new Rune(value), '\'');
        Write('\'');
        return true;
    }

    /// <summary>A string, as the hexadecimal digits of its UTF-8 bytes.</summary>
    private bool Text()
    {
        if (!HexDigits(out var digits) || digits.Length % 2 != 0)
        {
            return false;
        }

        var bytes = Convert.FromHexString(digits);
        Write('"');
        for (var rest = bytes.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out int length) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            WriteRune(rune, '"');
            rest = rest[length..];
        }

        Write('"');
        return true;
    }

    private void WriteRune(Rune rune, char quote)
    {
        string? escaped = rune.Value switch
        {
            '\0' => "\\0",
            '\t' => "\\t",
            '\n' => "\\n",
            '\r' => "\\r",
            '\\' => "\\\\",
            _ => null,
        };
        if (escaped is not null)
        {
            Write(escaped);
        }
        else if (rune.Value == quote)
        {
            Write('\\');
            Write(quote);
        }
        else if (Rune.IsControl(rune))
        {
            Write($"\\u{{{rune.Value:x}}}");
        }
        else
        {
            Span<char> characters = stackalloc char[2];
            Write(characters[..rune.EncodeToUtf16(characters)]);
        }
    }
}
