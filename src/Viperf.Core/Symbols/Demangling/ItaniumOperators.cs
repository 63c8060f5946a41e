namespace Viperf.Core.Symbols.Demangling;

/// <summary>The operators of the Itanium C++ ABI, in the words of c++filt.</summary>
internal static class ItaniumOperators
{
    private static readonly ItaniumOperator[] s_all =
    [
        new("aN", "&=", 2), new("aS", "=", 2), new("aa", "&&", 2), new("ad", "&", 1), new("an", "&", 2),
        new("at", "alignof ", 1), new("aw", "co_await ", 1), new("az", "alignof ", 1), new("cc", "const_cast", 2),
        new("cl", "()", 2), new("cm", ",", 2), new("co", "~", 1), new("dV", "/=", 2), new("dX", "[...]=", 3),
        new("da", "delete[] ", 1), new("dc", "dynamic_cast", 2), new("de", "*", 1), new("di", "=", 2),
        new("dl", "delete ", 1), new("ds", ".*", 2), new("dt", ".", 2), new("dv", "/", 2), new("dx", "]=", 2),
        new("eO", "^=", 2), new("eo", "^", 2), new("eq", "==", 2), new("fL", "...", 3), new("fR", "...", 3),
        new("fl", "...", 2), new("fr", "...", 2), new("ge", ">=", 2), new("gs", "::", 1), new("gt", ">", 2),
        new("ix", "[]", 2), new("lS", "<<=", 2), new("le", "<=", 2), new("li", "operator\"\" ", 1), new("ls", "<<", 2),
        new("lt", "<", 2), new("mI", "-=", 2), new("mL", "*=", 2), new("mi", "-", 2), new("ml", "*", 2),
        new("mm", "--", 1), new("na", "new[]", 3), new("ne", "!=", 2), new("ng", "-", 1), new("nt", "!", 1),
        new("nw", "new", 3), new("nx", "noexcept", 1), new("oR", "|=", 2), new("oo", "||", 2), new("or", "|", 2),
        new("pL", "+=", 2), new("pl", "+", 2), new("pm", "->*", 2), new("pp", "++", 1), new("ps", "+", 1),
        new("pt", "->", 2), new("qu", "?", 3), new("rM", "%=", 2), new("rS", ">>=", 2), new("rc", "reinterpret_cast", 2),
        new("rm", "%", 2), new("rs", ">>", 2), new("sP", "sizeof...", 1), new("sZ", "sizeof...", 1),
        new("sc", "static_cast", 2), new("ss", "<=>", 2), new("st", "sizeof ", 1), new("sz", "sizeof ", 1),
        new("te", "typeid ", 1), new("ti", "typeid ", 1), new("tr", "throw", 0), new("tw", "throw ", 1),
    ];

    /// <summary>Index by code, both letters between A and z.</summary>
    private static readonly sbyte[] s_index = BuildIndex();

    /// <summary>All operators.</summary>
    public static ReadOnlySpan<ItaniumOperator> All => s_all;

    /// <summary>Index in <see cref="All"/> of a code, or -1.</summary>
    public static int Find(char first, char second)
    {
        int place = PlaceOf(first, second);
        return place < 0 ? -1 : s_index[place];
    }

    private static int PlaceOf(char first, char second) =>
        first is >= 'a' and <= 'z' && second is >= 'A' and <= 'z' ? ((first - 'a') * 64) + second - 'A' : -1;

    private static sbyte[] BuildIndex()
    {
        var index = new sbyte[26 * 64];
        Array.Fill(index, (sbyte)-1);
        for (int i = 0; i < s_all.Length; i++)
        {
            index[PlaceOf(s_all[i].Code[0], s_all[i].Code[1])] = (sbyte)i;
        }

        return index;
    }
}

/// <summary>An operator.</summary>
/// <param name="Code">Its two letters.</param>
/// <param name="Words">What c++filt writes for it; a space at the end parts it from its operand.</param>
/// <param name="Operands">How many it takes.</param>
internal readonly record struct ItaniumOperator(string Code, string Words, int Operands);
