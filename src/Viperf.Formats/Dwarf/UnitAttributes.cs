using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>What the entry that stands for a whole unit says (DWARF 5 §3.1.1), as far as anybody asks here.</summary>
internal sealed record UnitAttributes
{
    /// <summary>Nothing at all.</summary>
    public static readonly UnitAttributes None = new();

    public FormValue LowPc { get; private set; }

    public FormValue HighPc { get; private set; }

    public FormValue Ranges { get; private set; }

    /// <summary>Offset of the unit's line table in <c>.debug_line</c>.</summary>
    public FormValue LineProgram { get; private set; }

    public FormValue CompilationDirectory { get; private set; }

    public FormValue StringOffsetsBase { get; private set; }

    public FormValue AddressBase { get; private set; }

    public FormValue RangeListsBase { get; private set; }

    public FormValue GnuRangesBase { get; private set; }

    /// <summary>The file that holds the rest of a unit.</summary>
    public FormValue SplitName { get; private set; }

    public FormValue SplitId { get; private set; }

    /// <summary>True if the unit's source is C, of whatever edition: its types hold no functions.</summary>
    public bool IsC => Language.Number is 0x01 or 0x02 or 0x0c or 0x1d or 0x2c; // DW_LANG_C89, C, C99, C11, C17

    private FormValue Language { get; set; }

    /// <summary>Reads the values behind an abbreviation's code.</summary>
    public static UnitAttributes Read(ref ByteReader reader, Abbreviation abbreviation, UnitFormat unit)
    {
        var root = new UnitAttributes();
        foreach (ref readonly var attribute in abbreviation.Attributes.AsSpan())
        {
            var value = FormReader.Read(ref reader, attribute.Form, attribute.ImplicitConstant, unit);
            switch (attribute.Name)
            {
                case DwarfAttribute.LowPc:
                    root.LowPc = value;
                    break;
                case DwarfAttribute.HighPc:
                    root.HighPc = value;
                    break;
                case DwarfAttribute.Ranges:
                    root.Ranges = value;
                    break;
                case DwarfAttribute.LineProgram:
                    root.LineProgram = value;
                    break;
                case DwarfAttribute.Language:
                    root.Language = value;
                    break;
                case DwarfAttribute.CompilationDirectory:
                    root.CompilationDirectory = value;
                    break;
                case DwarfAttribute.StringOffsetsBase:
                    root.StringOffsetsBase = value;
                    break;
                case DwarfAttribute.AddressBase or DwarfAttribute.GnuAddressBase:
                    root.AddressBase = value;
                    break;
                case DwarfAttribute.RangeListsBase:
                    root.RangeListsBase = value;
                    break;
                case DwarfAttribute.GnuRangesBase:
                    root.GnuRangesBase = value;
                    break;
                case DwarfAttribute.SplitName or DwarfAttribute.GnuSplitName:
                    root.SplitName = value;
                    break;
                case DwarfAttribute.GnuSplitId:
                    root.SplitId = value;
                    break;
            }
        }

        return root;
    }
}

/// <summary>Where a unit's own tables begin in sections that all units share.</summary>
/// <param name="Abbreviations">In <c>.debug_abbrev</c>: of the unit's part of a package.</param>
/// <param name="StringOffsets">In <c>.debug_str_offsets</c>.</param>
/// <param name="Addresses">In <c>.debug_addr</c>.</param>
/// <param name="RangeLists">In <c>.debug_rnglists</c>: what the offsets of numbered lists count from.</param>
/// <param name="GnuRanges">In <c>.debug_ranges</c>: added to what entries below the unit's own say.</param>
internal readonly record struct UnitBases(
    ulong Abbreviations, ulong StringOffsets, ulong Addresses, ulong RangeLists, ulong GnuRanges)
{
    /// <summary>The file whose addresses a split unit numbers; null for the unit's own.</summary>
    public DebugSections? AddressSections { get; init; }

    /// <summary>
    /// The bases of a unit: as its attributes say; where they do not, behind the headers of the tables, since the unit of a
    /// file of its own is the only one that has any (DWARF 5 §7.3.2).
    /// </summary>
    public static UnitBases Of(DebugUnit unit)
    {
        var (bases, root) = (unit.Bases, unit.Root);
        bool hasHeaders = unit.Format.Version >= 5;
        ulong lengthSize = unit.Format.Is64BitFormat ? 12u : 4u;
        return bases with
        {
            StringOffsets = root.StringOffsetsBase.IsPresent ? root.StringOffsetsBase.Number
                : bases.StringOffsets + (hasHeaders ? lengthSize + 4 : 0),
            Addresses = root.AddressBase.Number,
            RangeLists = root.RangeListsBase.IsPresent ? root.RangeListsBase.Number
                : bases.RangeLists + (hasHeaders ? lengthSize + 8 : 0),
        };
    }
}
