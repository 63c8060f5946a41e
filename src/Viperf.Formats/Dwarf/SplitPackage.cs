using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// Finds units in a package of split ones by the index in it (DWARF 5 §7.3.5; version 2 is GNU's, from before DWARF 5).
/// </summary>
internal static class SplitPackage
{
    /// <summary>What a column of the index speaks of: <c>DW_SECT_…</c>, where both versions agree but for the last.</summary>
    private enum Column : uint
    {
        Info = 1,
        Abbreviations = 3,
        StringOffsets = 6,
        RangeLists = 8, // of version 2: macros
    }

    /// <summary>Looks a unit up.</summary>
    /// <param name="sections">The package.</param>
    /// <param name="id">What tells the unit from others.</param>
    /// <param name="offset">Of the unit in <c>.debug_info.dwo</c>.</param>
    /// <param name="bases">Where its parts of the other sections begin.</param>
    /// <exception cref="ParseException">The index is cut short or of another version.</exception>
    public static bool TryFind(DebugSections sections, ulong id, out int offset, out UnitBases bases)
    {
        var reader = new ByteReader(sections.UnitIndex, $"{sections.Source}: .debug_cu_index");
        uint version = reader.ReadUInt32() & 0xffff;
        uint columns = reader.ReadUInt32();
        uint units = reader.ReadUInt32();
        uint slots = reader.ReadUInt32();
        const ulong SlotSize = sizeof(ulong) + sizeof(uint);
        ulong size = (slots * SlotSize) + ((units + 1UL) * columns * sizeof(uint));
        if (version is not (2 or 5) || columns > byte.MaxValue || (slots & (slots - 1)) != 0 || size > (ulong)reader.Remaining)
        {
            reader.Fail($"an index of version {version}, {units} units, {columns} columns and {slots} slots, which cannot be read");
        }

        (offset, bases) = (0, default);
        uint row = FindRow(ref reader, slots, id);
        if (row == 0 || row > units)
        {
            return false;
        }

        Span<uint> kinds = stackalloc uint[byte.MaxValue];
        for (int i = 0; i < (int)columns; i++)
        {
            kinds[i] = reader.ReadUInt32();
        }

        reader.Skip((int)((row - 1) * columns * sizeof(uint)));
        for (int i = 0; i < (int)columns; i++)
        {
            uint start = reader.ReadUInt32();
            switch ((Column)kinds[i])
            {
                case Column.Info:
                    offset = (int)Math.Min(start, int.MaxValue);
                    break;
                case Column.Abbreviations:
                    bases = bases with { Abbreviations = start };
                    break;
                case Column.StringOffsets:
                    bases = bases with { StringOffsets = start };
                    break;
                case Column.RangeLists when version >= 5:
                    bases = bases with { RangeLists = start };
                    break;
            }
        }

        return true;
    }

    /// <summary>
    /// The row of an id, counted from 1, or 0; the reader stands behind the table of rows then. Ids that meet in one slot go on
    /// in steps that the upper half of each tells (§7.3.5.3).
    /// </summary>
    private static uint FindRow(ref ByteReader reader, uint slots, ulong id)
    {
        var ids = reader.ReadBytes((int)slots * sizeof(ulong));
        var rows = reader.ReadBytes((int)slots * sizeof(uint));
        ulong mask = slots - 1UL;
        ulong step = ((id >> 32) & mask) | 1;
        ulong slot = id & mask;
        for (uint tried = 0; tried < slots; tried++)
        {
            uint row = BinaryPrimitives.ReadUInt32LittleEndian(rows[((int)slot * sizeof(uint))..]);
            if (row == 0 || BinaryPrimitives.ReadUInt64LittleEndian(ids[((int)slot * sizeof(ulong))..]) == id)
            {
                return row;
            }

            slot = (slot + step) & mask;
        }

        return 0;
    }
}
