using Viperf.Formats.Bytes;
using Viperf.Formats.Jit;

namespace Viperf.Core.Symbols;

/// <summary>Source lines of jitted code, for runtimes that write them.</summary>
/// <param name="index">The jitdump.</param>
internal sealed class JitDumpLines(JitDumpIndex index)
{
    /// <summary>What V8 adds to every line's place: the ELF header in the files of perf's first version.</summary>
    private const uint ElfHeaderBytes = 64;

    /// <summary>Line tables that are looked over to see whether <see cref="ElfHeaderBytes"/> was added.</summary>
    private const int TablesThatTell = 16;

    /// <summary>Rows that are kept in memory.</summary>
    private const int MaximumRows = 1 << 20;

    /// <summary>Line tables by <see cref="JitCodeBlock.Lines"/>, which blocks share that are one code's places.</summary>
    private readonly Dictionary<int, JitLine[]> _tables = [];
    private int _rows;

    /// <summary>What to subtract from every line's place; null until somebody asks.</summary>
    private uint? _shift;

    /// <summary>The line of an address in a block; null if none is known.</summary>
    public SourceLine? Find(int block, ulong address)
    {
        var table = TableOf(block);
        if (table.Length == 0)
        {
            return null;
        }

        ulong place = address - index.Blocks[block].Start + (_shift ??= FindShift());
        int low = 0;
        int high = table.Length;
        while (low < high)
        {
            int middle = low + (high - low) / 2;
            if (table[middle].CodeOffset <= place)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 && table[low - 1] is var line && IsNamed(line)
            ? new SourceLine(line.FileName, line.Line)
            : null;
    }

    /// <summary>A block's lines by their places in its code, without those that name no file.</summary>
    public JitLine[] LinesOf(int block)
    {
        var table = Read(block);
        uint shift = table.Length == 0 ? 0 : _shift ??= FindShift();
        return [.. table.Where(line => IsNamed(line) && line.CodeOffset >= shift)
            .Select(line => line with { CodeOffset = line.CodeOffset - shift })];
    }

    /// <summary>V8 writes names from memory that it has freed: then they are anything.</summary>
    private static bool IsNamed(JitLine line) =>
        line is { Line: > 0, FileName.Length: > 0 } && !line.FileName.Any(char.IsControl);

    private JitLine[] TableOf(int block)
    {
        int number = index.Blocks[block].Lines;
        if (number < 0)
        {
            return [];
        }

        if (_tables.TryGetValue(number, out var table))
        {
            return table;
        }

        table = Read(block);
        if (_rows + table.Length > MaximumRows)
        {
            _tables.Clear();
            _rows = 0;
        }

        _tables.Add(number, table);
        _rows += table.Length;
        return table;
    }

    /// <summary>A block's rows by their places; of those with one place in the file's order.</summary>
    private JitLine[] Read(int block)
    {
        try
        {
            return [.. index.ReadLines(index.Blocks[block]).OrderBy(line => line.CodeOffset)];
        }
        catch (Exception e) when (e is IOException or ParseException)
        {
            return [];
        }
    }

    /// <summary>Every runtime writes a line for the start of some function, unless it moves all of them.</summary>
    private uint FindShift()
    {
        int tables = 0;
        int last = -1;
        for (int i = 0; i < index.Blocks.Length && tables < TablesThatTell; i++)
        {
            // Code that was moved has a table that was looked at.
            if (index.Blocks[i].Lines <= last)
            {
                continue;
            }

            last = index.Blocks[i].Lines;
            var lines = Read(i);
            if (lines.Length > 0)
            {
                tables++;
                if (lines[0].CodeOffset < ElfHeaderBytes)
                {
                    return 0;
                }
            }
        }

        return ElfHeaderBytes;
    }
}
