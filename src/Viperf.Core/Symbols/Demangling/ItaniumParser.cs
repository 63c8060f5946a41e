using Viperf.Formats.Bytes;
using static Viperf.Core.Symbols.Demangling.ItaniumKind;

namespace Viperf.Core.Symbols.Demangling;

/// <summary>
/// Reads names as the Itanium C++ ABI writes them (https://itanium-cxx-abi.github.io/cxx-abi/abi.html, "External names"),
/// with what GCC and clang add to it. Each method reads one production at <see cref="_at"/> and returns its node, or 0 if
/// the text is not well-formed there; 0 makes the whole name unreadable, so nobody has to go back.
/// </summary>
internal sealed partial class ItaniumParser
{
    private readonly ItaniumTree _tree;

    /// <summary>What S0_ and the like stand for.</summary>
    private readonly List<int> _substitutions = [];

    private string _text = "";
    private int _at;
    private int _depth;
    private int _steps;

    /// <summary>The identifier that was read last outside template arguments: what constructors are named after.</summary>
    private int _lastName;

    /// <summary>True while the type of a conversion operator is read, behind which template arguments are the operator's.</summary>
    private bool _isConversion;

    public ItaniumParser(ItaniumTree tree) => _tree = tree;

    private char Peek => _at < _text.Length ? _text[_at] : '\0';

    private char PeekNext => _at + 1 < _text.Length ? _text[_at + 1] : '\0';

    private bool IsAtEnd => _at >= _text.Length;

    /// <summary>Reads a whole symbol.</summary>
    /// <param name="mangled">The symbol, which begins with <c>_Z</c>.</param>
    /// <param name="withParameters">
    /// False for what a symbol's function is called, without its parameters and what stands behind it.
    /// </param>
    /// <returns>Its node; 0 if it is not well-formed.</returns>
    public int Parse(string mangled, bool withParameters)
    {
        Begin(mangled, 2);
        int symbol = withParameters || Peek is 'T' or 'G' ? Encoding() : NameOfEncoding();
        if (symbol == 0 || !withParameters)
        {
            return symbol;
        }

        while (Peek == '.' && symbol != 0)
        {
            symbol = CloneSuffix(symbol);
        }

        return IsAtEnd ? symbol : 0;
    }

    /// <summary>Reads what runs the constructors or destructors of a file, which is named after one of its symbols.</summary>
    /// <param name="mangled">The symbol, which begins with <c>_GLOBAL__I_</c> or the like.</param>
    /// <param name="special">Index in <see cref="ItaniumWords.Special"/> of what it is.</param>
    /// <param name="prefixLength">Length of that beginning.</param>
    public int ParseGlobal(string mangled, int special, int prefixLength)
    {
        Begin(mangled, prefixLength);
        int key;
        if (mangled.AsSpan(_at).StartsWith("_Z"))
        {
            _at += 2;
            key = Encoding();
        }
        else
        {
            key = _tree.Add(Identifier, _at, mangled.Length - _at);
            _at = mangled.Length;
        }

        return key != 0 && IsAtEnd ? _tree.Add(Special, special, key) : 0;
    }

    private void Begin(string mangled, int at)
    {
        _tree.Clear();
        _substitutions.Clear();
        _text = mangled;
        _at = at;
        _depth = 0;
        _steps = 0;
        _lastName = 0;
        _isConversion = false;
    }

