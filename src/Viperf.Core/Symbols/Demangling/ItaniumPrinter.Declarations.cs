using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Parameters that templates of lambdas declare, and requirements.
internal sealed partial class ItaniumPrinter
{
    private void WriteRequirement(ItaniumKind kind, int a, int b, int c)
    {
        switch (kind)
        {
            case Requires:
                output.Add("requires ");
                if (a != 0)
                {
                    output.Add('(');
                    Items(a);
                    output.Add(") ");
                }

                output.Add('{');
                for (int list = b; list != 0 && tree[list].A != 0 && !_hasFailed; list = tree[list].B)
                {
                    output.Add(' ');
                    Whole(tree[list].A);
                    output.Add(';');
                }

                output.Add(" }");
                break;
            case Requirement:
                if (b == 1 || c != 0)
                {
                    output.Add('{');
                    Whole(a);
                    output.Add('}');
                    output.Add(b == 1 ? " noexcept" : "");
                }
                else
                {
                    Whole(a);
                }

                if (c != 0)
                {
                    output.Add(" -> ");
                    Whole(c);
                }

                break;
            case TypeRequirement:
                output.Add("typename ");
                Whole(a);
                break;
            case NestedRequirement:
                output.Add("requires ");
                Whole(a);
                break;
            default:
                _hasFailed = true;
                break;
        }
    }

    /// <summary>Writes the parameters that a lambda's template declares, or one of these that is a template itself.</summary>
    private void WriteHead(int head, bool withNames)
    {
        int list = tree[head].Kind == Constrained ? tree[head].A : head;
        output.Add('<');
        for (int number = 0; list != 0 && tree[list].A != 0 && !_hasFailed; list = tree[list].B, number++)
        {
            if (number != 0)
            {
                output.Add(", ");
            }

            WriteDeclaration(tree[list].A, withNames ? NameOfHead(tree[list].A, number) : "", isPack: false);
        }

        output.Add('>');
        if (tree[head].Kind == Constrained)
        {
            output.Add(" requires ");
            Whole(tree[head].B);
        }
    }

    /// <summary>What a declared parameter is called: it has a number, and a letter by its kind.</summary>
    private string NameOfHead(int declaration, int number)
    {
        while (tree[declaration].Kind == ParameterPack)
        {
            declaration = tree[declaration].A;
        }

        string letters = tree[declaration].Kind switch
        {
            TypeParameter => "T",
            ValueParameter => "N",
            _ => "TT",
        };
        return $"${letters}{number}";
    }

    private void WriteDeclaration(int declaration, string name, bool isPack)
    {
        if (!Enter())
        {
            return;
        }

        int a = tree[declaration].A;
        switch (tree[declaration].Kind)
        {
            case ParameterPack:
                WriteDeclaration(a, name, isPack: true);
                break;
            case TypeParameter:
                if (a == 0)
                {
                    output.Add("typename");
                }
                else
                {
                    Whole(a);
                }

                AddName(name, isPack);
                break;
            case ValueParameter:
                Left(a);
                AddName(name, isPack);
                Right(a);
                break;
            default:
                output.Add("template");
                WriteHead(a, withNames: false);
                output.Add(" class");
                AddName(name, isPack);
                break;
        }

        _depth--;
    }

    private void AddName(string name, bool isPack)
    {
        output.Add(isPack ? "..." : "");
        if (name.Length != 0)
        {
            output.Add(' ');
            output.Add(name);
        }
    }

    /// <summary>Writes a parameter of a lambda's template where the lambda is declared.</summary>
    private void WriteLambdaParameter(int number)
    {
        int list = tree[_lambdaHead].Kind == Constrained ? tree[_lambdaHead].A : _lambdaHead;
        int declaration = list == 0 ? 0 : tree.ItemOf(list, number);
        if (declaration != 0)
        {
            output.Add(NameOfHead(declaration, number));
            return;
        }

        output.Add("auto:");
        output.Add((ulong)number + 1);
    }
}
