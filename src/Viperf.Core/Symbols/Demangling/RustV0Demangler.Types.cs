namespace Viperf.Core.Symbols.Demangling;

// Types.
internal sealed partial class RustV0Demangler
{
    /// <summary>&lt;type&gt;</summary>
    private bool Type() => Enter() && Leave(TypeInside());

    private bool TypeInside()
    {
        if (BasicType(Peek) is { } basic)
        {
            _at++;
            Write(basic);
            return true;
        }

        char letter = Peek;
        switch (letter)
        {
            case 'A' or 'S':
                _at++;
                Write('[');
                if (!Type())
                {
                    return false;
                }

                if (letter == 'A')
                {
                    Write("; ");
                    if (!Constant(isValue: true))
                    {
                        return false;
                    }
                }

                Write(']');
                return true;
            case 'T':
                _at++;
                return Tuple(static reader => reader.Type());
            case 'R' or 'Q':
                _at++;
                Write('&');
                if (Take('L'))
                {
                    if (!Base62(out ulong lifetime) || (lifetime != 0 && !WriteLifetime(lifetime)))
                    {
                        return false;
                    }

                    Write(lifetime != 0 ? " " : "");
                }

                Write(letter == 'Q' ? "mut " : "");
                return Type();
            case 'P' or 'O':
                _at++;
                Write(letter == 'P' ? "*const " : "*mut ");
                return Type();
            case 'F':
                _at++;
                return Bound(static reader => reader.FunctionSignature());
            case 'D':
                _at++;
                Write("dyn ");
                if (!Bound(static reader => reader.DynamicBounds()) || !Take('L') || !Base62(out ulong bound))
                {
                    return false;
                }

                if (bound == 0)
                {
                    return true;
                }

                Write(" + ");
                return WriteLifetime(bound);
            case 'B':
                _at++;
                return Backref(static reader => reader.Type());
            default:
                return Path(isValue: false);
        }
    }

    private static string? BasicType(char letter) => letter switch
    {
        'a' => "i8",
        'b' => "bool",
        'c' => "char",
        'd' => "f64",
        'e' => "str",
        'f' => "f32",
        'h' => "u8",
        'i' => "isize",
        'j' => "usize",
        'l' => "i32",
        'm' => "u32",
        'n' => "i128",
        'o' => "u128",
        'p' => "_",
        's' => "i16",
        't' => "u16",
        'u' => "()",
        'v' => "...",
        'x' => "i64",
        'y' => "u64",
        'z' => "!",
        _ => null,
    };

    private bool List(Func<RustV0Demangler, bool> read, out int count)
    {
        for (count = 0; !Take('E'); count++)
        {
            if (count != 0)
            {
                Write(", ");
            }

            if (!read(this))
            {
                return false;
            }
        }

        return true;
    }

    private bool Tuple(Func<RustV0Demangler, bool> read)
    {
        Write('(');
        if (!List(read, out int count))
        {
            return false;
        }

        Write(count == 1 ? ",)" : ")");
        return true;
    }

    private bool FunctionSignature()
    {
        Write(Take('U') ? "unsafe " : "");
        if (Take('K'))
        {
            Write("extern \"");
            if (Take('C'))
            {
                Write('C');
            }
            else if (Identifier(out var abi) && !abi.IsPunycode)
            {
                foreach (char letter in _text.AsSpan(abi.At, abi.Length))
                {
                    Write(letter == '_' ? '-' : letter);
                }
            }
            else
            {
                return false;
            }

            Write("\" ");
        }

        Write("fn(");
        if (!List(static reader => reader.Type(), out _))
        {
            return false;
        }

        Write(')');
        if (Take('u'))
        {
            return true; // it returns nothing, which is not shown
        }

        Write(" -> ");
        return Type();
    }

    private bool DynamicBounds()
    {
        for (bool isFirst = true; !Take('E'); isFirst = false)
        {
            if (!isFirst)
            {
                Write(" + ");
            }

            if (!DynamicTrait())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A trait, with types that it is bound to among its arguments.</summary>
    private bool DynamicTrait()
    {
        if (!PathLeftOpen(out bool isOpen))
        {
            return false;
        }

        while (Take('p'))
        {
            Write(isOpen ? ", " : "<");
            isOpen = true;
            if (!Identifier(out var name) || !WriteIdentifier(name))
            {
                return false;
            }

            Write(" = ");
            if (!Type())
            {
                return false;
            }
        }

        Write(isOpen ? ">" : "");
        return true;
    }

    /// <summary>A path whose arguments may go on, if it has some.</summary>
    private bool PathLeftOpen(out bool isOpen)
    {
        isOpen = false;
        if (!Enter())
        {
            return false;
        }

        if (Take('B'))
        {
            bool isBehindOpen = false;
            bool isRead = Backref(reader => reader.PathLeftOpen(out isBehindOpen));
            isOpen = isBehindOpen;
            return Leave(isRead);
        }

        if (!Take('I'))
        {
            return Leave(Path(isValue: false));
        }

        if (!Path(isValue: false))
        {
            return false;
        }

        Write('<');
        isOpen = true;
        return Leave(GenericArguments());
    }
}
