using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Names: what things are called, and in which scope.
internal sealed partial class ItaniumParser
{
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
