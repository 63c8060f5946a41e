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
