using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Types, and the arguments of templates.
internal sealed partial class ItaniumParser
{
    /// <summary>&lt;type&gt;</summary>
    private int Type() => Enter() ? Leave(TypeInside()) : 0;

    private int TypeInside()
    {
        if (IsQualifierAhead())
        {
            return Remember(QualifiedType());
        }

        int builtin = ItaniumWords.BuiltinOf(Peek);
        if (builtin >= 0)
        {
            _at++;
            return _tree.Add(Builtin, builtin);
        }

        switch (Peek)
        {
            case 'u':
                return Remember(VendorType());
            case 'F':
                return Remember(FunctionType());
            case 'A':
                return Remember(ArrayType());
            case 'M':
                return Remember(PointerToMemberType());
            case 'T':
                return TemplateParameterType();
            case 'S':
                return SubstitutedType();
            case 'P':
                _at++;
                return Remember(Wrap(Pointer, Type()));
            case 'R':
                _at++;
                return Remember(Wrap(LvalueReference, Type()));
            case 'O':
                _at++;
                return Remember(Wrap(RvalueReference, Type()));
            case 'C':
                _at++;
                return Remember(Wrap(Complex, Type()));
            case 'G':
                _at++;
                return Remember(Wrap(Imaginary, Type()));
            case 'U' when PeekNext is not ('l' or 't'):
                return Remember(VendorQualifiedType());
            case 'D':
                return TypeOfD();
            default:
                return Remember(Name());
        }
    }

    private bool IsQualifierAhead() => Peek is 'r' or 'V' or 'K' || IsFunctionQualifierAhead();

    private bool IsFunctionQualifierAhead() => Peek == 'D' && PeekNext is 'o' or 'O' or 'w' or 'x';

    /// <summary>&lt;qualified-type&gt;. A function type behind qualifiers is no type that others may refer to.</summary>
    private int QualifiedType()
    {
        if (!IsQualifierAhead())
        {
            return Peek == 'F' ? FunctionType() : Type();
        }

        if (!Enter())
        {
            return 0;
        }

        ItaniumKind kind;
        int condition = 0;
        char letter = _text[_at++];
        if (letter != 'D')
        {
            kind = QualifierOf(letter);
        }
        else
        {
            char which = _text[_at++];
            kind = which switch
            {
                'x' => TransactionSafe,
                'w' => Throw,
                _ => Noexcept,
            };
            if (which is 'O' or 'w')
            {
                condition = which == 'O' ? Expression() : Parameters();
                if (condition == 0 || !Take('E'))
                {
                    return 0;
                }
            }
        }

        int type = QualifiedType();
        return Leave(type == 0 ? 0 : _tree.Add(kind, type, condition));
    }

    /// <summary>&lt;function-type&gt;, with the qualifier of its object if that is a reference.</summary>
    private int FunctionType()
    {
        if (!Enter() || !Take('F'))
        {
            return 0;
        }

        Take('Y'); // of C's linkage, which is not shown
        int function = BareFunction(hasReturnType: true);
        if (function != 0 && Peek is 'R' or 'O')
        {
            function = _tree.Add(_text[_at++] == 'R' ? LvalueThis : RvalueThis, function);
        }

        return Leave(Take('E') ? function : 0);
    }

    /// <summary>&lt;bare-function-type&gt;</summary>
    private int BareFunction(bool hasReturnType)
    {
        hasReturnType |= Take('J');
        int returned = 0;
        if (hasReturnType)
        {
            returned = Type();
            if (returned == 0)
            {
                return 0;
            }
        }

        int parameters = Parameters();
        return parameters == 0 ? 0 : _tree.Add(Function, returned, parameters);
    }

    /// <summary>The types of parameters: at least one, which is void where there are none.</summary>
    private int Parameters()
    {
        int list = _tree.Add(List);
        int last = list;
        bool isEmpty = true;
        while (!(Peek is '\0' or 'E' or '.' or 'Q' || (Peek is 'R' or 'O' && PeekNext == 'E')))
        {
            int type = Type();
            if (type == 0 || !_tree.Append(ref last, type))
            {
                return 0;
            }

            isEmpty = false;
        }

        if (isEmpty)
        {
            return 0;
        }

        ref readonly var only = ref _tree[_tree[list].A];
        return list == last && only.Kind == Builtin && only.A == ItaniumWords.Void ? _tree.Add(List) : list;
    }

