using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Expressions, and the parameters that lambdas declare.
internal sealed partial class ItaniumPrinter
{
    private void WriteExpression(int node)
    {
        var (kind, a, b, c) = (tree[node].Kind, tree[node].A, tree[node].B, tree[node].C);
        switch (kind)
        {
            case TypeParameter or ValueParameter or TemplateTemplateParameter or ParameterPack:
                WriteDeclaration(node, "", isPack: false);
                break;
            case Literal or NegativeLiteral:
                WriteLiteral(a, _text.AsSpan(b, c), kind == NegativeLiteral);
                break;
            case FunctionParameter:
                if (a == 0)
                {
                    output.Add("this");
                }
                else
                {
                    output.Add("{parm#");
                    output.Add((ulong)a);
                    output.Add('}');
                }

                break;
            case Unary:
                WriteUnary(a, b);
                break;
            case Postfix:
                Operand(b);
                OperatorWords(a);
                break;
            case Binary:
                WriteBinary(a, b, c);
                break;
            case Conditional:
                Operand(a);
                output.Add('?');
                Operand(b);
                output.Add(" : ");
                Operand(c);
                break;
            case Call:
                // The types of the function's parameters are not shown where its arguments are.
                Operand(tree[a].Kind == ItaniumKind.Encoding ? tree.Unqualified(tree[a].A) : a);
                Operand(b);
                break;
            case Cast:
                output.Add('(');
                Whole(a);
                output.Add(')');
                Operand(b);
                break;
            case NamedCast:
                output.Add(ItaniumOperators.All[a].Words);
                output.Add('<');
                Whole(b);
                output.Add(">(");
                Whole(c);
                output.Add(')');
                break;
            case Braces:
                if (a != 0)
                {
                    Whole(a);
                }

                output.Add('{');
                Items(b);
                output.Add('}');
                break;
            case New:
                WriteNew(a, b, c);
                break;
            case Parentheses:
                output.Add('(');
                Items(a);
                output.Add(')');
                break;
            case Fold:
                WriteFold((char)a, b, c);
                break;
            case FieldInitializer:
                output.Add('.');
                Whole(a);
                output.Add('=');
                Operand(b);
                break;
            case ElementInitializer:
                output.Add('[');
                Whole(a);
                output.Add("]=");
                Operand(b);
                break;
            case RangeInitializer:
                output.Add('[');
                Whole(a);
                output.Add(" ... ");
                Whole(b);
                output.Add("]=");
                Operand(c);
                break;
            case SizeOfPack:
                WriteSizeOfPack(a);
                break;
            case VendorExpression:
                Whole(a);
                output.Add('(');
                Items(b);
                output.Add(')');
                break;
            default:
                WriteRequirement(kind, a, b, c);
                break;
        }
    }

    /// <summary>Writes an operand, in parentheses unless it is simple.</summary>
    private void Operand(int node)
    {
        bool isSimple = tree[node].Kind is Identifier or Qualified or Braces or FunctionParameter;
        if (!isSimple)
        {
            output.Add('(');
        }

        Whole(node);
        if (!isSimple)
        {
            output.Add(')');
        }
    }

    private void OperatorWords(int operation)
    {
        if (tree[operation].Kind == Operator)
        {
            output.Add(ItaniumOperators.All[tree[operation].A].Words);
        }
        else
        {
            Whole(operation);
        }
    }

    private string CodeOf(int operation) =>
        tree[operation].Kind == Operator ? ItaniumOperators.All[tree[operation].A].Code : "";

    private void WriteUnary(int operation, int operand)
    {
        string code = CodeOf(operation);
        if (code == "ad" && tree[operand].Kind == ItaniumKind.Encoding && tree[tree[operand].A].Kind == Qualified)
        {
            operand = tree[operand].A; // a function whose address is taken: its parameters are not shown
        }

        OperatorWords(operation);
        switch (code)
        {
            case "tr":
                break;
            case "gs":
                Whole(operand);
                break;
            case "st" or "nx":
                output.Add('(');
                Whole(operand);
                output.Add(')');
                break;
            default:
                Operand(operand);
                break;
        }
    }

    private void WriteBinary(int operation, int left, int right)
    {
        string code = CodeOf(operation);

        // What is greater would otherwise look like the end of the template arguments.
        bool isGreater = code == "gt";
        if (isGreater)
        {
            output.Add('(');
        }

        Operand(left);
        if (code == "ix")
        {
            output.Add('[');
            Whole(right);
            output.Add(']');
        }
        else
        {
            OperatorWords(operation);
            Operand(right);
        }

        if (isGreater)
        {
            output.Add(')');
        }
    }

    private void WriteNew(int placement, int type, int initializer)
    {
        output.Add("new ");
        if (tree[placement].A != 0)
        {
            Operand(placement);
            output.Add(' ');
        }

        Whole(type);
        if (initializer != 0)
        {
            Whole(initializer);
        }
    }

    private void WriteFold(char letter, int operation, int operands)
    {
        int outer = _packIndex;
        _packIndex = WholePack;
        string words = ItaniumOperators.All[operation].Words;
        output.Add('(');
        switch (letter)
        {
            case 'l':
                output.Add("...");
                output.Add(words);
                Operand(tree.ItemOf(operands, 0));
                break;
            case 'r':
                Operand(tree.ItemOf(operands, 0));
                output.Add(words);
                output.Add("...");
                break;
            default:
                Operand(tree.ItemOf(operands, 0));
                output.Add(words);
                output.Add("...");
                output.Add(words);
                Operand(tree.ItemOf(operands, 1));
                break;
        }

        output.Add(')');
        _packIndex = outer;
    }

    private void WriteSizeOfPack(int counted)
    {
        if (tree[counted].Kind == List)
        {
            int count = 0;
            for (int list = counted; list != 0 && tree[list].A != 0; list = tree[list].B)
            {
                int item = tree[list].A;
                int packed = tree[item].Kind == PackExpansion ? PackIn(tree[item].A) : 0;
                count += packed == 0 ? 1 : tree.CountOf(tree[packed].A);
            }

            output.Add((ulong)count);
            return;
        }

        int pack = PackIn(counted);
        if (pack != 0)
        {
            output.Add((ulong)tree.CountOf(tree[pack].A));
        }
        else
        {
            output.Add("sizeof...");
            Operand(counted);
        }
    }

    private void WriteLiteral(int type, ReadOnlySpan<char> value, bool isNegative)
    {
        string builtin = tree[type].Kind == Builtin ? ItaniumWords.Builtin[tree[type].A] : "";
        if (builtin == "bool" && !isNegative && value is "0" or "1")
        {
            output.Add(value is "0" ? "false" : "true");
            return;
        }

        string? suffix = builtin switch
        {
            "int" => "",
            "unsigned int" => "u",
            "long" => "l",
            "unsigned long" => "ul",
            "long long" => "ll",
            "unsigned long long" => "ull",
            _ => null,
        };
        if (suffix is null)
        {
            output.Add('(');
            Whole(type);
            output.Add(')');
        }

        if (isNegative)
        {
            output.Add('-');
        }

        bool isFloating = builtin is "float" or "double" or "long double" or "__float128";
        if (isFloating)
        {
            output.Add('[');
        }

        output.Add(value);
        if (isFloating)
        {
            output.Add(']');
        }

        output.Add(suffix ?? "");
    }
}
