using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>What values of a unit's attributes stand for: addresses, texts and ranges that lie in other sections.</summary>
internal static class UnitValues
{
    /// <summary>Ends and kinds of the entries of <c>.debug_rnglists</c>: <c>DW_RLE_…</c> (DWARF 5 §7.25).</summary>
    private enum RangeEntry : byte
    {
        EndOfList = 0,
        BaseAddressIndex = 1,
        StartIndexEndIndex = 2,
        StartIndexLength = 3,
        OffsetPair = 4,
        BaseAddress = 5,
        StartEnd = 6,
        StartLength = 7,
    }

    /// <summary>The address that a value stands for; 0 where it leads nowhere.</summary>
    public static ulong Address(DebugUnit unit, FormValue value) => value.Kind switch
    {
        FormKind.AddressIndex => IndexedAddress(unit, value.Number),
        FormKind.Address => value.Number,
        _ => 0,
    };

    /// <summary>The text that a value stands for; empty where it leads nowhere.</summary>
    public static ReadOnlySpan<byte> Text(DebugUnit unit, FormValue value)
    {
        var sections = unit.Sections;
        switch (value.Kind)
        {
            case FormKind.InlineString:
                return ByteReader.CStringAt(sections.Info, value.Number);
            case FormKind.StringOffset:
                return ByteReader.CStringAt(sections.Strings, value.Number);
            case FormKind.LineString:
                return ByteReader.CStringAt(sections.LineStrings, value.Number);
            case FormKind.SupplementaryString when sections.Supplementary is { } other:
                return ByteReader.CStringAt(other.Strings, value.Number);
            case FormKind.StringIndex:
                return TryReadEntry(
                    sections.StringOffsets, unit.Bases.StringOffsets, value.Number, unit.Format.OffsetSize, out ulong offset)
                        ? ByteReader.CStringAt(sections.Strings, offset)
                        : default;
            default:
                return default;
        }
    }

    /// <summary>Adds the addresses that an entry covers: one stretch, a list of them, or none.</summary>
    /// <param name="unit">The entry's unit.</param>
    /// <param name="lowPc">DW_AT_low_pc.</param>
    /// <param name="highPc">DW_AT_high_pc.</param>
    /// <param name="ranges">DW_AT_ranges.</param>
    /// <param name="sink">Takes the stretches.</param>
    /// <exception cref="ParseException">The list is cut short, or there are too many.</exception>
    public static void AddRanges(DebugUnit unit, FormValue lowPc, FormValue highPc, FormValue ranges, RangeMapBuilder sink)
    {
        if (ranges.IsPresent)
        {
            if (unit.Format.Version >= 5)
            {
                AddRangeList(unit, ranges, sink);
            }
            else
            {
                AddPlainRanges(unit, ranges.Number, sink);
            }
        }
        else if (lowPc.IsPresent && highPc.IsPresent)
        {
            unit.Sections.Budget.TakeRange();
            ulong low = Address(unit, lowPc);
            sink.Add(low, highPc.Kind == FormKind.Constant ? low + highPc.Number : Address(unit, highPc));
        }
    }

    /// <summary>Reads a list of <c>.debug_ranges</c> (DWARF 4 §2.17.3).</summary>
    private static void AddPlainRanges(DebugUnit unit, ulong offset, RangeMapBuilder sink)
    {
        var sections = unit.Bases.AddressSections ?? unit.Sections;
        var reader = ReaderAt(sections.Ranges, sections.RangesName, offset + unit.Bases.GnuRanges);
        bool isWide = unit.Format.AddressSize == sizeof(ulong);
        ulong newBase = isWide ? ulong.MaxValue : uint.MaxValue;
        ulong origin = unit.BaseAddress;
        while (true)
        {
            unit.Sections.Budget.TakeRange();
            ulong start = reader.ReadWord(isWide);
            ulong end = reader.ReadWord(isWide);
            if (start == newBase)
            {
                origin = end;
            }
            else if ((start | end) == 0)
            {
                return;
            }
            else
            {
                sink.Add(origin + start, origin + end);
            }
        }
    }

