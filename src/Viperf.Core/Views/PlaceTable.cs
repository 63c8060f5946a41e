using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>What a view tells frames apart by: many frames of the profile are one place here.</summary>
/// <param name="Symbol">Index of a <see cref="SymbolKey"/>.</param>
/// <param name="Link">Frames that are one in call graphs have equal links.</param>
/// <param name="Line">Index in <see cref="PlaceTable.Lines"/>, or -1 where lines are not asked for.</param>
/// <param name="Mode">The processor's mode.</param>
internal readonly record struct Place(int Symbol, int Link, int Line, FrameMode Mode);

/// <summary>
/// A function as reports tell them apart: modules of one name are one there, whatever their paths, and what nothing
/// names is known by its address.
/// </summary>
/// <param name="Dso">The module's short name.</param>
/// <param name="Start">The function's first address, or the address that nothing names.</param>
/// <param name="IsNamed">True if something names it.</param>
/// <param name="Name">
/// The name of functions that their first address does not tell apart: of jitted code, which other code at the same place may
/// replace, of inlined functions, which begin at many places, and of Python functions; null for all else.
/// </param>
internal readonly record struct SymbolKey(string Dso, ulong Start, bool IsNamed, string? Name);

/// <summary>The places of a profile's frames.</summary>
internal sealed class PlaceTable
{
    private readonly InternTable<Place> _places = new();
    private readonly InternTable<SymbolKey> _symbols = new();
    private readonly List<int> _functionOfSymbol = [];
    private readonly InternTable<(CallGraphKey Kind, int Scope, ulong Value)> _links = new();
    private readonly List<(int Frame, int Symbol, string? Line)> _firstOfLink = [];
    private readonly int[] _placeOfFrame;

    /// <summary>Finds the place of every frame of a profile.</summary>
    public PlaceTable(Profile profile, HistogramOptions options)
    {
        Profile = profile;
        bool linksHaveLines = options.CallGraphKey != CallGraphKey.Function;
        bool hasLines = options.HasKey(HistogramColumn.SourceLine);
        if ((hasLines || linksHaveLines) && options.SourceLineOf is null)
        {
            throw new ArgumentException("Lines of source are a key and nothing tells them.", nameof(options));
        }

        _placeOfFrame = new int[profile.Frames.Count];
        for (int i = 0; i < _placeOfFrame.Length; i++)
        {
            var frame = profile.Frames[i];
            int symbol = SymbolOf(i);
            string? text = hasLines || linksHaveLines ? options.SourceLineOf!(i) : null;
            var linkKey = options.CallGraphKey switch
            {
                CallGraphKey.Address => (CallGraphKey.Address, ScopeOf(frame), frame.Address),
                CallGraphKey.SourceLine when text is not null =>
                    (CallGraphKey.SourceLine, symbol, (ulong)Lines.Intern(text)),
                _ => (CallGraphKey.Function, 0, (ulong)symbol),
            };
            int link = _links.Intern(linkKey, out bool added);
            if (added)
            {
                _firstOfLink.Add((i, symbol, linksHaveLines ? text : null));
            }

            int line = hasLines ? Lines.Intern(text ?? LineSubstitute(frame, symbol)) : -1;
            _placeOfFrame[i] = _places.Intern(new Place(symbol, link, line, frame.Mode));
        }
    }

    /// <summary>The profile whose frames these are.</summary>
    public Profile Profile { get; }

    /// <summary>Lines of source.</summary>
    public InternTable<string> Lines { get; } = new(StringComparer.Ordinal);

    /// <summary>The place with an index.</summary>
    public Place this[int place] => _places[place];

    /// <summary>Number of places.</summary>
    public int Count => _places.Count;

    /// <summary>Index of a frame's place.</summary>
    public int OfFrame(int frame) => _placeOfFrame[frame];

    /// <summary>What a symbol is known by.</summary>
    public SymbolKey Symbol(int symbol) => _symbols[symbol];

    /// <summary>The function that a symbol stands for.</summary>
    public Function FunctionOf(int symbol) => Profile.Functions[_functionOfSymbol[symbol]];

    /// <summary>A link's name: the function and, if lines matter, the line; or the address as <c>0x…</c>.</summary>
    public string NameOfLink(int link)
    {
        var (frame, symbol, line) = _firstOfLink[link];
        var function = FunctionOf(symbol);
        return !function.IsNamed ? Address(Profile.Frames[frame].Address)
            : line is null ? function.Title
            : function.Place is not null ? (function with { Place = line }).Title
            : (function with { Name = $"{function.Name} {line}" }).Title;
    }

    /// <summary>
    /// Orders links that weigh the same as perf does: modules met later first, and higher addresses first; what lies in
    /// no module has index 0 and comes last.
    /// </summary>
    public int CompareLinks(int x, int y)
    {
        var (moduleX, addressX) = OrderOfLink(x);
        var (moduleY, addressY) = OrderOfLink(y);
        return moduleX != moduleY ? moduleY.CompareTo(moduleX)
            : addressX != addressY ? addressY.CompareTo(addressX)
            : x.CompareTo(y);
    }

    private (int Module, ulong Address) OrderOfLink(int link)
    {
        var (frame, symbol, _) = _firstOfLink[link];
        return _links[link].Kind == CallGraphKey.Address
            ? (Profile.Frames[frame].Module, Profile.Frames[frame].Address)
            : (FunctionOf(symbol).Module, FunctionOf(symbol).Start);
    }

    /// <summary>What an address lies in: its module, or one of the pieces of jitted code that lay there one after the other.</summary>
    private static int ScopeOf(in Frame frame) => frame.JitCode == JitCodeTable.None ? frame.Module : ~frame.JitCode;

    /// <summary>C's <c>%#lx</c>, which gives zero no prefix.</summary>
    private static string Address(ulong address) => address == 0 ? "0" : $"0x{address:x}";

    /// <summary>What stands for a line where none is known: the offset in the function, or in the module.</summary>
    private string LineSubstitute(in Frame frame, int symbol)
    {
        var function = FunctionOf(symbol);
        return frame.Module == ModuleTable.Unknown ? "??:0"
            : function.Place is { } place ? place
            : Profile.Modules[function.Module].Kind == ModuleKind.Interpreter ? function.Name
            : function.IsNamed ? $"{function.Name}+{frame.LookupAddress - function.Start}"
            : $"{Profile.Modules[frame.Module].Name}[{frame.LookupAddress:x}]";
    }

    private int SymbolOf(int frame)
    {
        int function = Profile.Frames.FunctionOf(frame);
        if (function == FrameTable.NotLookedUp)
        {
            var (address, module, _, _) = Profile.Frames[frame];
            function = Profile.Functions.Intern(new Function("", module, address));
        }

        var f = Profile.Functions[function];
        var owner = Profile.Modules[f.Module];
        string? name = owner.Kind is ModuleKind.Jit or ModuleKind.PythonSource or ModuleKind.Interpreter || f.IsInlined ? f.Title : null;
        int symbol = _symbols.Intern(new SymbolKey(owner.Name, f.Start, f.IsNamed, name), out bool added);
        if (added)
        {
            _functionOfSymbol.Add(function);
        }

        return symbol;
    }
}
