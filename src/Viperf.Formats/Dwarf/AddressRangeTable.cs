using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// Reads <c>.debug_aranges</c> (DWARF 5 §6.1.2): which addresses a unit covers. The units' own entries say that too, but for
/// those of DWARF 2, which can tell of one stretch only.
/// </summary>
internal static class AddressRangeTable
{
    private const uint LongFormat = 0xffffffff;

    /// <summary>Adds the addresses of units that the units themselves do not list.</summary>
    /// <param name="units">The file's units.</param>
    /// <param name="indexOf">Of a unit that is asked about its value in the map; negative for those that are not.</param>
    /// <param name="ranges">Takes the addresses.</param>
    /// <exception cref="ParseException">The table is not consistent, or too long.</exception>
    public static void Read(UnitList units, Func<DebugUnit, int> indexOf, RangeMapBuilder ranges)
    {
        var sections = units.Sections;
        var reader = new ByteReader(sections.AddressRanges, $"{sections.Source}: .debug_aranges");
        while (!reader.AtEnd)
        {
            ulong start = reader.Offset;
            ulong length = reader.ReadUInt32();
            bool is64BitFormat = length == LongFormat;
            length = is64BitFormat ? reader.ReadUInt64() : length;
            if (length > (ulong)reader.Remaining)
            {
                reader.Fail($"a set of {length} bytes announced, {reader.Remaining} left");
            }

            ulong origin = reader.Offset;
            var set = new ByteReader(reader.ReadBytes((int)length), $"{sections.Source}: .debug_aranges", origin);
            set.Skip(sizeof(ushort)); // version: 2 in all versions of DWARF
            ulong offset = set.ReadWord(is64BitFormat);
            int addressSize = set.ReadByte();
            set.Skip(1); // segment selectors
            if (units.UnitAt(offset) is { } unit && (ulong)unit.Offset == offset && indexOf(unit) is >= 0 and var value
                && addressSize is sizeof(uint) or sizeof(ulong))
            {
                ranges.Value = value;
                AddSet(ref set, start, addressSize, sections.Budget, ranges);
            }
        }
    }

    /// <summary>Adds the ranges of one set, which begin at a multiple of their size and end with one of zeros.</summary>
    private static void AddSet(ref ByteReader set, ulong start, int addressSize, ReadBudget budget, RangeMapBuilder ranges)
    {
        int size = 2 * addressSize;
        int behind = (int)((set.Offset - start) % (ulong)size);
        set.Skip(behind == 0 ? 0 : size - behind);
        while (set.Remaining >= size)
        {
            budget.TakeRange();
            ulong low = set.ReadWord(addressSize == sizeof(ulong));
            ranges.Add(low, low + set.ReadWord(addressSize == sizeof(ulong)));
        }
    }
}
