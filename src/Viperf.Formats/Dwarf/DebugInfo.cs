using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>One function at an address: the function whose code it is, or one that was inlined into it.</summary>
/// <param name="Function">
/// Its name as the linker knows it (mangled), or as in the source where the compiler gives only that; empty where it gives none.
/// </param>
/// <param name="File">The path of the source file; empty where nobody knows.</param>
/// <param name="Line">The line that runs, or of the call of the function before; 0 for code that no line stands for.</param>
public readonly record struct SourceFrame(string Function, string File, uint Line)
{
    /// <summary>The line that the function is declared at; 0 where its entry with code does not say.</summary>
    public uint FirstLine { get; init; }
}

/// <summary>Opens the file that holds the rest of a unit.</summary>
/// <param name="name">The file's name, as the compiler called it (DW_AT_dwo_name).</param>
/// <param name="compilationDirectory">What a relative name begins at.</param>
/// <returns>The sections of that file, or of a package that may hold the unit; null if there is none.</returns>
public delegate DebugSections? SplitFileOpener(string name, string compilationDirectory);

/// <summary>
/// Which functions and lines an address belongs to, inlined ones included, from a file's DWARF 2 to 5. When it is opened only
/// the units' own entries are read; a unit's functions and lines are read when the first of its addresses is asked for.
/// Not for two threads at once.
/// </summary>
public sealed class DebugInfo
{
    private readonly DebugSections _sections;
    private readonly SplitFileOpener? _openSplit;
    private readonly UnitList _units;
    private readonly RangeMap _unitMap;
    private readonly FunctionNames _names;

    /// <summary>By index of the unit.</summary>
    private readonly UnitContents?[] _contents;

    /// <summary>By offset in <c>.debug_line</c> and compilation directory: tables of units, which several may share.</summary>
    private readonly Dictionary<(int Offset, string CompilationDirectory), LineTable> _lines = [];

    /// <summary>Offsets in <c>.debug_line</c> of the tables of units whose addresses are known.</summary>
    private readonly HashSet<int> _linesOfUnits = [];

    /// <summary>The other line tables, for addresses that lie in no unit; read when the first of those is asked for.</summary>
    private readonly Lazy<LineTable> _otherLines;
    private readonly HashSet<string> _missingSplitFiles = [];
    private int _badUnits;

    private DebugInfo(DebugSections sections, SplitFileOpener? openSplit)
    {
        _sections = sections;
        _openSplit = openSplit;
        _units = UnitList.Read(sections);
        _unitMap = MapUnits();
        _contents = new UnitContents?[_units.Units.Count];
        _names = new FunctionNames(
            sections.Supplementary is { } shared ? new Lazy<UnitList>(() => UnitList.Read(shared)) : null);
        _otherLines = new Lazy<LineTable>(() => LineTable.Read(sections.Lines, _linesOfUnits));
    }

    /// <summary>Units, or line tables of units, that could not be read or not to their end, among those that were asked for.</summary>
    public int BadUnits => _badUnits + _units.BadUnits + _names.BadSharedUnits;

    /// <summary>Functions that have no name because what leads to it cannot be read, among those that were asked for.</summary>
    public int BadNames => _names.BadNames;

    /// <summary>Files that hold the rest of units and were not found.</summary>
    public IReadOnlyCollection<string> MissingSplitFiles => _missingSplitFiles;

    /// <summary>Opens a file's debug information.</summary>
    /// <param name="sections">The file's sections.</param>
    /// <param name="openSplit">Finds the rest of units that lies in other files; null to do without.</param>
    public static DebugInfo Open(DebugSections sections, SplitFileOpener? openSplit = null)
    {
        ArgumentNullException.ThrowIfNull(sections);
        return new DebugInfo(sections, openSplit);
    }

    /// <summary>Finds the functions and lines of an address.</summary>
    /// <param name="address">A virtual address of the file.</param>
    /// <param name="frames">
    /// Takes them, the innermost first: what was inlined into what follows; the last is the function whose code it is. A last
    /// one without a name has a line only.
    /// </param>
    /// <returns>False if nothing is known.</returns>
    public bool TryFind(ulong address, List<SourceFrame> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        frames.Clear();
        int index = _unitMap.Find(address);
        var contents = index == RangeMap.None ? null : ContentsOf(index);
        string file = "";
        uint line = 0;
        bool hasLine = contents?.Lines.TryFind(address, out file, out line) == true || FindAnywhere(address, out file, out line);
        int node = contents?.Functions.Find(address) ?? FunctionTree.None;
        if (node == FunctionTree.None)
        {
            if (hasLine)
            {
                frames.Add(new SourceFrame("", file, line));
            }

            return hasLine;
        }

        for (; node != FunctionTree.None; node = contents!.Functions[node].Caller)
        {
            var function = contents!.Functions[node];
            frames.Add(new SourceFrame(_names.Find(contents.Units, contents.Unit, (ulong)function.Entry), file, line)
            {
                FirstLine = function.FirstLine,
            });
            file = function.Caller == FunctionTree.None ? "" : contents.FileName(function.CallFile);
            line = function.CallLine;
        }

        return true;
    }

