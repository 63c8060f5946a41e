using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Expressions, which types and template arguments are made of where they depend on parameters.
internal sealed partial class ItaniumParser
{
    /// <summary>&lt;expression&gt;</summary>
    private int Expression() => Enter() ? Leave(ExpressionInside()) : 0;

    private int ExpressionInside()
    {
        bool outer = _isConversion;
        _isConversion = false;
        int expression = Peek switch
        {
            'L' => Primary(),
            'T' => TemplateParameterName(),
            >= '0' and <= '9' => WithTemplateArguments(UnqualifiedName()),
            _ => ExpressionOfCode(),
        };
        _isConversion = outer;
        return expression;
    }

    private int WithTemplateArguments(int name) =>
        name != 0 && Peek == 'I' ? Pair(Template, name, TemplateArguments()) : name;

    private int ExpressionOfCode()
    {
        if (Take('s', 'r'))
        {
            return ScopedName();
        }

        if (Take('s', 'p'))
        {
            return Wrap(PackExpansion, Expression());
        }

        if (Peek == 'f' && PeekNext is 'p' or 'L' && !IsFoldAhead())
        {
            return FunctionParameterName();
        }

        if (Peek == 'o' && PeekNext == 'n')
        {
            return WithTemplateArguments(UnqualifiedName());
        }

        if (Take('d', 'n'))
        {
            int name = char.IsAsciiDigit(Peek) ? WithTemplateArguments(SourceName()) : Type();
            return Wrap(Destructor, name);
        }

        if (Take('i', 'l'))
        {
            return BracesOf(0);
        }

        if (Take('t', 'l'))
        {
            int type = Type();
            return type == 0 ? 0 : BracesOf(type);
        }

        if (Take('r', 'q'))
        {
            return RequiresExpression(0);
        }

        if (Take('r', 'Q'))
        {
            int parameters = Parameters();
            return parameters != 0 && Take('_') ? RequiresExpression(parameters) : 0;
        }

        if (Peek == 'u' && char.IsAsciiDigit(PeekNext))
        {
            _at++;
            int name = SourceName();
            return name == 0 ? 0 : Pair(VendorExpression, name, ArgumentsUpToE());
        }

        if (Peek == 'v' && char.IsAsciiDigit(PeekNext))
        {
            int operands = PeekNext - '0';
            return OfOperands(OperatorName(), operands);
        }

        return OperatorExpression();
    }

    /// <summary>&lt;unresolved-name&gt; behind sr: a name in a type, or in scopes that depend on parameters.</summary>
    private int ScopedName()
    {
        int start = _at;
        int remembered = _substitutions.Count;
        int scope = 0;
        while (char.IsAsciiDigit(Peek))
        {
            int level = WithTemplateArguments(SourceName());
            scope = scope == 0 || level == 0 ? level : _tree.Add(Qualified, scope, level);
            if (scope == 0)
            {
                return 0;
            }
        }

        bool isScopes = scope != 0 && Peek == 'E' && (char.IsAsciiDigit(PeekNext) || PeekNext is 'o' or 'd');
        if (isScopes)
        {
            _at++;
        }
        else
        {
            // A type: old compilers wrote those of one name so, too.
            _at = start;
            _substitutions.RemoveRange(remembered, _substitutions.Count - remembered);
            scope = Type();
        }

        if (scope == 0)
        {
            return 0;
        }

        int name = Peek == 'd' && PeekNext == 'n' ? Expression() : UnqualifiedName();
        return WithTemplateArguments(Pair(Qualified, scope, name));
    }

    /// <summary>fL begins a fold, and a parameter of an enclosing function if a number follows.</summary>
    private bool IsFoldAhead() => PeekNext == 'L' && !(_at + 2 < _text.Length && char.IsAsciiDigit(_text[_at + 2]));

    private int FunctionParameterName()
    {
        _at++;
        if (Take('L') && Number() < 0)
        {
            return 0;
        }

        if (!Take('p'))
        {
            return 0;
        }

        if (Take('T'))
        {
            return _tree.Add(FunctionParameter, 0);
        }

        while (Peek is 'r' or 'V' or 'K')
        {
            _at++; // not shown
        }

        int number = Counted();
        return number < 0 ? 0 : _tree.Add(FunctionParameter, number + 1);
    }

    private int OperatorExpression()
    {
        char first = Peek;
        char second = PeekNext;
        if (Take('c', 'v'))
        {
            int type = Type();
            return type == 0 ? 0 : Pair(Cast, type, Take('_') ? ExpressionsUpTo('E') : Expression());
        }

        if (Take('c', 'p'))
        {
            int function = Expression();
            return function == 0 ? 0 : Pair(Call, function, ExpressionsUpTo('E'));
        }

        int index = ItaniumOperators.Find(first, second);
        if (index < 0)
        {
            return 0;
        }

        _at += 2;
        switch ((first, second))
        {
            case ('s', 't') or ('a', 't') or ('t', 'i'):
                return UnaryOf(index, Type());
            case ('s', 'Z'):
                return Wrap(SizeOfPack, Expression());
            case ('s', 'P'):
                return Wrap(SizeOfPack, ArgumentsUpToE());
            case ('c', 'c') or ('d', 'c') or ('r', 'c') or ('s', 'c'):
                int type = Type();
                int cast = type == 0 ? 0 : Expression();
                return cast == 0 ? 0 : _tree.Add(NamedCast, index, type, cast);
            case ('p', 'p') or ('m', 'm'):
                bool isPrefix = Take('_');
                int operand = Expression();
                return operand == 0 ? 0 : _tree.Add(isPrefix ? Unary : Postfix, _tree.Add(Operator, index), operand);
            case ('c', 'l'):
                int function = Expression();
                return function == 0 ? 0 : Pair(Call, function, ExpressionsUpTo('E'));
            case ('n', 'w') or ('n', 'a'):
                return NewExpression();
            case ('f', _):
                return FoldExpression(second);
            case ('d', 'i'):
                int field = SourceName();
                return field == 0 ? 0 : Pair(FieldInitializer, field, Expression());
            case ('d', 'x'):
                int element = Expression();
                return element == 0 ? 0 : Pair(ElementInitializer, element, Expression());
            case ('d', 'X'):
                int from = Expression();
                int to = from == 0 ? 0 : Expression();
                int value = to == 0 ? 0 : Expression();
                return value == 0 ? 0 : _tree.Add(RangeInitializer, from, to, value);
            default:
                return OfOperands(_tree.Add(Operator, index), ItaniumOperators.All[index].Operands);
        }
    }

