using Viperf.Formats.Bytes;
using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

/// <summary>
/// Writes what <see cref="ItaniumParser"/> read as C++, spaces and all as c++filt does. Parameters of templates are looked up
/// here, where it is known whose name is being written, and not while reading: a substitution may stand for a parameter of
/// another template than where it was first written.
/// </summary>
internal sealed partial class ItaniumPrinter(ItaniumTree tree, DemangledText output)
{
    /// <summary>Index of a pack's argument that stands for all of them.</summary>
    private const int WholePack = -1;

    /// <summary>The arguments that parameters of templates are looked up in, from the outermost; 0 is no template.</summary>
    private readonly List<(int Arguments, int Outer)> _scopes = [default];

    private string _text = "";
    private int _depth;
    private int _steps;
    private bool _hasFailed;

    /// <summary>Index in <see cref="_scopes"/> of the template whose name is being written.</summary>
    private int _scope;

    /// <summary>Which argument a parameter pack stands for.</summary>
    private int _packIndex;

    /// <summary>The template whose name is being written, which a conversion operator's type may refer to; or 0.</summary>
    private int _template;

    /// <summary>The parameters that the template of the lambda being written declares, or 0.</summary>
    private int _lambdaHead;

    /// <summary>How many lambdas' parameter lists are being written, in which parameters of templates are <c>auto</c>.</summary>
    private int _lambdas;

    /// <summary>Writes a symbol.</summary>
    /// <param name="mangled">The text that was read.</param>
    /// <param name="symbol">The symbol's node.</param>
    /// <returns>False if it makes no sense, is too long or takes too much work.</returns>
    public bool TryWrite(string mangled, int symbol)
    {
        _text = mangled;
        _depth = 0;
        _steps = 0;
        _hasFailed = false;
        _scopes.RemoveRange(1, _scopes.Count - 1);
        _scope = 0;
        _packIndex = 0;
        _template = 0;
        _lambdaHead = 0;
        _lambdas = 0;
        Whole(symbol);
        return !_hasFailed && !output.IsTooLong && output.Length != 0;
    }

    /// <summary>Begins something that may contain itself; false if that goes too deep or takes too long.</summary>
    private bool Enter()
    {
        _steps++;
        if (_hasFailed || _depth >= Limits.DemanglingDepth || _steps > Limits.DemanglingSteps || output.IsTooLong)
        {
            _hasFailed = true;
            return false;
        }

        _depth++;
        return true;
    }

    /// <summary>Writes a type, a name or an expression.</summary>
    private void Whole(int node)
    {
        Left(node);
        Right(node);
    }

    /// <summary>Writes everything of a node but what comes behind the name that is declared with it.</summary>
    private void Left(int node)
    {
        if (!Enter())
        {
            return;
        }

        switch (tree[node].Kind)
        {
            case >= Builtin and <= VendorQualifier:
                TypeLeft(node);
                break;
            case TemplateParameter when _lambdas != 0:
                WriteLambdaParameter(tree[node].A);
                break;
            case TemplateParameter:
                int scope = _scope;
                Left(Follow(node));
                _scope = scope;
                break;
            case List:
                Items(node);
                break;
            case ArgumentPack:
                Items(tree[node].A);
                break;
            case >= TypeParameter:
                WriteExpression(node);
                break;
            default:
                WriteName(node);
                break;
        }

        _depth--;
    }

    /// <summary>Writes what comes behind a declared name: bounds of arrays, parameters of functions.</summary>
    private void Right(int node)
    {
        switch (tree[node].Kind)
        {
            case >= Builtin and <= VendorQualifier when Enter():
                TypeRight(node);
                _depth--;
                break;
            case TemplateParameter when _lambdas == 0 && Enter():
                int scope = _scope;
                Right(Follow(node));
                _scope = scope;
                _depth--;
                break;
            default:
                break;
        }
    }

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

    /// <summary>Writes a list, with commas; an empty pack behind another thing leaves no comma.</summary>
    private void Items(int list)
    {
        if (!Enter())
        {
            return;
        }

        if (tree[list].Kind == Constrained)
        {
            Items(tree[list].A);
            output.Add(" requires ");
            Whole(tree[list].B);
            _depth--;
            return;
        }

        // Commas are taken back from the end, as what follows a comma is the rest of the list, which is empty if all of it is.
        int kept = output.Length;
        int first = list;
        for (; list != 0 && tree[list].A != 0 && !_hasFailed; list = tree[list].B)
        {
            if (list != first)
            {
                output.Add(", ");
            }

            int start = output.Length;
            Whole(tree[list].A);
            if (output.Length != start || list == first)
            {
                kept = output.Length;
            }
        }

        if (!_hasFailed)
        {
            output.Truncate(Math.Min(kept, output.Length));
        }

        _depth--;
    }
}
