namespace Viperf.Core.Symbols.Demangling;

/// <summary>What letters stand for in the Itanium C++ ABI, other than operators, in the words of c++filt.</summary>
internal static class ItaniumWords
{
    /// <summary>Index in <see cref="Standard"/> of the namespace itself.</summary>
    public const int Std = 0;

    /// <summary>Index in <see cref="Builtin"/> of void.</summary>
    public const int Void = 'v' - 'a';

    /// <summary>Behind those of single letters: index of those that begin with D.</summary>
    private const int FirstOfD = 26;

    /// <summary>Index in <see cref="Special"/> of a module's initializer.</summary>
    public const int ModuleInitializer = 16;

    private const string CharTraits = "char, std::char_traits<char>";

    private static readonly string[] s_builtin =
    [
        "signed char", "bool", "char", "double", "long double", "float", "__float128", "unsigned char", "int",
        "unsigned int", "", "long", "unsigned long", "__int128", "unsigned __int128", "", "", "", "short",
        "unsigned short", "", "void", "wchar_t", "long long", "unsigned long long", "...",
        "auto", "decltype(auto)", "decimal64", "decimal128", "decimal32", "half", "char32_t", "decltype(nullptr)",
        "char16_t", "char8_t", "std::bfloat16_t",
    ];

    private static readonly (string Short, string Full, string Name)[] s_standard =
    [
        ("std", "std", ""),
        ("std::allocator", "std::allocator", "allocator"),
        ("std::basic_string", "std::basic_string", "basic_string"),
        ("std::string", $"std::basic_string<{CharTraits}, std::allocator<char> >", "basic_string"),
        ("std::istream", $"std::basic_istream<{CharTraits} >", "basic_istream"),
        ("std::ostream", $"std::basic_ostream<{CharTraits} >", "basic_ostream"),
        ("std::iostream", $"std::basic_iostream<{CharTraits} >", "basic_iostream"),
    ];

    private static readonly (string Code, string Words)[] s_special =
    [
        ("TV", "vtable for "), ("TT", "VTT for "), ("TI", "typeinfo for "), ("TS", "typeinfo name for "),
        ("TF", "typeinfo fn for "), ("TJ", "java Class for "), ("TH", "TLS init function for "),
        ("TW", "TLS wrapper function for "), ("TA", "template parameter object for "), ("TC", "construction vtable for "),
        ("Th", "non-virtual thunk to "), ("Tv", "virtual thunk to "), ("Tc", "covariant return thunk to "),
        ("GV", "guard variable for "), ("GA", "hidden alias for "), ("GT", "transaction clone for "),
        ("GI", "initializer for module "), ("GTn", "non-transaction clone for "),
        ("I", "global constructors keyed to "), ("D", "global destructors keyed to "),
    ];

    /// <summary>Types that every program has.</summary>
    public static ReadOnlySpan<string> Builtin => s_builtin;

    /// <summary>Names of the standard library that have a letter: in short, with template arguments, and the class's alone.</summary>
    public static ReadOnlySpan<(string Short, string Full, string Name)> Standard => s_standard;

    /// <summary>What compilers make beside functions and variables.</summary>
    public static ReadOnlySpan<(string Code, string Words)> Special => s_special;

    /// <summary>Index in <see cref="Builtin"/> of a letter, or -1.</summary>
    public static int BuiltinOf(char letter) =>
        letter is >= 'a' and <= 'z' && s_builtin[letter - 'a'].Length != 0 ? letter - 'a' : -1;

    /// <summary>Index in <see cref="Builtin"/> of the letter behind a D, or -1.</summary>
    public static int BuiltinOfD(char letter)
    {
        int index = "acdefhinsu".IndexOf(letter, StringComparison.Ordinal);
        return index < 0 ? -1 : FirstOfD + index;
    }

    /// <summary>Index in <see cref="Builtin"/> of <c>DF16b</c>.</summary>
    public static int BFloat16 => s_builtin.Length - 1;

    /// <summary>Index in <see cref="Standard"/> of the letter behind an S, or -1.</summary>
    public static int StandardOf(char letter) => "tabsiod".IndexOf(letter, StringComparison.Ordinal);

    /// <summary>Index in <see cref="Special"/> of a code, or -1.</summary>
    public static int SpecialOf(ReadOnlySpan<char> code)
    {
        for (int i = 0; i < s_special.Length; i++)
        {
            if (code.SequenceEqual(s_special[i].Code))
            {
                return i;
            }
        }

        return -1;
    }
}