    private int UnaryOf(int index, int operand) =>
        operand == 0 ? 0 : _tree.Add(Unary, _tree.Add(Operator, index), operand);

    private int OfOperands(int operation, int operands)
    {
        if (operation == 0)
        {
            return 0;
        }

        switch (operands)
        {
            case 0:
                return _tree.Add(Unary, operation);
            case 1:
                return Pair(Unary, operation, Expression());
            case 2:
                int left = Expression();
                int right = left == 0 ? 0 : Expression();
                return right == 0 ? 0 : _tree.Add(Binary, operation, left, right);
            case 3:
                int condition = Expression();
                int yes = condition == 0 ? 0 : Expression();
                int no = yes == 0 ? 0 : Expression();
                return no == 0 ? 0 : _tree.Add(Conditional, condition, yes, no);
            default:
                return 0;
        }
    }

    private int ExpressionsUpTo(char end)
    {
        int list = _tree.Add(List);
        int last = list;
        while (!Take(end))
        {
            int expression = Expression();
            if (expression == 0 || !_tree.Append(ref last, expression))
            {
                return 0;
            }
        }

        return list;
    }

    private int ArgumentsUpToE()
    {
        int list = _tree.Add(List);
        int last = list;
        while (!Take('E'))
        {
            int argument = TemplateArgument();
            if (argument == 0 || !_tree.Append(ref last, argument))
            {
                return 0;
            }
        }

        return list;
    }

    private int BracesOf(int type)
    {
        int list = ExpressionsUpTo('E');
        return list == 0 ? 0 : _tree.Add(Braces, type, list);
    }

    private int NewExpression()
    {
        int placement = ExpressionsUpTo('_');
        int type = placement == 0 ? 0 : Type();
        if (type == 0)
        {
            return 0;
        }

        if (Take('E'))
        {
            return _tree.Add(New, placement, type);
        }

        int initializer = Take('p', 'i') ? Wrap(Parentheses, ExpressionsUpTo('E')) : Expression();
        return initializer == 0 ? 0 : _tree.Add(New, placement, type, initializer);
    }

    private int FoldExpression(char letter)
    {
        int index = ItaniumOperators.Find(Peek, PeekNext);
        if (index < 0)
        {
            return 0;
        }

        _at += 2;
        int first = Expression();
        int second = first != 0 && letter is 'L' or 'R' ? Expression() : 0;
        if (first == 0 || (second == 0 && letter is 'L' or 'R'))
        {
            return 0;
        }

        int list = _tree.ListOf(first);
        int last = list;
        return second != 0 && !_tree.Append(ref last, second)
            ? 0
            : _tree.Add(Fold, letter, index, list);
    }

    /// <summary>The requirements of a requires-expression.</summary>
    private int RequiresExpression(int parameters)
    {
        int list = _tree.Add(List);
        int last = list;
        while (!Take('E'))
        {
            int requirement;
            if (Take('X'))
            {
                int expression = Expression();
                int isNoexcept = Take('N') ? 1 : 0;
                int constraint = 0;
                if (Take('R'))
                {
                    constraint = Name();
                    if (constraint == 0)
                    {
                        return 0;
                    }
                }

                requirement = expression == 0 ? 0 : _tree.Add(Requirement, expression, isNoexcept, constraint);
            }
            else if (Take('T'))
            {
                requirement = Wrap(TypeRequirement, Type());
            }
            else
            {
                requirement = Take('Q') ? Wrap(NestedRequirement, Expression()) : 0;
            }

            if (requirement == 0 || !_tree.Append(ref last, requirement))
            {
                return 0;
            }
        }

        return _tree.Add(Requires, parameters, list);
    }

    /// <summary>&lt;expr-primary&gt;: a value of a type, or something that has a name.</summary>
    private int Primary()
    {
        _at++;
        if (Take('_', 'Z') || Take('Z'))
        {
            int named = Encoding();
            return Take('E') ? named : 0;
        }

        int type = Type();
        if (type == 0)
        {
            return 0;
        }

        if (Peek == 'E' && _tree[type].Kind == Builtin)
        {
            _at++;
            return type; // of nullptr
        }

        var kind = Take('n') ? NegativeLiteral : Literal;
        int start = _at;
        while (Peek is not ('E' or '\0'))
        {
            _at++;
        }

        int length = _at - start;
        return Take('E') ? _tree.Add(kind, type, start, length) : 0;
    }
}
