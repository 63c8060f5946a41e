using Viperf.Formats.Bytes;

namespace Viperf.Core.Symbols.Demangling;

/// <summary>
/// Demangles Rust's second scheme (RFC 2603, "v0"; the rustc book, "v0 symbol format"). Each method reads one production at
/// <see cref="_at"/> and writes it; false means that the symbol is not well-formed, and then as a whole. Hashes of crates
/// and types of constants are not shown, as perf does not.
/// </summary>
internal sealed partial class RustV0Demangler(DemangledText output)
{
    private const string Start = "_R";

    private string _text = "";
    private int _at;
    private int _depth;
    private int _steps;

    /// <summary>True while something is read that is not shown.</summary>
    private bool _isSilent;

    /// <summary>How many lifetimes the binders around bind.</summary>
    private ulong _boundLifetimes;

    private char Peek => _at < _text.Length ? _text[_at] : '\0';

    /// <summary>Demangles a symbol; null if it is none of this scheme.</summary>
    public string? Demangle(string mangled)
    {
        if (!mangled.StartsWith(Start, StringComparison.Ordinal) || mangled.Length is <= 2 or > Limits.NameBytes
            || !char.IsAsciiLetterUpper(mangled[2]))
        {
            return null; // also what a later version of the scheme makes, whose number would stand here
        }

        // What compilers append for parts and copies; it is not shown.
        int suffix = mangled.AsSpan().IndexOfAny('.', '$');
        _text = suffix < 0 ? mangled : mangled[..suffix];
        _at = Start.Length;
        _depth = 0;
        _steps = 0;
        _isSilent = false;
        _boundLifetimes = 0;
        output.Clear();
        if (!Path(isValue: true))
        {
            return null;
        }

        if (_at < _text.Length)
        {
            _isSilent = true; // the crate that asked for this instance
            if (!Path(isValue: false))
            {
                return null;
            }
        }

        return _at == _text.Length && output.Length != 0 && !output.IsTooLong ? output.ToString() : null;
    }

    private void Write(char character)
    {
        if (!_isSilent)
        {
            output.Add(character);
        }
    }

    private void Write(ReadOnlySpan<char> text)
    {
        if (!_isSilent)
        {
            output.Add(text);
        }
    }

    private void Write(ulong number)
    {
        if (!_isSilent)
        {
            output.Add(number);
        }
    }

    private bool Take(char letter)
    {
        if (Peek != letter)
        {
            return false;
        }

        _at++;
        return true;
    }

    /// <summary>Begins a production that may contain itself; false if it does so too deep, or if all this takes too long.</summary>
    private bool Enter() =>
        ++_depth <= Limits.DemanglingDepth && ++_steps <= Limits.DemanglingSteps && !output.IsTooLong;

    private bool Leave(bool result)
    {
        _depth--;
        return result;
    }

    /// <summary>A number in base 62: 0 as an underscore alone, otherwise one more than its digits say.</summary>
    private bool Base62(out ulong number)
    {
        number = 0;
        if (Take('_'))
        {
            return true;
        }

        while (!Take('_'))
        {
            char letter = Peek;
            int digit = letter is >= '0' and <= '9' ? letter - '0'
                : letter is >= 'a' and <= 'z' ? letter - 'a' + 10
                : letter is >= 'A' and <= 'Z' ? letter - 'A' + 36
                : -1;
            if (digit < 0 || number > (ulong.MaxValue - 62) / 62)
            {
                return false;
            }

            _at++;
            number = (number * 62) + (ulong)digit;
        }

        number++;
        return true;
    }

    /// <summary>A number that may be missing, which then is 0.</summary>
    private bool Optional(char letter, out ulong number)
    {
        number = 0;
        if (!Take(letter))
        {
            return true;
        }

        if (!Base62(out number))
        {
            return false;
        }

        number++;
        return true;
    }

    /// <summary>Something that stands further ahead in the symbol.</summary>
    private bool Backref(Func<RustV0Demangler, bool> read)
    {
        int tag = _at - 1;
        if (!Base62(out ulong place) || place >= (ulong)(tag - Start.Length))
        {
            return false;
        }

        if (_isSilent)
        {
            return true; // it was well-formed where it stands
        }

        int back = _at;
        _at = Start.Length + (int)place;
        bool isRead = Enter() && Leave(read(this));
        _at = back;
        return isRead;
    }

    /// <summary>&lt;path&gt;</summary>
    /// <param name="isValue">True where arguments of generics stand behind a double colon, as they do in expressions.</param>
    private bool Path(bool isValue) => Enter() && Leave(PathInside(isValue));

