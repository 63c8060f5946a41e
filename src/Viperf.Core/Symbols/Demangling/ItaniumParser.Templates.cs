using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Parameters of templates, and their arguments.
internal sealed partial class ItaniumParser
{
    /// <summary>A type that begins with T: a parameter of a template, which may be a template itself.</summary>
    private int TemplateParameterType()
    {
        int parameter = TemplateParameterName();
        if (Peek != 'I')
        {
            return Remember(parameter);
        }

        if (!_isConversion)
        {
            Remember(parameter);
            return Remember(Pair(Template, parameter, TemplateArguments()));
        }

        // Of a conversion operator's type, only the first of two lists of arguments is the type's.
        int start = _at;
        int remembered = _substitutions.Count;
        Remember(parameter);
        int arguments = TemplateArguments();
        if (arguments != 0 && Peek == 'I')
        {
            return Remember(Pair(Template, parameter, arguments));
        }

        _at = start;
        _substitutions.RemoveRange(remembered, _substitutions.Count - remembered);
        return Remember(parameter);
    }

    /// <summary>&lt;template-param&gt;</summary>
    private int TemplateParameterName()
    {
        if (!Take('T'))
        {
            return 0;
        }

        if (Take('L'))
        {
            // A parameter of an enclosing lambda's template, by how many lambdas lie between; shown like others.
            if (Counted() < 0)
            {
                return 0;
            }
        }

        int number = Counted();
        return number < 0 ? 0 : _tree.Add(TemplateParameter, number);
    }

    /// <summary>&lt;template-args&gt;</summary>
    private int TemplateArguments()
    {
        if (!Enter() || !(Take('I') || Take('J')))
        {
            return 0;
        }

        int lastName = _lastName;
        bool isConversion = _isConversion;
        _isConversion = false;
        int list = _tree.Add(List);
        int last = list;
        while (!Take('E'))
        {
            if (Take('Q'))
            {
                int constraint = Expression();
                _lastName = lastName;
                _isConversion = isConversion;
                return Leave(constraint != 0 && Take('E') ? Pair(Constrained, list, constraint) : 0);
            }

            int argument = TemplateArgument();
            if (argument == 0 || !_tree.Append(ref last, argument))
            {
                return 0;
            }
        }

        _lastName = lastName;
        _isConversion = isConversion;
        return Leave(list);
    }

    /// <summary>&lt;template-arg&gt;</summary>
    private int TemplateArgument()
    {
        switch (Peek)
        {
            case 'X':
                _at++;
                int expression = Expression();
                return Take('E') ? expression : 0;
            case 'L':
                return Primary();
            case 'I' or 'J':
                return Wrap(ArgumentPack, TemplateArguments());
            case 'T' when IsTemplateParameterDeclaration():
                return TemplateParameterDeclaration() == 0 ? 0 : TemplateArgument();
            default:
                return Type();
        }
    }

    private bool IsTemplateParameterDeclaration() => Peek == 'T' && PeekNext is 'y' or 'n' or 't' or 'p' or 'k';

    /// <summary>The parameters that a lambda's template declares.</summary>
    private int TemplateParameterDeclarations()
    {
        int list = _tree.Add(List);
        int last = list;
        while (IsTemplateParameterDeclaration())
        {
            int declaration = TemplateParameterDeclaration();
            if (declaration == 0 || !_tree.Append(ref last, declaration))
            {
                return 0;
            }
        }

        return Take('Q') ? Pair(Constrained, list, Expression()) : list;
    }

    /// <summary>&lt;template-param-decl&gt;</summary>
    private int TemplateParameterDeclaration()
    {
        if (!Enter())
        {
            return 0;
        }

        char letter = PeekNext;
        _at += 2;
        int declaration;
        switch (letter)
        {
            case 'y':
                declaration = _tree.Add(TypeParameter);
                break;
            case 'k':
                declaration = Wrap(TypeParameter, Name());
                break;
            case 'n':
                declaration = Wrap(ValueParameter, Type());
                break;
            case 'p':
                declaration = IsTemplateParameterDeclaration() ? Wrap(ParameterPack, TemplateParameterDeclaration()) : 0;
                break;
            default:
                int parameters = TemplateParameterDeclarations();
                declaration = Take('E') ? Wrap(TemplateTemplateParameter, parameters) : 0;
                break;
        }

        return Leave(declaration);
    }
}
