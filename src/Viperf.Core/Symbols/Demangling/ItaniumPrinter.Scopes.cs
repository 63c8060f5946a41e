using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

// Parameters of templates: what they stand for.
internal sealed partial class ItaniumPrinter
{
    /// <summary>Begins to look parameters up in a template's arguments.</summary>
    private void Push(int arguments)
    {
        _scopes.Add((arguments, _scope));
        _scope = _scopes.Count - 1;
    }

    /// <summary>Ends what <see cref="Push"/> began.</summary>
    private void Pop(int outer)
    {
        if (_scope != outer)
        {
            _scopes.RemoveAt(_scopes.Count - 1);
            _scope = outer;
        }
    }

    /// <summary>
    /// Goes to what a parameter stands for, which is looked at from outside the template, whose parameters it may refer to in
    /// turn: <see cref="_scope"/> becomes that outside, and the caller sets it back.
    /// </summary>
    private int Follow(int parameter)
    {
        int argument = ArgumentOf(parameter);
        if (argument == 0)
        {
            _hasFailed = true;
        }
        else
        {
            _scope = _scopes[_scope].Outer;
        }

        return argument;
    }

    /// <summary>The argument that a parameter stands for, of a pack the one that is being written; 0 if there is none.</summary>
    private int ArgumentOf(int parameter)
    {
        int argument = ArgumentOrPackOf(parameter);
        return argument != 0 && tree[argument].Kind == ArgumentPack && _packIndex != WholePack
            ? tree.ItemOf(tree[argument].A, _packIndex)
            : argument;
    }

    private int ArgumentOrPackOf(int parameter)
    {
        if (_scope == 0)
        {
            return 0;
        }

        int arguments = _scopes[_scope].Arguments;
        if (tree[arguments].Kind == Constrained)
        {
            arguments = tree[arguments].A;
        }

        return tree.ItemOf(arguments, tree[parameter].A);
    }

    /// <summary>Writes the pattern of an expansion once for each argument of the pack in it.</summary>
    private void WriteExpansion(int pattern)
    {
        int pack = _lambdas == 0 ? PackIn(pattern) : 0;
        if (pack == 0)
        {
            Operand(pattern);
            output.Add("...");
            return;
        }

        int count = tree.CountOf(tree[pack].A);
        int outer = _packIndex;
        for (int i = 0; i < count && !_hasFailed; i++)
        {
            if (i != 0)
            {
                output.Add(", ");
            }

            _packIndex = i;
            Whole(pattern);
        }

        _packIndex = outer;
    }

    /// <summary>The first pack of arguments that something refers to; 0 if there is none.</summary>
    private int PackIn(int node)
    {
        if (node == 0 || !Enter())
        {
            return 0;
        }

        int pack = 0;
        var (kind, a, b, c) = (tree[node].Kind, tree[node].A, tree[node].B, tree[node].C);
        if (kind == TemplateParameter)
        {
            int argument = ArgumentOrPackOf(node);
            pack = argument != 0 && tree[argument].Kind == ArgumentPack ? argument : 0;
        }
        else
        {
            var parts = PartsOf(kind);
            pack = parts.HasFlag(Parts.A) ? PackIn(a) : 0;
            pack = pack == 0 && parts.HasFlag(Parts.B) ? PackIn(b) : pack;
            pack = pack == 0 && parts.HasFlag(Parts.C) ? PackIn(c) : pack;
        }

        _depth--;
        return pack;
    }

    /// <summary>Which of a node's numbers are nodes that may refer to packs.</summary>
    private static Parts PartsOf(ItaniumKind kind) => kind switch
    {
        Qualified or Local or Template or ItaniumKind.Encoding or PointerToMember or ItaniumKind.Array or Vector or Function
            or Noexcept or Throw or VendorQualifier or List or Unary or Postfix or Call or Cast or Braces or VendorExpression
            or FieldInitializer or ElementInitializer or Constrained or Friend => Parts.A | Parts.B,
        Constructor or Destructor or Conversion or LiteralOperator or VendorOperator or Pointer or LvalueReference
            or RvalueReference or Complex or Imaginary or Decltype or Const or ItaniumKind.Volatile or Restrict or LvalueThis or RvalueThis
            or TransactionSafe or ArgumentPack or Literal or NegativeLiteral or Parentheses or SizeOfPack or TypeRequirement
            or NestedRequirement => Parts.A,
        Binary or Conditional or New or RangeInitializer => Parts.A | Parts.B | Parts.C,
        Special or NamedCast => Parts.B | Parts.C,
        Requires => Parts.A | Parts.B,
        Requirement => Parts.A | Parts.C,
        Fold => Parts.C,
        _ => Parts.None,
    };

    [Flags]
    private enum Parts
    {
        None = 0,
        A = 1,
        B = 2,
        C = 4,
    }
}
