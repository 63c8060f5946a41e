using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Types, which C++ writes around the name that is declared with them.
internal sealed partial class ItaniumPrinter
{
    private void TypeLeft(int node)
    {
        var (kind, a, b) = (tree[node].Kind, tree[node].A, tree[node].B);
        switch (kind)
        {
            case Builtin:
                output.Add(ItaniumWords.Builtin[a]);
                break;
            case FloatOfBits:
                output.Add("_Float");
                output.Add(_text.AsSpan(a, b));
                break;
            case IntegerOfBits:
                output.Add(b == 1 ? "unsigned _BitInt(" : "_BitInt(");
                Whole(a);
                output.Add(')');
                break;
            case Pointer:
                Left(a);
                OpenDeclarator(a);
                output.Add('*');
                break;
            case LvalueReference or RvalueReference:
                int scope = _scope;
                int referee = Referee(node, out bool isLvalue);
                Left(referee);
                OpenDeclarator(referee);
                output.Add(isLvalue ? "&" : "&&");
                _scope = scope;
                break;
            case PointerToMember:
                Left(b);
                OpenDeclarator(b);
                if (output.Last != '(')
                {
                    output.Add(' ');
                }

                Whole(a);
                output.Add("::*");
                break;
            case Complex:
                Left(a);
                output.Add(" _Complex");
                break;
            case Imaginary:
                Left(a);
                output.Add(" _Imaginary");
                break;
            case ItaniumKind.Array:
                Left(a);
                break;
            case Vector:
                Left(a);
                output.Add(" __vector(");
                Whole(b);
                output.Add(')');
                break;
            case Function:
                if (a != 0)
                {
                    Left(a);
                    AddSpaceBehind(a);
                }

                break;
            case Decltype:
                output.Add("decltype (");
                Whole(a);
                output.Add(')');
                break;
            case PackExpansion:
                WriteExpansion(a);
                break;
            default: // qualifiers
                Left(a);
                if (CoreOf(a) != Function && !IsQualifiedAlready(kind, a))
                {
                    WriteQualifier(node);
                }

                break;
        }
    }

    private void TypeRight(int node)
    {
        var (kind, a, b) = (tree[node].Kind, tree[node].A, tree[node].B);
        switch (kind)
        {
            case Pointer:
                CloseDeclarator(a);
                Right(a);
                break;
            case LvalueReference or RvalueReference:
                int scope = _scope;
                int referee = Referee(node, out _);
                CloseDeclarator(referee);
                Right(referee);
                _scope = scope;
                break;
            case PointerToMember:
                CloseDeclarator(b);
                Right(b);
                break;
            case ItaniumKind.Array:
                output.Add(output.Last == ']' ? "[" : " [");
                if (b != 0)
                {
                    Whole(b);
                }

                output.Add(']');
                Right(a);
                break;
            case Function:
                FunctionRight(node, node);
                break;
            case Complex or Imaginary or Vector:
                Right(a);
                break;
            case Builtin or FloatOfBits or IntegerOfBits or Decltype or PackExpansion:
                break;
            default: // qualifiers
                int function = tree.Unqualified(a);
                if (tree[function].Kind == Function)
                {
                    FunctionRight(function, node);
                }
                else
                {
                    Right(a);
                    if (CoreOf(a) == Function)
                    {
                        WriteQualifier(node);
                    }
                }

                break;
        }
    }

    /// <summary>Writes a function type's parameters, then its qualifiers, then the rest of the type that it returns.</summary>
    private void FunctionRight(int function, int qualifiers)
    {
        output.Add('(');
        Items(tree[function].B);
        output.Add(')');
        Qualifiers(qualifiers);
        if (tree[function].A != 0)
        {
            Right(tree[function].A);
        }
    }

    /// <summary>Writes a function's qualifiers, those nearest to it first and that of a reference behind <c>const</c>.</summary>
    private void Qualifiers(int node)
    {
        int reference = 0;
        int others = node;
        while (ItaniumTree.IsQualifier(tree[others].Kind))
        {
            reference = tree[others].Kind is LvalueThis or RvalueThis ? others : reference;
            others = tree[others].A;
        }

        QualifiersButReference(node);
        if (reference != 0)
        {
            WriteQualifier(reference);
        }
    }

    private void QualifiersButReference(int node)
    {
        if (ItaniumTree.IsQualifier(tree[node].Kind) && Enter())
        {
            QualifiersButReference(tree[node].A);
            if (tree[node].Kind is not (LvalueThis or RvalueThis))
            {
                WriteQualifier(node);
            }

            _depth--;
        }
    }