    /// <summary>&lt;array-type&gt;</summary>
    private int ArrayType()
    {
        _at++;
        int bound = 0;
        if (char.IsAsciiDigit(Peek))
        {
            int start = _at;
            SkipDigits();
            bound = _tree.Add(Identifier, start, _at - start);
        }
        else if (Peek != '_')
        {
            bound = Expression();
            if (bound == 0)
            {
                return 0;
            }
        }

        if (!Take('_'))
        {
            return 0;
        }

        int element = Type();
        return element == 0 ? 0 : _tree.Add(ItaniumKind.Array, element, bound);
    }

    /// <summary>&lt;pointer-to-member-type&gt;</summary>
    private int PointerToMemberType()
    {
        _at++;
        int type = Type();
        return type == 0 ? 0 : Pair(PointerToMember, type, Type());
    }

    /// <summary>A type that only one compiler knows, which may have template arguments.</summary>
    private int VendorType()
    {
        _at++;
        int name = SourceName();
        return name != 0 && Peek == 'I' ? Pair(Template, name, TemplateArguments()) : name;
    }

    private int VendorQualifiedType()
    {
        _at++;
        int qualifier = VendorQualifierName();
        int type = qualifier == 0 ? 0 : Type();
        return type == 0 ? 0 : _tree.Add(VendorQualifier, type, qualifier);
    }

    private int VendorQualifierName()
    {
        int name = SourceName();
        return name != 0 && Peek == 'I' ? Pair(Template, name, TemplateArguments()) : name;
    }

    private int SubstitutedType()
    {
        if (PeekNext != '_' && !char.IsAsciiDigit(PeekNext) && !char.IsAsciiLetterUpper(PeekNext))
        {
            int named = Name();
            return _tree[named].Kind == Standard ? named : Remember(named);
        }

        int type = Substitution(isScope: false);
        if (_tree[type].Kind == Module)
        {
            int name = UnqualifiedName(type);
            if (Peek != 'I')
            {
                return Remember(name);
            }

            type = Remember(name);
        }

        return Peek == 'I' ? Remember(Pair(Template, type, TemplateArguments())) : type;
    }

    /// <summary>A type that begins with D.</summary>
    private int TypeOfD()
    {
        char letter = PeekNext;
        switch (letter)
        {
            case 'T' or 't':
                _at += 2;
                int expression = Expression();
                return Take('E') ? Remember(Wrap(Decltype, expression)) : 0;
            case 'p':
                _at += 2;
                return Remember(Wrap(PackExpansion, Type()));
            case 'v':
                return Remember(VectorType());
            case 'F':
                return FloatOfBitsType();
            case 'B' or 'U':
                _at += 2;
                int bits = BitsOrExpression();
                return bits != 0 && Take('_') ? _tree.Add(IntegerOfBits, bits, letter == 'U' ? 1 : 0) : 0;
            default:
                int builtin = ItaniumWords.BuiltinOfD(letter);
                _at += 2;
                return builtin < 0 ? 0 : _tree.Add(Builtin, builtin);
        }
    }

    private int BitsOrExpression()
    {
        if (!char.IsAsciiDigit(Peek))
        {
            return Expression();
        }

        int start = _at;
        SkipDigits();
        return _tree.Add(Identifier, start, _at - start);
    }

    private int FloatOfBitsType()
    {
        _at += 2;
        int start = _at;
        SkipDigits();
        int length = _at - start;
        if (length == 0)
        {
            return 0;
        }

        if (Take('b'))
        {
            return _text.AsSpan(start, length).SequenceEqual("16") ? _tree.Add(Builtin, ItaniumWords.BFloat16) : 0;
        }

        if (Take('x'))
        {
            return _tree.Add(FloatOfBits, start, length + 1);
        }

        return Take('_') ? _tree.Add(FloatOfBits, start, length) : 0;
    }

    /// <summary>&lt;vector-type&gt;</summary>
    private int VectorType()
    {
        _at += 2;
        Take('_'); // before an expression, in older GCC
        int bound = BitsOrExpression();
        int element = bound != 0 && Take('_') ? Type() : 0;
        return element == 0 ? 0 : _tree.Add(Vector, element, bound);
    }
}
