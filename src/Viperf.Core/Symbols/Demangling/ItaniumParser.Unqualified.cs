using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Names without their scope: identifiers, operators, constructors, lambdas.
internal sealed partial class ItaniumParser
{
    /// <summary>Names that GCC and clang give to namespaces without one begin so, with a dot or a dollar where assemblers allow it.</summary>
    private const string AnonymousStart = "_GLOBAL_";

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
}
