using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// What reading one file's debug information may cost. A small file can lead a reader to the same long list again and again:
/// by a million entries to one list of ranges, by a million units to one table of abbreviations. What real files ask for is
/// far below.
/// </summary>
/// <param name="source">What messages call the file.</param>
internal sealed class ReadBudget(string source)
{
    private int _ranges;
    private int _abbreviationBytes;
    private long _entryBytes;

    /// <summary>Bytes of abbreviations that may still be read.</summary>
    public int AbbreviationBytesLeft => Limits.AbbreviationBytes - _abbreviationBytes;

    /// <summary>Counts one range of addresses, or one entry of a list of them.</summary>
    /// <exception cref="ParseException">There are more than <see cref="Limits.AddressRanges"/>.</exception>
    public void TakeRange()
    {
        if (_ranges == Limits.AddressRanges)
        {
            ParseException.Throw($"more than {Limits.AddressRanges} ranges of addresses", source, 0);
        }

        _ranges++;
    }

    /// <summary>Counts bytes of abbreviations, of which there were as many left.</summary>
    public void TakeAbbreviations(int bytes) => _abbreviationBytes += bytes;

    /// <summary>Counts bytes of a unit that is gone through.</summary>
    /// <param name="bytes">The unit's.</param>
    /// <param name="sectionBytes">The whole section's: units of a package are looked for, and read, for each that names them.</param>
    /// <exception cref="ParseException">Units are read again and again.</exception>
    public void TakeEntries(int bytes, int sectionBytes)
    {
        _entryBytes += bytes;
        if (_entryBytes > Limits.UnitReadings * (long)sectionBytes)
        {
            ParseException.Throw($"units that are to be read more than {Limits.UnitReadings} times", source, 0);
        }
    }
}
