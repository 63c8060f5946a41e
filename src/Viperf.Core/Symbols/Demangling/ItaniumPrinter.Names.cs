using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Names: functions, what belongs to them, templates.
internal sealed partial class ItaniumPrinter
{
    private void WriteName(int node)
    {
        var (a, b, c) = (tree[node].A, tree[node].B, tree[node].C);
        switch (tree[node].Kind)
        {
            case Identifier:
                output.Add(_text.AsSpan(a, b));
                break;
            case AnonymousNamespace:
                output.Add("(anonymous namespace)");
                break;
            case Standard:
                output.Add(b == 1 ? ItaniumWords.Standard[a].Full : ItaniumWords.Standard[a].Short);
                break;
            case ClassNameOfStandard:
                output.Add(ItaniumWords.Standard[a].Name);
                break;
            case Qualified or Friend:
                Left(a);
                output.Add("::");
                Left(b);
                break;
            case Local:
                WriteLocalFunction(a);
                output.Add("::");
                if (b == 0)
                {
                    output.Add("string literal");
                }
                else
                {
                    Left(b);
                }

                break;
            case DefaultArgument:
                output.Add("{default arg#");
                output.Add((ulong)b);
                output.Add("}::");
                Left(a);
                break;
            case Template:
                WriteTemplate(node);
                break;
            case Constructor:
                Left(a);
                break;
            case Destructor:
                output.Add('~');
                Left(a);
                break;
            case Operator:
                string words = ItaniumOperators.All[a].Words;
                output.Add(char.IsAsciiLetter(words[0]) ? "operator " : "operator");
                output.Add(words.AsSpan().TrimEnd(' '));
                break;
            case Conversion:
                output.Add("operator ");
                WriteConversion(a);
                break;
            case LiteralOperator:
                output.Add("operator\"\" ");
                Left(a);
                break;
            case VendorOperator:
                output.Add("operator ");
                Left(a);
                break;
            case UnnamedType:
                output.Add("{unnamed type#");
                output.Add((ulong)a);
                output.Add('}');
                break;
            case Lambda:
                WriteLambda(a, b, c);
                break;
            case AbiTag:
                Left(a);
                output.Add("[abi:");
                Left(b);
                output.Add(']');
                break;
            case StructuredBinding:
                output.Add('[');
                Items(a);
                output.Add(']');
                break;
            case Module:
                if (a != 0)
                {
                    Left(a);
                }

                if (a != 0 || c == 1)
                {
                    output.Add(c == 1 ? ':' : '.');
                }

                Left(b);
                break;
            case ModuleEntity:
                Left(a);
                output.Add('@');
                Left(b);
                break;
            case ItaniumKind.Encoding:
                WriteEncoding(node, withReturnType: true);
                break;
            case Special:
                output.Add(ItaniumWords.Special[a].Words);
                Whole(b);
                if (c != 0)
                {
                    output.Add("-in-");
                    Whole(c);
                }

                break;
            case ReferenceTemporary:
                output.Add("reference temporary #");
                output.Add((ulong)a);
                output.Add(" for ");
                Whole(b);
                break;
            case Clone:
                Whole(a);
                output.Add(" [clone ");
                output.Add(_text.AsSpan(b, c));
                output.Add(']');
                break;
            default:
                _hasFailed = true;
                break;
        }
    }

    /// <summary>Writes a function that something belongs to: what it returns is not shown.</summary>
    private void WriteLocalFunction(int function)
    {
        if (tree[function].Kind == ItaniumKind.Encoding)
        {
            WriteEncoding(function, withReturnType: false);
        }
        else
        {
            Whole(function);
        }
    }

    /// <summary>Writes a function: what it returns, its name, its parameters and qualifiers.</summary>
    private void WriteEncoding(int encoding, bool withReturnType)
    {
        var (name, type, constraint) = (tree[encoding].A, tree[encoding].B, tree[encoding].C);
        int qualifiers = name;
        int bare = name;
        int template = name;
        while (true)
        {
            ref readonly var node = ref tree[template];
            if (ItaniumTree.IsQualifier(node.Kind))
            {
                template = node.A;
            }
            else if (node.Kind == Local && node.B != 0)
            {
                qualifiers = node.B;
                template = node.B;
            }
            else if (node.Kind == DefaultArgument)
            {
                qualifiers = node.A;
                template = node.A;
            }
            else
            {
                break;
            }
        }

        bare = tree.Unqualified(bare);
        int outer = _scope;
        if (tree[template].Kind == Template)
        {
            Push(tree[template].B);
        }

        int returned = withReturnType ? tree[type].A : 0;
        if (returned != 0)
        {
            Left(returned);
            AddSpaceBehind(returned);
        }

        if (tree[bare].Kind == Local && qualifiers != tree.Unqualified(qualifiers))
        {
            WriteLocalWithoutQualifiers(bare);
        }
        else
        {
            Left(bare);
        }

        output.Add('(');
        Items(tree[type].B);
        output.Add(')');
        Qualifiers(qualifiers);
        if (returned != 0)
        {
            Right(returned);
        }

        if (constraint != 0)
        {
            output.Add(" requires ");
            Whole(constraint);
        }

        Pop(outer);
    }

    /// <summary>Writes the name of a function's function, whose qualifiers come behind its parameters.</summary>
    private void WriteLocalWithoutQualifiers(int local)
    {
        if (!Enter())
        {
            return;
        }

        var (function, inner) = (tree[local].A, tree[local].B);
        WriteLocalFunction(function);
        output.Add("::");
        if (tree[inner].Kind == DefaultArgument)
        {
            output.Add("{default arg#");
            output.Add((ulong)tree[inner].B);
            output.Add("}::");
            inner = tree[inner].A;
        }

        inner = tree.Unqualified(inner);
        if (tree[inner].Kind == Local)
        {
            WriteLocalWithoutQualifiers(inner);
        }
        else
        {
            Left(inner);
        }

        _depth--;
    }

    private void WriteTemplate(int node)
    {
        int outer = _template;
        _template = node;
        Left(tree[node].A);
        _template = outer;
        WriteArguments(tree[node].B);
    }

    private void WriteArguments(int arguments)
    {
        if (output.Last == '<')
        {
            output.Add(' ');
        }

        output.Add('<');
        Items(arguments);
        output.Add(output.Last == '>' ? " >" : ">");
    }

    /// <summary>
    /// Writes the type that an operator converts to. It may refer to the arguments of the operator's own template, which its
    /// name comes before.
    /// </summary>
    private void WriteConversion(int type)
    {
        int outer = _scope;
        if (_template != 0)
        {
            Push(tree[_template].B);
        }

        Whole(type);
        Pop(outer);
    }

    private void WriteLambda(int parameters, int number, int head)
    {
        output.Add("{lambda");
        int outerHead = _lambdaHead;
        _lambdaHead = head;
        _lambdas++;
        if (head != 0)
        {
            WriteHead(head, withNames: true);
        }

        output.Add('(');
        Items(parameters);
        output.Add(")#");
        _lambdas--;
        _lambdaHead = outerHead;
        output.Add((ulong)number);
        output.Add('}');
    }
}