    private void WriteQualifier(int node)
    {
        int b = tree[node].B;
        switch (tree[node].Kind)
        {
            case Const:
                output.Add(" const");
                break;
            case ItaniumKind.Volatile:
                output.Add(" volatile");
                break;
            case Restrict:
                output.Add(" restrict");
                break;
            case LvalueThis:
                output.Add(" &");
                break;
            case RvalueThis:
                output.Add(" &&");
                break;
            case TransactionSafe:
                output.Add(" transaction_safe");
                break;
            case Noexcept:
                output.Add(" noexcept");
                if (b != 0)
                {
                    output.Add('(');
                    Whole(b);
                    output.Add(')');
                }

                break;
            case Throw:
                output.Add(" throw(");
                Items(b);
                output.Add(')');
                break;
            default:
                output.Add(' ');
                Whole(b);
                break;
        }
    }

    /// <summary>Pointers to functions and arrays need parentheses.</summary>
    private void OpenDeclarator(int target)
    {
        switch (CoreOf(target))
        {
            case Function:
                output.Add('(');
                break;
            case ItaniumKind.Array:
                output.Add(" (");
                break;
            default:
                break;
        }
    }

    private void CloseDeclarator(int target)
    {
        if (CoreOf(target) is Function or ItaniumKind.Array)
        {
            output.Add(')');
        }
    }

    /// <summary>Parts a type that a function returns from the function, unless the function stands inside its parentheses.</summary>
    private void AddSpaceBehind(int returned)
    {
        int scope = _scope;
        while (true)
        {
            returned = Resolved(returned);
            ref readonly var node = ref tree[returned];
            if (node.Kind is Pointer or LvalueReference or RvalueReference)
            {
                returned = node.A;
            }
            else if (node.Kind == PointerToMember)
            {
                returned = node.B;
            }
            else
            {
                break;
            }
        }

        bool isInside = CoreOf(returned) is Function or ItaniumKind.Array;
        _scope = scope;
        if (!isInside)
        {
            output.Add(' ');
        }
    }

    /// <summary>The kind of a type without qualifiers, that of what a parameter of a template stands for.</summary>
    private ItaniumKind CoreOf(int node)
    {
        int scope = _scope;
        node = Resolved(node);
        _scope = scope;
        return tree[node].Kind;
    }

    /// <summary>
    /// A type without qualifiers, and what it stands for if it is a parameter of a template; <see cref="_scope"/> becomes that
    /// in which it is looked at, and the caller sets it back.
    /// </summary>
    private int Resolved(int node)
    {
        while (true)
        {
            _steps++;
            node = tree.Unqualified(node);
            if (tree[node].Kind != TemplateParameter || _lambdas != 0)
            {
                return node;
            }

            int argument = ArgumentOf(node);
            if (argument == 0)
            {
                return 0;
            }

            _scope = _scopes[_scope].Outer;
            node = argument;
        }
    }

    /// <summary>
    /// What a reference refers to: one to a reference is a reference to what that refers to. <see cref="_scope"/> becomes that
    /// in which it is looked at, and the caller sets it back.
    /// </summary>
    private int Referee(int reference, out bool isLvalue)
    {
        isLvalue = false;
        while (true)
        {
            ref readonly var node = ref tree[reference];
            isLvalue |= node.Kind == LvalueReference;
            int target = node.A;
            int scope = _scope;
            int resolved = target;
            while (tree[resolved].Kind == TemplateParameter && _lambdas == 0)
            {
                _steps++;
                resolved = ArgumentOf(resolved);
                if (resolved == 0)
                {
                    break;
                }

                _scope = _scopes[_scope].Outer;
            }

            if (tree[resolved].Kind is not (LvalueReference or RvalueReference))
            {
                _scope = scope;
                return target;
            }

            reference = resolved;
        }
    }

    /// <summary>Whether a type has a qualifier already, which a parameter of a template may have brought.</summary>
    private bool IsQualifiedAlready(ItaniumKind qualifier, int node)
    {
        if (qualifier is not (Const or ItaniumKind.Volatile or Restrict))
        {
            return false;
        }

        int scope = _scope;
        bool isFound = false;
        while (!isFound)
        {
            _steps++;
            var kind = tree[node].Kind;
            isFound = kind == qualifier;
            if (ItaniumTree.IsQualifier(kind))
            {
                node = tree[node].A;
            }
            else if (kind == TemplateParameter && _lambdas == 0 && ArgumentOf(node) is not 0 and var argument)
            {
                _scope = _scopes[_scope].Outer;
                node = argument;
            }
            else
            {
                break;
            }
        }

        _scope = scope;
        return isFound;
    }
}
