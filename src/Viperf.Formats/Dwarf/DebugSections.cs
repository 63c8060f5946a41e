namespace Viperf.Formats.Dwarf;

/// <summary>
/// The sections of one file that debug information lies in, decompressed; those that the file lacks are empty. Each is read
/// when it is first asked for.
/// </summary>
public sealed class DebugSections
{
    private readonly Lazy<ReadOnlyMemory<byte>> _info;
    private readonly Lazy<ReadOnlyMemory<byte>> _abbreviations;
    private readonly Lazy<ReadOnlyMemory<byte>> _strings;
    private readonly Lazy<ReadOnlyMemory<byte>> _lineStrings;
    private readonly Lazy<ReadOnlyMemory<byte>> _stringOffsets;
    private readonly Lazy<ReadOnlyMemory<byte>> _addresses;
    private readonly Lazy<ReadOnlyMemory<byte>> _ranges;
    private readonly Lazy<ReadOnlyMemory<byte>> _rangeLists;
    private readonly Lazy<ReadOnlyMemory<byte>> _lines;
    private readonly Lazy<ReadOnlyMemory<byte>> _unitIndex;
    private readonly Lazy<ReadOnlyMemory<byte>> _addressRanges;

    /// <summary>Creates the sections of a file.</summary>
    /// <param name="source">What messages call the file.</param>
    /// <param name="read">
    /// Returns a section's bytes by its name without <c>.debug_</c>: <c>info</c>; a file of split units (<c>.dwo</c>,
    /// <c>.dwp</c>) answers with the sections that it calls <c>.debug_info.dwo</c> and so on.
    /// </param>
    /// <param name="supplementary">The sections of the file that <c>.gnu_debugaltlink</c> or <c>.debug_sup</c> names, if there is one.</param>
    public DebugSections(string source, Func<string, ReadOnlyMemory<byte>> read, DebugSections? supplementary = null)
    {
        Source = source;
        Supplementary = supplementary;
        InfoName = $"{source}: .debug_info";
        RangesName = $"{source}: .debug_ranges";
        RangeListsName = $"{source}: .debug_rnglists";
        Budget = new ReadBudget(source);
        AbbreviationTables = new AbbreviationTables(this);
        _info = Section("info");
        _abbreviations = Section("abbrev");
        _strings = Section("str");
        _lineStrings = Section("line_str");
        _stringOffsets = Section("str_offsets");
        _addresses = Section("addr");
        _ranges = Section("ranges");
        _rangeLists = Section("rnglists");
        _lines = Section("line");
        _unitIndex = Section("cu_index");
        _addressRanges = Section("aranges");

        Lazy<ReadOnlyMemory<byte>> Section(string name) => new(() => read(name));
    }

    /// <summary>What messages call the file.</summary>
    public string Source { get; }

    /// <summary>The file that several files share the descriptions of types and inlined functions in; null for none.</summary>
    public DebugSections? Supplementary { get; }

    /// <summary>What <see cref="LineTable"/> reads.</summary>
    public LineSections Lines => new(_lines.Value, _lineStrings.Value, _strings.Value, Source);

    /// <summary>What messages call <c>.debug_info</c>.</summary>
    internal string InfoName { get; }

    /// <summary>What messages call <c>.debug_ranges</c>.</summary>
    internal string RangesName { get; }

    /// <summary>What messages call <c>.debug_rnglists</c>.</summary>
    internal string RangeListsName { get; }

    /// <summary>What reading the file may still cost.</summary>
    internal ReadBudget Budget { get; }

    /// <summary>What the file's entries look like.</summary>
    internal AbbreviationTables AbbreviationTables { get; }

    internal ReadOnlySpan<byte> Info => _info.Value.Span;

    internal ReadOnlySpan<byte> Abbreviations => _abbreviations.Value.Span;

    internal ReadOnlySpan<byte> Strings => _strings.Value.Span;

    internal ReadOnlySpan<byte> LineStrings => _lineStrings.Value.Span;

    internal ReadOnlySpan<byte> StringOffsets => _stringOffsets.Value.Span;

    internal ReadOnlySpan<byte> Addresses => _addresses.Value.Span;

    internal ReadOnlySpan<byte> Ranges => _ranges.Value.Span;

    internal ReadOnlySpan<byte> RangeLists => _rangeLists.Value.Span;

    internal ReadOnlySpan<byte> AddressRanges => _addressRanges.Value.Span;

    /// <summary><c>.debug_cu_index</c> of a package of split units (DWARF 5 §7.3.5).</summary>
    internal ReadOnlySpan<byte> UnitIndex => _unitIndex.Value.Span;
}
