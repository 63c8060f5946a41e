using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Names: what things are called, and in which scope.
internal sealed partial class ItaniumParser
{
    /// <summary>Names that GCC and clang give to namespaces without one begin so, with a dot or a dollar where assemblers allow it.</summary>
    private const string AnonymousStart = "_GLOBAL_";

    /// <summary>&lt;name&gt;</summary>
    private int Name() => Enter() ? Leave(NameInside()) : 0;

    private int NameInside()
    {
        int name;
        bool isRemembered = false;
        switch (Peek)
        {
            case 'N':
                return NestedName();
            case 'Z':
                return LocalName();
            case 'S' when PeekNext == 't':
                _at += 2;
                name = Pair(Qualified, _tree.Add(Standard, ItaniumWords.Std), UnqualifiedName());
                break;
            case 'S':
                name = Substitution(isScope: false);
                isRemembered = true;
                if (_tree[name].Kind == Module)
                {
                    name = UnqualifiedName(name);
                    isRemembered = false;
                }

                break;
            default:
                name = UnqualifiedName();
                break;
        }

        if (name == 0 || Peek != 'I')
        {
            return name;
        }

        if (!isRemembered)
        {
            Remember(name);
        }

        return Pair(Template, name, TemplateArguments());
    }

    /// <summary>&lt;nested-name&gt;, which may say how a member function's object is qualified.</summary>
    private int NestedName()
    {
        _at++;
        int objectParameter = Take('H') ? 1 : 0; // a function with an explicit object has it among its parameters
        int qualifiers = _at;
        while (Peek is 'r' or 'V' or 'K')
        {
            _at++;
        }

        int qualifiersEnd = _at;
        char reference = Peek is 'R' or 'O' && objectParameter == 0 ? _text[_at++] : '\0';
        int name = Prefix();
        if (!Take('E'))
        {
            return 0;
        }

        for (int i = qualifiersEnd - 1; i >= qualifiers && name != 0; i--)
        {
            name = _tree.Add(QualifierOf(_text[i]), name);
        }

        return reference == '\0' || name == 0 ? name
            : _tree.Add(reference == 'R' ? LvalueThis : RvalueThis, name);
    }

    private static ItaniumKind QualifierOf(char letter) => letter switch
    {
        'r' => Restrict,
        'V' => ItaniumKind.Volatile,
        _ => Const,
    };

    /// <summary>&lt;prefix&gt; and what follows it up to the E.</summary>
    private int Prefix()
    {
        int scope = 0;
        while (true)
        {
            int next;
            char peek = Peek;
            switch (peek)
            {
                case 'E':
                    return scope;
                case 'S':
                    next = Substitution(isScope: true);
                    if (_tree[next].Kind == Module)
                    {
                        next = UnqualifiedName(next);
                        peek = 'W';
                    }

                    break;
                case 'I' or 'J' when scope != 0:
                    scope = Pair(Template, scope, TemplateArguments());
                    next = 0;
                    if (scope == 0)
                    {
                        return 0;
                    }

                    break;
                case 'T':
                    next = TemplateParameterName();
                    break;
                case 'D' when PeekNext is 'T' or 't':
                    next = Type();
                    peek = 'S'; // types are remembered where they are read
                    break;
                case 'M' when scope != 0:
                    _at++; // the scope of an initializer, which is the variable's
                    continue;
                case 'F' when scope != 0:
                    _at++;
                    scope = Pair(Friend, scope, UnqualifiedName());
                    if (scope == 0)
                    {
                        return 0;
                    }

                    if (Peek != 'E')
                    {
                        Remember(scope);
                    }

                    continue;
                default:
                    next = UnqualifiedName();
                    break;
            }

            if (next != 0)
            {
                scope = scope == 0 ? next : _tree.Add(Qualified, scope, next);
            }
            else if (peek is not ('I' or 'J'))
            {
                return 0;
            }

            if (scope == 0)
            {
                return 0;
            }

            if (peek != 'S' && Peek != 'E')
            {
                Remember(scope);
            }
        }
    }

    /// <summary>&lt;unqualified-name&gt;</summary>
    /// <param name="module">The module that it belongs to, as far as it was read already.</param>
    private int UnqualifiedName(int module = 0)
    {
        if (Peek == 'W')
        {
            module = ModuleName(module);
            if (module == 0)
            {
                return 0;
            }
        }

        int name;
        switch (Peek)
        {
            case >= '0' and <= '9':
                name = SourceName();
                break;
            case >= 'a' and <= 'z':
                Take('o', 'n');
                name = OperatorName();
                break;
            case 'D' when PeekNext == 'C':
                name = StructuredBindingName();
                break;
            case 'C' or 'D':
                name = ConstructorOrDestructor();
                break;
            case 'L':
                _at++;
                name = SourceName();
                if (!Discriminator())
                {
                    return 0;
                }

                break;
            case 'U' when PeekNext == 'l':
                name = LambdaName();
                break;
            case 'U' when PeekNext == 't':
                _at += 2;
                int number = Counted();
                name = number < 0 ? 0 : _tree.Add(UnnamedType, number + 1);
                break;
            default:
                return 0;
        }

        if (module != 0 && name != 0)
        {
            name = _tree.Add(ModuleEntity, name, module);
        }

        return Peek == 'B' ? AbiTags(name) : name;
    }

    /// <summary>&lt;source-name&gt;: an identifier behind its length.</summary>
    private int SourceName()
    {
        int length = Number();
        if (length <= 0 || length > _text.Length - _at)
        {
            return 0;
        }

        var name = _text.AsSpan(_at, length);
        bool isAnonymous = name.Length >= AnonymousStart.Length + 2 && name.StartsWith(AnonymousStart)
            && name[AnonymousStart.Length] is '_' or '.' or '$' && name[AnonymousStart.Length + 1] == 'N';
        _lastName = isAnonymous ? _tree.Add(AnonymousNamespace) : _tree.Add(Identifier, _at, length);
        _at += length;
        return _lastName;
    }