    /// <summary>Begins a production that may contain itself; false if it does so too deep, or if all this takes too long.</summary>
    private bool Enter()
    {
        _depth++;
        _steps++;
        return _depth <= Limits.DemanglingDepth && _steps <= Limits.DemanglingSteps;
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    private int Leave(int result)
    {
        _depth--;
        return result;
    }

    private bool Take(char letter)
    {
        if (Peek != letter)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool Take(char first, char second)
    {
        if (Peek != first || PeekNext != second)
        {
            return false;
        }

        _at += 2;
        return true;
    }

    /// <summary>Makes something that later parts of the name may refer to.</summary>
    private int Remember(int node)
    {
        if (node != 0)
        {
            _substitutions.Add(node);
        }

        return node;
    }

    /// <summary>A node of one child; 0 if the child is not well-formed.</summary>
    private int Wrap(ItaniumKind kind, int child) => child == 0 ? 0 : _tree.Add(kind, child);

    /// <summary>A node of two children; 0 if one of them is not well-formed.</summary>
    private int Pair(ItaniumKind kind, int first, int second) =>
        first == 0 || second == 0 ? 0 : _tree.Add(kind, first, second);

    /// <summary>A number of digits; -1 if there is none, or one that no symbol has.</summary>
    private int Number()
    {
        int number = -1;
        for (; char.IsAsciiDigit(Peek); _at++)
        {
            number = (Math.Max(number, 0) * 10) + Peek - '0';
            if (number > Limits.NameBytes)
            {
                return -1;
            }
        }

        return number;
    }

    /// <summary>A number that counts from 0, as <c>_</c>, <c>0_</c>, <c>1_</c>; -1 if there is none.</summary>
    private int Counted()
    {
        if (Take('_'))
        {
            return 0;
        }

        int number = Number();
        return number >= 0 && Take('_') ? number + 1 : -1;
    }

    /// <summary>&lt;encoding&gt;: a function with its parameters, a variable, or what the compiler made.</summary>
    private int Encoding() => Enter() ? Leave(EncodingInside()) : 0;

    private int EncodingInside()
    {
        if (Peek is 'G' or 'T')
        {
            return SpecialName();
        }

        int name = Name();
        if (name == 0 || Peek is '\0' or 'E')
        {
            return name;
        }

        int type = BareFunction(ReturnsAType(name));
        bool isConstrained = type != 0 && Take('Q');
        int constraint = isConstrained ? Expression() : 0;
        return type == 0 || (isConstrained && constraint == 0)
            ? 0
            : _tree.Add(ItaniumKind.Encoding, name, type, constraint);
    }

    /// <summary>The name of an encoding, without what only a parameter list makes sense of.</summary>
    private int NameOfEncoding()
    {
        int name = _tree.Unqualified(Name());
        if (_tree[name].Kind != Local)
        {
            return name;
        }

        var (function, inner) = (_tree[name].A, _tree[name].B);
        return _tree.Add(Local, function, _tree.Unqualified(inner));
    }

    /// <summary>Whether a function's return type is part of its name: that of a template is, where it has one.</summary>
    private bool ReturnsAType(int name)
    {
        while (true)
        {
            ref readonly var node = ref _tree[name];
            switch (node.Kind)
            {
                case Local:
                    name = node.B;
                    break;
                case DefaultArgument:
                    name = node.A;
                    break;
                case Template:
                    return !IsWithoutReturnType(node.A);
                default:
                    if (!ItaniumTree.IsQualifier(node.Kind))
                    {
                        return false;
                    }

                    name = node.A;
                    break;
            }
        }
    }

    private bool IsWithoutReturnType(int name)
    {
        while (true)
        {
            ref readonly var node = ref _tree[name];
            switch (node.Kind)
            {
                case Qualified or Local or Friend:
                    name = node.B;
                    break;
                case AbiTag or ModuleEntity:
                    name = node.A;
                    break;
                default:
                    return node.Kind is Constructor or Destructor or Conversion;
            }
        }
    }

    /// <summary>&lt;seq-id&gt; and its underscore, in base 36: 0 without digits, otherwise one more than they say; -1 if it is none.</summary>
    private int SequenceNumber()
    {
        int number = -1;
        for (; char.IsAsciiDigit(Peek) || char.IsAsciiLetterUpper(Peek); _at++)
        {
            number = (Math.Max(number, 0) * 36) + (char.IsAsciiDigit(Peek) ? Peek - '0' : Peek - 'A' + 10);
            if (number > Limits.NameBytes)
            {
                return -1;
            }
        }

        return Take('_') ? number + 1 : -1;
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(Peek))
        {
            _at++;
        }
    }
}
