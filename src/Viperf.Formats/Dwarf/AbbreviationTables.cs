using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>The tables in one file's <c>.debug_abbrev</c>, each read once: several units may share one, as dwz makes them.</summary>
/// <param name="sections">The file.</param>
internal sealed class AbbreviationTables(DebugSections sections)
{
    private readonly Dictionary<(ulong Offset, UnitFormat Unit), AbbreviationTable> _tables = [];
    private readonly Dictionary<(ulong Offset, ulong Code, UnitFormat Unit), Abbreviation> _single = [];

    /// <summary>The table at an offset.</summary>
    /// <exception cref="ParseException">It is cut short, or the offset lies outside.</exception>
    public AbbreviationTable At(ulong offset, UnitFormat unit)
    {
        if (!_tables.TryGetValue((offset, unit), out var table))
        {
            var reader = ReaderAt(offset);
            try
            {
                table = AbbreviationTable.Read(ref reader, unit);
            }
            finally
            {
                sections.Budget.TakeAbbreviations(reader.Position);
            }

            _tables.Add((offset, unit), table);
        }

        return table;
    }

    /// <summary>
    /// One abbreviation without the rest of its table: compilers put the one of a unit's own entry first or near it.
    /// </summary>
    /// <exception cref="ParseException">The table has none with this code.</exception>
    public Abbreviation Single(ulong offset, ulong code, UnitFormat unit)
    {
        if (!_single.TryGetValue((offset, code, unit), out var abbreviation))
        {
            var reader = ReaderAt(offset);
            try
            {
                abbreviation = AbbreviationTable.ReadSingle(ref reader, code, unit);
            }
            finally
            {
                sections.Budget.TakeAbbreviations(reader.Position);
            }

            _single.Add((offset, code, unit), abbreviation);
        }

        return abbreviation;
    }

    private ByteReader ReaderAt(ulong offset)
    {
        var bytes = sections.Abbreviations;
        string name = $"{sections.Source}: .debug_abbrev";
        int left = sections.Budget.AbbreviationBytesLeft;
        if (offset > (ulong)bytes.Length)
        {
            ParseException.Throw($"abbreviations beyond the section's {bytes.Length} bytes", name, offset);
        }

        if (left == 0)
        {
            ParseException.Throw($"more than {Limits.AbbreviationBytes} bytes of abbreviations", name, offset);
        }

        var rest = bytes[(int)offset..];
        return new ByteReader(rest[..Math.Min(rest.Length, left)], name, offset);
    }
}