    private int AbiTags(int name)
    {
        int lastName = _lastName;
        while (name != 0 && Take('B'))
        {
            name = Pair(AbiTag, name, SourceName());
        }

        _lastName = lastName;
        return name;
    }

    /// <summary>&lt;ctor-dtor-name&gt;: their kinds are not shown.</summary>
    private int ConstructorOrDestructor()
    {
        bool isConstructor = _text[_at++] == 'C';
        bool isInherited = isConstructor && Take('I');
        bool isKnown = isConstructor ? Peek is >= '1' and <= '5' : Peek is '0' or '1' or '2' or '4' or '5';
        if (!isKnown)
        {
            return 0;
        }

        _at++;
        return isInherited && Type() == 0
            ? 0
            : Wrap(isConstructor ? Constructor : Destructor, _lastName); // an inherited one is called as in its own class
    }

    /// <summary>DC and the names that one declaration takes a value apart into.</summary>
    private int StructuredBindingName()
    {
        _at += 2;
        int list = _tree.Add(List);
        int last = list;
        while (!Take('E'))
        {
            int name = SourceName();
            if (name == 0 || !_tree.Append(ref last, name))
            {
                return 0;
            }
        }

        return Wrap(StructuredBinding, list);
    }

    /// <summary>&lt;module-name&gt;: W and a name, as often as it has parts.</summary>
    private int ModuleName(int module)
    {
        while (Take('W'))
        {
            int isPartition = Take('P') ? 1 : 0;
            int name = SourceName();
            module = name == 0 ? 0 : Remember(_tree.Add(Module, module, name, isPartition));
            if (module == 0)
            {
                return 0;
            }
        }

        return module;
    }

    /// <summary>&lt;operator-name&gt;</summary>
    private int OperatorName()
    {
        if (Peek == 'v' && char.IsAsciiDigit(PeekNext))
        {
            int operands = PeekNext - '0';
            _at += 2;
            int name = SourceName();
            return name == 0 ? 0 : _tree.Add(VendorOperator, name, operands);
        }

        if (Take('c', 'v'))
        {
            bool outer = _isConversion;
            _isConversion = true;
            int type = Type();
            _isConversion = outer;
            return Wrap(Conversion, type);
        }

        if (Take('l', 'i'))
        {
            return Wrap(LiteralOperator, SourceName());
        }

        int index = ItaniumOperators.Find(Peek, PeekNext);
        if (index < 0)
        {
            return 0;
        }

        _at += 2;
        return _tree.Add(Operator, index);
    }

    /// <summary>&lt;closure-type-name&gt;</summary>
    private int LambdaName()
    {
        _at += 2;
        int head = 0;
        if (IsTemplateParameterDeclaration())
        {
            head = TemplateParameterDeclarations();
            if (head == 0)
            {
                return 0;
            }
        }

        int parameters = Parameters();
        if (parameters == 0 || !Take('E'))
        {
            return 0;
        }

        int number = Counted();
        return number < 0 ? 0 : _tree.Add(Lambda, parameters, number + 1, head);
    }

    /// <summary>&lt;local-name&gt;: what belongs to a function.</summary>
    private int LocalName()
    {
        _at++;
        int function = Encoding();
        if (function == 0 || !Take('E'))
        {
            return 0;
        }

        if (Take('s'))
        {
            return Discriminator() ? _tree.Add(Local, function) : 0;
        }

        int parameter = -1;
        if (Take('d'))
        {
            parameter = Counted();
            if (parameter < 0)
            {
                return 0;
            }
        }

        int name = Name();
        if (name == 0 || (_tree[name].Kind is not (Lambda or UnnamedType) && !Discriminator()))
        {
            return 0;
        }

        if (parameter >= 0)
        {
            name = _tree.Add(DefaultArgument, name, parameter + 1);
        }

        return name == 0 ? 0 : _tree.Add(Local, function, name);
    }

    /// <summary>&lt;discriminator&gt;, which is not shown and may be missing.</summary>
    private bool Discriminator()
    {
        bool isLong = Peek == '_' && PeekNext == '_';
        int digits = _at + (isLong ? 2 : 1);
        if (Peek != '_' || digits >= _text.Length || !char.IsAsciiDigit(_text[digits]))
        {
            return true; // an underscore alone ends something else
        }

        _at = digits;
        int number = Number();
        return number >= 0 && (!isLong || number < 10 || Take('_'));
    }

    /// <summary>&lt;substitution&gt;: something that was read before, or a name of the standard library.</summary>
    /// <param name="isScope">
    /// True where something follows in it: constructors and destructors are shown as those of the class template.
    /// </param>
    private int Substitution(bool isScope)
    {
        _at++;
        if (Peek == '_' || char.IsAsciiDigit(Peek) || char.IsAsciiLetterUpper(Peek))
        {
            int index = SequenceNumber();
            return index >= 0 && index < _substitutions.Count ? _substitutions[index] : 0;
        }

        int standard = ItaniumWords.StandardOf(Peek);
        if (standard < 0)
        {
            return 0;
        }

        _at++;
        if (standard != ItaniumWords.Std)
        {
            _lastName = _tree.Add(ClassNameOfStandard, standard);
        }

        int name = _tree.Add(Standard, standard, isScope && Peek is 'C' or 'D' ? 1 : 0);
        return Peek == 'B' ? Remember(AbiTags(name)) : name;
    }
}
