using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// One unit of <c>.debug_info</c> (DWARF 5 §7.5.1; versions 2 to 5): its header, and what the entry that stands for the whole
/// unit says.
/// </summary>
internal sealed class DebugUnit
{
    private const uint LongFormat = 0xffffffff;

    /// <summary>The unit's kind in its header (§7.5.1): of DWARF 5 only.</summary>
    private enum UnitType : byte
    {
        Compile = 1,
        Type = 2,
        Partial = 3,
        Skeleton = 4,
        SplitCompile = 5,
        SplitType = 6,
    }

    private AbbreviationTable? _abbreviations;

    private DebugUnit(DebugSections sections, int offset) => (Sections, Offset) = (sections, offset);

    /// <summary>The sections that the unit's entries, texts and lists lie in.</summary>
    public DebugSections Sections { get; }

    /// <summary>Of the unit's first byte in <c>.debug_info</c>.</summary>
    public int Offset { get; }

    /// <summary>Of the first byte behind the unit.</summary>
    public int End { get; private set; }

    /// <summary>Of the unit's own entry.</summary>
    public int FirstEntry { get; private set; }

    /// <summary>What the widths of values depend on.</summary>
    public UnitFormat Format { get; private set; }

    /// <summary>True if the unit describes code: other units hold what several of those share.</summary>
    public bool HasCode { get; private set; }

    /// <summary>Tells the split part of a unit from others; 0 where the unit has no other part.</summary>
    public ulong SplitId { get; private set; }

    /// <summary>The unit's own attributes; empty before <see cref="ReadRoot"/>.</summary>
    public UnitAttributes Root { get; private set; } = UnitAttributes.None;

    /// <summary>Where the unit's tables begin in sections that it shares with others.</summary>
    public UnitBases Bases { get; private set; }

    /// <summary>What lists of ranges count addresses from, unless they say otherwise.</summary>
    public ulong BaseAddress { get; private set; }

    private ulong AbbreviationOffset { get; set; }

    /// <summary>The unit's abbreviations, read when first asked for.</summary>
    /// <exception cref="ParseException">They are not consistent.</exception>
    public AbbreviationTable Abbreviations =>
        _abbreviations ??= Sections.AbbreviationTables.At(Bases.Abbreviations + AbbreviationOffset, Format);

    /// <summary>Where the unit at an offset ends, which is all that a reader needs who cannot read the rest.</summary>
    /// <param name="sections">The file.</param>
    /// <param name="offset">Of the unit in <c>.debug_info</c>.</param>
    /// <exception cref="ParseException">Its length leads out of the section.</exception>
    public static int EndOf(DebugSections sections, int offset)
    {
        var reader = new ByteReader(sections.Info[offset..], sections.InfoName, (ulong)offset);
        ReadLength(ref reader, out ulong length);
        if (length > (ulong)reader.Remaining)
        {
            reader.Fail($"a unit of {length} bytes announced, {reader.Remaining} left");
        }

        return offset + reader.Position + (int)length;
    }

    /// <summary>Reads the header of the unit at an offset.</summary>
    /// <param name="sections">The file.</param>
    /// <param name="offset">Of the unit in <c>.debug_info</c>.</param>
    /// <param name="bases">Where the unit's tables begin; for units of a package of split ones.</param>
    /// <returns>Null for a unit of another version, or of a kind that nobody needs here.</returns>
    /// <exception cref="ParseException">The header is cut short.</exception>
    public static DebugUnit? ReadHeader(DebugSections sections, int offset, UnitBases bases = default)
    {
        var unit = new DebugUnit(sections, offset) { End = EndOf(sections, offset), Bases = bases };
        var reader = new ByteReader(sections.Info[..unit.End], sections.InfoName);
        reader.Skip(offset);
        bool is64BitFormat = ReadLength(ref reader, out _);
        return unit.TryReadRest(ref reader, is64BitFormat) ? unit : null;
    }

    /// <summary>A reader of the unit's section that stands at an entry of the unit.</summary>
    /// <exception cref="ParseException">The offset lies outside of the unit.</exception>
    public ByteReader ReaderAt(ulong offset)
    {
        if (offset < (ulong)FirstEntry || offset >= (ulong)End)
        {
            ParseException.Throw(
                $"an entry asked for outside of the unit at 0x{Offset:x}", Sections.InfoName, offset);
        }

        var reader = new ByteReader(Sections.Info[..End], Sections.InfoName);
        reader.Skip((int)offset);
        return reader;
    }

    /// <summary>Reads the unit's own entry.</summary>
    /// <exception cref="ParseException">It is not consistent.</exception>
    public void ReadRoot()
    {
        var reader = ReaderAt((ulong)FirstEntry);
        ulong code = reader.ReadULeb128();
        if (code == 0)
        {
            HasCode = false;
            return;
        }

        var abbreviation = Sections.AbbreviationTables.Single(Bases.Abbreviations + AbbreviationOffset, code, Format);
        HasCode &= abbreviation.Tag is DwarfTag.CompileUnit or DwarfTag.SkeletonUnit;
        Root = UnitAttributes.Read(ref reader, abbreviation, Format);
        if (SplitId == 0 && Root.SplitId.IsPresent)
        {
            SplitId = Root.SplitId.Number;
        }

        Bases = UnitBases.Of(this);
        BaseAddress = UnitValues.Address(this, Root.LowPc);
    }

    /// <summary>The other part of a split unit has the addresses: what it says about them counts for this one too.</summary>
    public void TakeAddressesFrom(DebugUnit skeleton)
    {
        BaseAddress = skeleton.BaseAddress;
        Bases = Bases with
        {
            Addresses = skeleton.Bases.Addresses,
            GnuRanges = skeleton.Root.GnuRangesBase.Number,
            AddressSections = skeleton.Sections,
        };
    }

    /// <summary>Reads an initial length (§7.4); returns whether it is the 64-bit format's.</summary>
    private static bool ReadLength(ref ByteReader reader, out ulong length)
    {
        uint first = reader.ReadUInt32();
        length = first == LongFormat ? reader.ReadUInt64() : first;
        return first == LongFormat;
    }

    private bool TryReadRest(ref ByteReader reader, bool is64BitFormat)
    {
        ushort version = reader.ReadUInt16();
        if (version is < 2 or > 5)
        {
            return false;
        }

        var type = UnitType.Compile;
        byte addressSize;
        if (version >= 5)
        {
            type = (UnitType)reader.ReadByte();
            addressSize = reader.ReadByte();
            AbbreviationOffset = reader.ReadWord(is64BitFormat);
        }
        else
        {
            AbbreviationOffset = reader.ReadWord(is64BitFormat);
            addressSize = reader.ReadByte();
        }

        if (addressSize is not (sizeof(uint) or sizeof(ulong)))
        {
            return false;
        }

        if (type is UnitType.Skeleton or UnitType.SplitCompile)
        {
            SplitId = reader.ReadUInt64();
        }

        Format = new UnitFormat(version, is64BitFormat, addressSize);
        FirstEntry = reader.Position;
        HasCode = type is UnitType.Compile or UnitType.Skeleton or UnitType.SplitCompile;
        return type is not (UnitType.Type or UnitType.SplitType);
    }
}
