using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// Which source line an address belongs to, from <c>.debug_line</c> alone. One pass over the section notes where each
/// sequence of addresses begins and ends; rows and file names are read only of sequences that are asked for, so that
/// memory grows with what is looked up and not with the section. Not for two threads at once.
/// </summary>
public sealed class LineTable
{
    private readonly LineSections _sections;

    /// <summary>What relative paths begin at where the table itself does not say; empty where nobody knows.</summary>
    private readonly string _compilationDirectory;

    /// <summary>By ascending start.</summary>
    private readonly Sequence[] _sequences;

    /// <summary>First addresses of <see cref="_sequences"/>, by the same index.</summary>
    private readonly ulong[] _starts;

    /// <summary>By the offset of the sequence's first instruction: its rows by ascending address.</summary>
    private readonly Dictionary<int, Row[]> _rows;

    /// <summary>By the unit's offset and the file's number: paths.</summary>
    private readonly Dictionary<(int Unit, ulong Number), string> _files = [];

    /// <summary>By the unit's offset: files that programs add to their unit.</summary>
    private readonly Dictionary<int, List<string>> _definedFiles;

    private LineTable(
        LineSections sections,
        string compilationDirectory,
        List<Sequence> sequences,
        Dictionary<int, Row[]> rows,
        Dictionary<int, List<string>> definedFiles,
        int badUnits)
    {
        _sections = sections;
        _rows = rows;
        _compilationDirectory = compilationDirectory;
        _definedFiles = definedFiles;
        BadUnits = badUnits;
        _sequences = [.. sequences];
        _starts = new ulong[_sequences.Length];
        for (int i = 0; i < _starts.Length; i++)
        {
            _starts[i] = _sequences[i].Start;
        }

        Array.Sort(_starts, _sequences);
    }

    /// <summary>A table without lines.</summary>
    internal static LineTable Empty => new(new LineSections(default, default, default, ""), "", [], [], [], 0);

    /// <summary>Units that could not be read, or not to their end; their addresses have no lines.</summary>
    public int BadUnits { get; }

    /// <summary>Reads where the sequences of all units lie.</summary>
    /// <exception cref="ParseException">There are more than <see cref="Limits.LineSequences"/>.</exception>
    public static LineTable Read(LineSections sections) => Read(sections, new HashSet<int>());

    /// <summary>Reads where the sequences of units lie, but for those at some offsets in <c>.debug_line</c>.</summary>
    /// <exception cref="ParseException">There are more than <see cref="Limits.LineSequences"/>.</exception>
    internal static LineTable Read(LineSections sections, IReadOnlySet<int> except)
    {
        ArgumentNullException.ThrowIfNull(sections);
        var scan = new Scan(sections, keepsRows: false);
        for (int at = 0, next; at < sections.Lines.Length; at = next)
        {
            // A unit's length itself takes four bytes, so that each step leads further.
            if (!scan.TryFindEnd(at, out next))
            {
                break;
            }

            if (!except.Contains(at))
            {
                scan.Add(at);
            }
        }

        return scan.ToTable("");
    }

    /// <summary>Reads one unit, rows and all: whoever asks for one line of it mostly asks for more.</summary>
    /// <param name="sections">The file's sections.</param>
    /// <param name="offset">Of the unit in <c>.debug_line</c> (DW_AT_stmt_list); inside of it.</param>
    /// <param name="compilationDirectory">What its relative paths begin at (DW_AT_comp_dir); empty where nobody knows.</param>
    internal static LineTable ReadUnit(LineSections sections, int offset, string compilationDirectory)
    {
        var scan = new Scan(sections, keepsRows: true);
        if (scan.TryFindEnd(offset, out _))
        {
            scan.Add(offset);
        }

        return scan.ToTable(compilationDirectory);
    }

    /// <summary>Finds the line of an address.</summary>
    /// <param name="address">A virtual address of the file.</param>
    /// <param name="file">The source file's path, as far as the table has it.</param>
    /// <param name="line">Its line; 0 for code that no line stands for.</param>
    public bool TryFind(ulong address, out string file, out uint line)
    {
        // Sequences of removed functions lie at address 0 and overlap: the one that begins last is the true one.
        int index = LastAtOrBefore(_starts, address);
        if (index >= 0 && address < _sequences[index].End)
        {
            var rows = RowsOf(index);
            int row = LastAtOrBefore(rows, address);
            if (row >= 0)
            {
                file = FileName(_sequences[index].Unit, rows[row].File);
                line = rows[row].Line;
                return file.Length != 0;
            }
        }

        file = "";
        line = 0;
        return false;
    }

    private static int LastAtOrBefore(ulong[] starts, ulong address)
    {
        int index = Array.BinarySearch(starts, address);
        if (index < 0)
        {
            return ~index - 1;
        }

        while (index + 1 < starts.Length && starts[index + 1] == address)
        {
            index++;
        }

        return index;
    }