    /// <summary>Reads a list of <c>.debug_rnglists</c> (DWARF 5 §2.17.3).</summary>
    private static void AddRangeList(DebugUnit unit, FormValue list, RangeMapBuilder sink)
    {
        var lists = unit.Sections.RangeLists;
        ulong offset = list.Number;
        if (list.Kind == FormKind.RangeListIndex)
        {
            if (!TryReadEntry(lists, unit.Bases.RangeLists, list.Number, unit.Format.OffsetSize, out offset))
            {
                ParseException.Throw($"list {list.Number} is not there", unit.Sections.RangeListsName, unit.Bases.RangeLists);
            }

            offset += unit.Bases.RangeLists;
        }

        bool isWide = unit.Format.AddressSize == sizeof(ulong);
        var reader = ReaderAt(lists, unit.Sections.RangeListsName, offset);
        ulong origin = unit.BaseAddress;
        bool isRemoved = false;
        while (true)
        {
            unit.Sections.Budget.TakeRange();
            var entry = (RangeEntry)reader.ReadByte();
            ulong start;
            switch (entry)
            {
                case RangeEntry.EndOfList:
                    return;
                case RangeEntry.BaseAddressIndex:
                    origin = IndexedAddress(unit, reader.ReadULeb128());
                    isRemoved = IsRemoved(origin, isWide);
                    break;
                case RangeEntry.BaseAddress:
                    origin = reader.ReadWord(isWide);
                    isRemoved = IsRemoved(origin, isWide);
                    break;
                case RangeEntry.StartIndexEndIndex:
                    start = IndexedAddress(unit, reader.ReadULeb128());
                    sink.Add(start, IndexedAddress(unit, reader.ReadULeb128()));
                    break;
                case RangeEntry.StartIndexLength:
                    start = IndexedAddress(unit, reader.ReadULeb128());
                    sink.Add(start, start + reader.ReadULeb128());
                    break;
                case RangeEntry.OffsetPair:
                    start = origin + reader.ReadULeb128();
                    ulong end = origin + reader.ReadULeb128();
                    if (!isRemoved)
                    {
                        sink.Add(start, end);
                    }

                    break;
                case RangeEntry.StartEnd:
                    start = reader.ReadWord(isWide);
                    sink.Add(start, reader.ReadWord(isWide));
                    break;
                case RangeEntry.StartLength:
                    start = reader.ReadWord(isWide);
                    sink.Add(start, start + reader.ReadULeb128());
                    break;
                default:
                    reader.Fail($"unknown entry {(int)entry} in a list of ranges");
                    break;
            }
        }
    }

    /// <summary>
    /// True for what linkers make the start of a section that they removed: what is counted from it must not pass for code
    /// at the file's first addresses.
    /// </summary>
    private static bool IsRemoved(ulong origin, bool isWide) => origin == 0 || origin == (isWide ? ulong.MaxValue : uint.MaxValue);

    private static ulong IndexedAddress(DebugUnit unit, ulong index)
    {
        var sections = unit.Bases.AddressSections ?? unit.Sections;
        return TryReadEntry(sections.Addresses, unit.Bases.Addresses, index, unit.Format.AddressSize, out ulong address) ? address : 0;
    }

    private static ByteReader ReaderAt(ReadOnlySpan<byte> section, string name, ulong offset)
    {
        if (offset > (ulong)section.Length)
        {
            ParseException.Throw($"a list beyond the section's {section.Length} bytes", name, offset);
        }

        return new ByteReader(section[(int)offset..], name, offset);
    }

    /// <summary>Reads an entry of a table of offsets or addresses; false where it lies outside of the section.</summary>
    private static bool TryReadEntry(ReadOnlySpan<byte> section, ulong start, ulong index, int size, out ulong value)
    {
        value = 0;
        if (start > (ulong)section.Length || index >= ((ulong)section.Length - start) / (ulong)size)
        {
            return false;
        }

        var entry = section[(int)(start + (index * (ulong)size))..];
        value = size == sizeof(ulong)
            ? BinaryPrimitives.ReadUInt64LittleEndian(entry)
            : BinaryPrimitives.ReadUInt32LittleEndian(entry);
        return true;
    }
}