    private bool FindAnywhere(ulong address, out string file, out uint line)
    {
        if (!_otherLines.IsValueCreated)
        {
            _badUnits += _otherLines.Value.BadUnits;
        }

        return _otherLines.Value.TryFind(address, out file, out line);
    }

    /// <summary>Which unit an address belongs to: as the units' own entries say, and what those do not list as a table says.</summary>
    private RangeMap MapUnits()
    {
        var ranges = new RangeMapBuilder();
        var units = new Dictionary<DebugUnit, int>();
        for (int i = 0; i < _units.Units.Count; i++)
        {
            var unit = _units.Units[i];
            if (!unit.HasCode)
            {
                continue;
            }

            ranges.Value = i;
            bool hasCode = TryAdd(ranges, () => UnitValues.AddRanges(unit, unit.Root.LowPc, unit.Root.HighPc, unit.Root.Ranges, ranges));
            if (!unit.Root.Ranges.IsPresent)
            {
                units.Add(unit, i);
            }

            if (hasCode && LineProgramOf(unit) is >= 0 and var program)
            {
                _linesOfUnits.Add(program);
            }
        }

        if (units.Count != 0)
        {
            TryAdd(ranges, () => AddressRangeTable.Read(_units, unit => units.GetValueOrDefault(unit, RangeMap.None), ranges));
        }

        return ranges.Build();
    }

    /// <summary>Adds ranges; returns whether there were any. What cannot be read is counted.</summary>
    private bool TryAdd(RangeMapBuilder ranges, Action add)
    {
        int before = ranges.Count;
        try
        {
            add();
        }
        catch (ParseException)
        {
            _badUnits++;
        }

        return ranges.Count != before;
    }

    private UnitContents ContentsOf(int index)
    {
        if (_contents[index] is { } known)
        {
            return known;
        }

        var unit = _units.Units[index];
        var (units, owner) = (_units, unit);
        if (unit.SplitId != 0 && unit.Root.SplitName.IsPresent && OpenSplit(unit) is { } split)
        {
            (units, owner) = (split, split.Units[0]);
        }

        var functions = FunctionTree.Read(owner, out string? problem);
        _badUnits += problem is null ? 0 : 1;
        int program = LineProgramOf(unit);
        var lines = program < 0 ? LineTable.Empty : LinesAt(program, TextOf(unit, unit.Root.CompilationDirectory));
        return _contents[index] = new UnitContents(units, owner, functions, lines, program);
    }

    /// <summary>Offset of a unit's lines in <c>.debug_line</c>; negative if it has none.</summary>
    private int LineProgramOf(DebugUnit unit)
    {
        var program = unit.Root.LineProgram;
        return program.IsPresent && program.Number < (ulong)_sections.Lines.Lines.Length ? (int)program.Number : -1;
    }

    private LineTable LinesAt(int program, string compilationDirectory)
    {
        if (!_lines.TryGetValue((program, compilationDirectory), out var lines))
        {
            lines = LineTable.ReadUnit(_sections.Lines, program, compilationDirectory);
            _badUnits += lines.BadUnits;
            _lines.Add((program, compilationDirectory), lines);
        }

        return lines;
    }

    private UnitList? OpenSplit(DebugUnit skeleton)
    {
        string name = TextOf(skeleton, skeleton.Root.SplitName);
        try
        {
            var sections = _openSplit?.Invoke(name, TextOf(skeleton, skeleton.Root.CompilationDirectory));
            if (sections is not null && UnitList.ReadSplit(sections, skeleton) is { } split)
            {
                return split;
            }

            _missingSplitFiles.Add(name);
        }
        catch (ParseException)
        {
            _badUnits++;
        }

        return null;
    }

    private static string TextOf(DebugUnit unit, FormValue value) => ByteReader.Text(UnitValues.Text(unit, value));

    /// <summary>What of a unit is read when it is first asked for.</summary>
    /// <param name="Units">The units of the file that the functions lie in.</param>
    /// <param name="Unit">The unit that the functions lie in.</param>
    /// <param name="Functions">The functions.</param>
    /// <param name="Lines">The unit's lines.</param>
    /// <param name="LineProgram">Their offset in <c>.debug_line</c>; negative if the unit has no lines.</param>
    private sealed record UnitContents(UnitList Units, DebugUnit Unit, FunctionTree Functions, LineTable Lines, int LineProgram)
    {
        /// <summary>The path of the unit's file with a number; empty where there is none.</summary>
        public string FileName(uint number) => LineProgram >= 0 ? Lines.FileName(LineProgram, number) : "";
    }
}