    /// <summary>Of rows with equal addresses the last: those before it cover nothing.</summary>
    private static int LastAtOrBefore(Row[] rows, ulong address)
    {
        int low = 0;
        int high = rows.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (rows[middle].Address <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    private Row[] RowsOf(int index)
    {
        var sequence = _sequences[index];
        if (!_rows.TryGetValue(sequence.Program, out var rows))
        {
            var lines = _sections.Lines.Span;
            var header = LineHeader.Read(lines, sequence.Unit, _sections.Source);
            var collector = new RowCollector([]);
            LineProgram.Run(lines, header, sequence.Program, _sections.Source, ref collector);
            rows = ByAddress(collector.Rows);
            _rows.Add(sequence.Program, rows);
        }

        return rows;
    }

    /// <summary>The path of a file of a unit; empty where there is none.</summary>
    /// <param name="unit">The unit's offset in <c>.debug_line</c>.</param>
    /// <param name="number">As programs set it, and DW_AT_call_file names it.</param>
    internal string FileName(int unit, ulong number)
    {
        if (!_files.TryGetValue((unit, number), out string? name))
        {
            try
            {
                var header = LineHeader.Read(_sections.Lines.Span, unit, _sections.Source);
                name = LineFiles.Find(_sections, header, number, _definedFiles.GetValueOrDefault(unit), _compilationDirectory);
            }
            catch (ParseException)
            {
                name = ""; // the rows are good, their file is not known
            }

            _files.Add((unit, number), name);
        }

        return name;
    }

    /// <summary>Addresses that one run of rows covers.</summary>
    /// <param name="Start">The least address.</param>
    /// <param name="End">The first address behind it.</param>
    /// <param name="Unit">Offset of the unit in .debug_line.</param>
    /// <param name="Program">Offset of the sequence's first instruction.</param>
    private readonly record struct Sequence(ulong Start, ulong End, int Unit, int Program);

    private readonly record struct Row(ulong Address, uint File, uint Line);

    /// <summary>The pass over units that notes where their sequences lie.</summary>
    private sealed class Scan(LineSections sections, bool keepsRows)
    {
        private readonly List<Sequence> _sequences = [];
        private readonly Dictionary<int, Row[]> _rows = [];
        private readonly Dictionary<int, List<string>> _definedFiles = [];
        private int _badUnits;

        /// <summary>Finds where a unit ends; counts it as bad where nobody knows.</summary>
        public bool TryFindEnd(int unit, out int end)
        {
            try
            {
                end = LineHeader.EndOf(sections.Lines.Span, unit, sections.Source);
                return true;
            }
            catch (ParseException)
            {
                _badUnits++;
                end = 0;
                return false;
            }
        }

        /// <summary>Adds the unit at an offset, or counts it as bad.</summary>
        public void Add(int unit)
        {
            var lines = sections.Lines.Span;
            try
            {
                var header = LineHeader.Read(lines, unit, sections.Source);
                var sink = new SequenceScan(_sequences, keepsRows ? _rows : null, _definedFiles, header, sections.Source);
                LineProgram.Run(lines, header, header.ProgramStart, sections.Source, ref sink);
            }
            catch (ParseException) when (_sequences.Count < Limits.LineSequences)
            {
                _badUnits++;
            }
        }

        public LineTable ToTable(string compilationDirectory) =>
            new(sections, compilationDirectory, _sequences, _rows, _definedFiles, _badUnits);
    }

    /// <summary>Rows ascend by themselves in all but odd programs; equal ones keep their order.</summary>
    private static Row[] ByAddress(List<Row> rows)
    {
        for (int i = 1; i < rows.Count; i++)
        {
            if (rows[i - 1].Address > rows[i].Address)
            {
                return [.. rows.OrderBy(row => row.Address)];
            }
        }

        return [.. rows];
    }

    private struct SequenceScan(
        List<Sequence> sequences,
        Dictionary<int, Row[]>? rowsOfSequences,
        Dictionary<int, List<string>> definedFiles,
        LineHeader header,
        string source) : ILineSink
    {
        /// <summary>Bytes of a program for each row that it makes, about.</summary>
        private const int BytesOfRow = 3;

        /// <summary>Rows that room is made for at once, at most.</summary>
        private const int MostRowsExpected = 1 << 14;

        private readonly List<Row> _rows = new(rowsOfSequences is null
            ? 0
            : Math.Min((header.End - header.ProgramStart) / BytesOfRow, MostRowsExpected));
        private int _program = header.ProgramStart;
        private ulong _least = ulong.MaxValue;
        private int _rowCount;

        public void Row(ulong address, uint file, uint line)
        {
            if (_rowCount++ == Limits.LineRows)
            {
                ParseException.Throw($"a unit of more than {Limits.LineRows} lines", source, (ulong)header.Start);
            }

            _least = Math.Min(_least, address);
            if (rowsOfSequences is not null)
            {
                _rows.Add(new Row(address, file, line));
            }
        }

        public bool EndSequence(ulong address, int next)
        {
            if (_least < address)
            {
                if (sequences.Count == Limits.LineSequences)
                {
                    ParseException.Throw($"more than {Limits.LineSequences} sequences of lines", source, (ulong)header.Start);
                }

                sequences.Add(new Sequence(_least, address, header.Start, _program));
                rowsOfSequences?.Add(_program, ByAddress(_rows));
            }

            _rows.Clear();
            _program = next;
            _least = ulong.MaxValue;
            return true;
        }

        public void DefineFile(ReadOnlySpan<byte> name)
        {
            if (!definedFiles.TryGetValue(header.Start, out var files))
            {
                definedFiles.Add(header.Start, files = []);
            }

            files.Add(ByteReader.Text(name));
        }
    }

    private readonly struct RowCollector(List<Row> rows) : ILineSink
    {
        public List<Row> Rows => rows;

        public void Row(ulong address, uint file, uint line) => rows.Add(new Row(address, file, line));

        public bool EndSequence(ulong address, int next) => false;

        public void DefineFile(ReadOnlySpan<byte> name)
        {
            // The scan has noted them all.
        }
    }
}