    private bool PathInside(bool isValue)
    {
        if (_at >= _text.Length)
        {
            return false;
        }

        char letter = _text[_at++];
        switch (letter)
        {
            case 'C':
                return Optional('s', out _) && Identifier(out var crate) && WriteIdentifier(crate);
            case 'N':
                return NestedPath(isValue);
            case 'M':
                return ImplPath() && SelfType(isImpl: false);
            case 'X':
                return ImplPath() && SelfType(isImpl: true);
            case 'Y':
                return SelfType(isImpl: true);
            case 'I':
                if (!Path(isValue))
                {
                    return false;
                }

                Write(isValue ? "::<" : "<");
                if (!GenericArguments())
                {
                    return false;
                }

                Write('>');
                return true;
            case 'B':
                return Backref(isValue ? static reader => reader.Path(isValue: true) : static reader => reader.Path(isValue: false));
            default:
                return false;
        }
    }

    private bool NestedPath(bool isValue)
    {
        if (!char.IsAsciiLetter(Peek))
        {
            return false;
        }

        char space = _text[_at++];
        if (!Path(isValue) || !Optional('s', out ulong number) || !Identifier(out var name))
        {
            return false;
        }

        if (char.IsAsciiLetterLower(space))
        {
            if (name.Length != 0)
            {
                Write("::");
                return WriteIdentifier(name);
            }

            return true;
        }

        Write("::{");
        switch (space)
        {
            case 'C':
                Write("closure");
                break;
            case 'S':
                Write("shim");
                break;
            default:
                Write(space);
                break;
        }

        if (name.Length != 0)
        {
            Write(':');
            if (!WriteIdentifier(name))
            {
                return false;
            }
        }

        Write('#');
        Write(number);
        Write('}');
        return true;
    }

    /// <summary>Where an implementation stands, which is not shown.</summary>
    private bool ImplPath()
    {
        bool outer = _isSilent;
        _isSilent = true;
        bool isRead = Optional('s', out _) && Path(isValue: false);
        _isSilent = outer;
        return isRead;
    }

    private bool SelfType(bool isImpl)
    {
        Write('<');
        if (!Type())
        {
            return false;
        }

        if (isImpl)
        {
            Write(" as ");
            if (!Path(isValue: false))
            {
                return false;
            }
        }

        Write('>');
        return true;
    }

    private bool GenericArguments()
    {
        for (bool isFirst = true; !Take('E'); isFirst = false)
        {
            if (!isFirst)
            {
                Write(", ");
            }

            bool isRead = Take('L') ? Base62(out ulong lifetime) && WriteLifetime(lifetime)
                : Take('K') ? Constant(isValue: false)
                : Type();
            if (!isRead)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>&lt;undisambiguated-identifier&gt;</summary>
    private bool Identifier(out (int At, int Length, bool IsPunycode) name)
    {
        bool isPunycode = Take('u');
        name = default;
        if (!char.IsAsciiDigit(Peek))
        {
            return false;
        }

        int length = _text[_at++] - '0';
        while (length != 0 && char.IsAsciiDigit(Peek) && length <= _text.Length)
        {
            length = (length * 10) + _text[_at++] - '0';
        }

        Take('_');
        if (length > _text.Length - _at)
        {
            return false;
        }

        name = (_at, length, isPunycode);
        _at += length;
        return true;
    }

    private bool WriteIdentifier((int At, int Length, bool IsPunycode) name)
    {
        var text = _text.AsSpan(name.At, name.Length);
        if (!name.IsPunycode)
        {
            Write(text);
            return true;
        }

        string? decoded = Punycode.Decode(text);
        Write(decoded);
        return decoded is not null;
    }

    private bool WriteLifetime(ulong lifetime)
    {
        Write('\'');
        if (lifetime == 0)
        {
            Write('_');
            return true;
        }

        if (lifetime > _boundLifetimes)
        {
            return _isSilent; // where a backref is not followed, binders may be missing
        }

        ulong number = _boundLifetimes - lifetime;
        if (number < 26)
        {
            Write((char)('a' + number));
        }
        else
        {
            Write('_');
            Write(number);
        }

        return true;
    }

    /// <summary>Reads something that may bind lifetimes first.</summary>
    private bool Bound(Func<RustV0Demangler, bool> read)
    {
        if (!Optional('G', out ulong count) || count > (ulong)_text.Length)
        {
            return false;
        }

        ulong outer = _boundLifetimes;
        if (count != 0)
        {
            Write("for<");
            for (ulong i = 0; i < count; i++)
            {
                if (i != 0)
                {
                    Write(", ");
                }

                _boundLifetimes++;
                WriteLifetime(1);
            }

            Write("> ");
        }

        bool isRead = read(this);
        _boundLifetimes = outer;
        return isRead;
    }
}
