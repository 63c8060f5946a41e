using Viperf.Formats.Dwarf;
using Viperf.Tests.Elf;

namespace Viperf.Tests.Dwarf;

/// <summary>An attribute and its value.</summary>
/// <param name="Name">The attribute.</param>
/// <param name="Form">How the value is written.</param>
/// <param name="Number">The value of forms that are numbers, offsets or indexes; of blocks their length.</param>
/// <param name="Text">The value of forms that are texts.</param>
/// <param name="Label">The entry that references lead to; empty to write <paramref name="Number"/>.</param>
internal sealed record Value(DwarfAttribute Name, DwarfForm Form, ulong Number = 0, string Text = "", string Label = "")
{
    /// <summary>The abbreviation says DW_FORM_indirect, the entry says which form.</summary>
    public bool IsIndirect { get; init; }
}

/// <summary>
/// Makes the sections of a file with debug information, of every version, well-formed unless a test asks for damage. Units are
/// begun and ended, entries follow one another depth first, each with an abbreviation of its own.
/// </summary>
internal sealed class DebugInfoBuilder(int version, bool is64BitFormat = false, int addressSize = 8)
{
    public const byte CompileUnit = 1;
    public const byte TypeUnit = 2;
    public const byte PartialUnit = 3;
    public const byte SkeletonUnit = 4;
    public const byte SplitUnit = 5;

    /// <summary>Offsets that the header of .debug_rnglists announces, used or not.</summary>
    private const int RangeListSlots = 16;

    private readonly List<byte> _info = [];
    private readonly ByteList _abbreviations = new();
    private readonly ByteList _strings = new ByteList().Text("/src/a.c").Text("b.h"); // LineTableBuilder's tables lead there
    private readonly ByteList _lineStrings = new ByteList().Text("/build");
    private readonly ByteList _stringOffsets = new();
    private readonly ByteList _addresses = new();
    private readonly ByteList _ranges = new();
    private readonly ByteList _rangeLists = new();
    private readonly List<ulong> _rangeListStarts = [];
    private readonly ByteList _addressRanges = new();
    private readonly ByteList _lines = new();
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<(int At, int Size, int Unit, string Label)> _references = [];
    private readonly Dictionary<string, byte[]> _replaced = [];
    private int _unit;
    private ulong _code;
    private int _strx;
    private int _addrx;

    public ulong StringOffsetsBase => version >= 5 ? LengthSize + 4 : 0;

    public ulong AddressBase => version >= 5 ? LengthSize + 4 : 0;

    public ulong RangeListsBase => LengthSize + 8;

    /// <summary>The form of offsets into other sections.</summary>
    public DwarfForm OffsetForm => version >= 4 ? DwarfForm.SectionOffset : is64BitFormat ? DwarfForm.Data8 : DwarfForm.Data4;

    private ulong LengthSize => is64BitFormat ? 12u : 4u;

    private int OffsetSize => is64BitFormat ? 8 : 4;

    public DebugInfoBuilder Unit(byte kind = CompileUnit, ulong splitId = 0, ushort? versionInHeader = null)
    {
        _unit = _info.Count;
        _code = 0;
        var header = new ByteList();
        if (is64BitFormat)
        {
            header.U32(0xffffffff);
        }

        header.Word(0, is64BitFormat).U16(versionInHeader ?? (ushort)version); // the length follows when the unit ends
        ulong abbreviations = (ulong)_abbreviations.Length;
        if (version >= 5)
        {
            header.U8(kind).U8((byte)addressSize).Word(abbreviations, is64BitFormat);
        }
        else
        {
            header.Word(abbreviations, is64BitFormat).U8((byte)addressSize);
        }

        if (version >= 5 && kind is SkeletonUnit or SplitUnit)
        {
            header.U64(splitId);
        }
        else if (kind == TypeUnit)
        {
            header.U64(1).Word(0, is64BitFormat);
        }

        _info.AddRange(header.ToArray());
        return this;
    }

    /// <summary>Adds an entry; if it has children, those follow up to <see cref="End"/>.</summary>
    public DebugInfoBuilder Entry(DwarfTag tag, bool hasChildren, params Value[] values) => Entry(tag, "", hasChildren, values);

    public DebugInfoBuilder Entry(DwarfTag tag, string label, bool hasChildren, params Value[] values)
    {
        if (label.Length != 0)
        {
            _labels.Add(label, _info.Count);
        }

        _code++;
        _info.AddRange(new ByteList().Uleb(_code).ToArray());
        _abbreviations.Uleb(_code).Uleb((ulong)tag).U8((byte)(hasChildren ? 1 : 0));
        foreach (var value in values)
        {
            _abbreviations.Uleb((ulong)value.Name).Uleb((ulong)(value.IsIndirect ? DwarfForm.Indirect : value.Form));
            if (value.Form == DwarfForm.ImplicitConstant)
            {
                _abbreviations.Sleb((long)value.Number);
            }

            if (value.IsIndirect)
            {
                _info.AddRange(new ByteList().Uleb((ulong)value.Form).ToArray());
            }

            Write(value);
        }

        _abbreviations.Uleb(0).Uleb(0);
        return this;
    }

    /// <summary>Ends the children of an entry.</summary>
    public DebugInfoBuilder End()
    {
        _info.Add(0);
        return this;
    }

    /// <summary>Ends a unit and its abbreviations.</summary>
    public DebugInfoBuilder EndUnit()
    {
        _abbreviations.Uleb(0);
        Patch(_unit + (is64BitFormat ? 4 : 0), OffsetSize, (ulong)(_info.Count - _unit) - LengthSize);
        return this;
    }

    /// <summary>Bytes between units.</summary>
    public DebugInfoBuilder Padding(params byte[] bytes)
    {
        _info.AddRange(bytes);
        return this;
    }

    public ulong StringOffset(string text) => Append(_strings, text);

    public ulong AddressIndex(ulong address)
    {
        _addresses.Word(address, addressSize == 8);
        return (ulong)_addrx++;
    }

    /// <summary>Offset of a list in .debug_ranges, of pairs as they are written; the end is added.</summary>
    public ulong Ranges(params (ulong Start, ulong End)[] pairs)
    {
        ulong offset = (ulong)_ranges.Length;
        foreach (var (start, end) in (IEnumerable<(ulong, ulong)>)[.. pairs, (0, 0)])
        {
            _ranges.Word(start, addressSize == 8).Word(end, addressSize == 8);
        }

        return offset;
    }

    /// <summary>The number of a list in .debug_rnglists; its entries' bytes as they are, the end is added.</summary>
    public ulong RangeList(Action<ByteList> write)
    {
        _rangeListStarts.Add((ulong)(RangeListSlots * OffsetSize) + (ulong)_rangeLists.Length);
        write(_rangeLists);
        _rangeLists.U8(0);
        return (ulong)_rangeListStarts.Count - 1;
    }

    /// <summary>Offset of a numbered list, counted from the section's start.</summary>
    public ulong RangeListOffset(ulong number) => RangeListsBase + _rangeListStarts[(int)number];

    /// <summary>The attribute for ranges in the version's own way, counted from the unit's first address.</summary>
    public Value RangesOf(params (ulong Start, ulong End)[] ranges) => version < 5
        ? new Value(DwarfAttribute.Ranges, OffsetForm, Ranges(ranges))
        : new Value(DwarfAttribute.Ranges, DwarfForm.RangeListIndex, RangeList(list =>
        {
            foreach (var (start, end) in ranges)
            {
                list.U8(4).Uleb(start).Uleb(end); // DW_RLE_offset_pair
            }
        }));

    /// <summary>The attribute for a last address in the version's own way.</summary>
    public Value HighPc(ulong low, ulong high) => version >= 4
        ? new Value(DwarfAttribute.HighPc, DwarfForm.Data4, high - low)
        : new Value(DwarfAttribute.HighPc, DwarfForm.Address, high);

    /// <summary>A set in .debug_aranges.</summary>
    public DebugInfoBuilder AddressRanges(ulong unit, params (ulong Start, ulong Length)[] ranges)
    {
        var set = new ByteList().U16(2).Word(unit, is64BitFormat).U8((byte)addressSize).U8(0);
        set.Bytes(new byte[-((int)LengthSize + set.Length) & ((2 * addressSize) - 1)]);
        foreach (var (start, length) in (IEnumerable<(ulong, ulong)>)[.. ranges, (0, 0)])
        {
            set.Word(start, addressSize == 8).Word(length, addressSize == 8);
        }

        Length(_addressRanges, set.Length).Bytes(set.ToArray());
        return this;
    }

    /// <summary>Offset in .debug_line of a unit that <see cref="LineTableBuilder"/> made.</summary>
    public ulong Lines(LineTableBuilder lines)
    {
        ulong offset = (ulong)_lines.Length;
        _lines.Bytes(lines.Unit());
        return offset;
    }

    /// <summary>Puts other bytes in a section's place.</summary>
    public DebugInfoBuilder Replace(string section, byte[] bytes)
    {
        _replaced[section] = bytes;
        return this;
    }

    /// <summary>Names of the sections that have bytes.</summary>
    public static readonly string[] SectionNames =
        ["info", "abbrev", "str", "line_str", "str_offsets", "addr", "ranges", "rnglists", "line", "cu_index", "aranges"];

    public byte[] Section(string name) => _replaced.TryGetValue(name, out byte[]? other) ? other : name switch
    {
        "info" => Info(),
        "abbrev" => _abbreviations.ToArray(),
        "str" => _strings.ToArray(),
        "line_str" => _lineStrings.ToArray(),
        "str_offsets" => WithHeader(_stringOffsets, new ByteList().U16(5).U16(0)),
        "addr" => WithHeader(_addresses, new ByteList().U16(5).U8((byte)addressSize).U8(0)),
        "ranges" => _ranges.ToArray(),
        "rnglists" => RangeLists(),
        "line" => _lines.ToArray(),
        "aranges" => _addressRanges.ToArray(),
        _ => [],
    };

    public DebugSections Sections(DebugSections? supplementary = null) => new("test", name => Section(name), supplementary);

    private static ulong Append(ByteList texts, string text)
    {
        ulong offset = (ulong)texts.Length;
        texts.Text(text);
        return offset;
    }

    private void Write(Value value)
    {
        var bytes = new ByteList();
        switch (value.Form)
        {
            case DwarfForm.Address:
                bytes.Word(value.Number, addressSize == 8);
                break;
            case DwarfForm.Data1 or DwarfForm.Flag or DwarfForm.AddressIndex1:
                bytes.U8((byte)value.Number);
                break;
            case DwarfForm.Data2 or DwarfForm.AddressIndex2:
                bytes.U16((ushort)value.Number);
                break;
            case DwarfForm.AddressIndex3:
                bytes.U16((ushort)value.Number).U8((byte)(value.Number >> 16));
                break;
            case DwarfForm.Data4 or DwarfForm.AddressIndex4:
                bytes.U32((uint)value.Number);
                break;
            case DwarfForm.Data8 or DwarfForm.Signature:
                bytes.U64(value.Number);
                break;
            case DwarfForm.Data16:
                bytes.U64(value.Number).U64(0);
                break;
            case DwarfForm.UnsignedData or DwarfForm.AddressIndex or DwarfForm.GnuAddressIndex or DwarfForm.RangeListIndex
                or DwarfForm.LocationListIndex:
                bytes.Uleb(value.Number);
                break;
            case DwarfForm.SignedData:
                bytes.Sleb((long)value.Number);
                break;
            case DwarfForm.SectionOffset or DwarfForm.SupplementaryString or DwarfForm.GnuAlternativeString:
                bytes.Word(value.Number, is64BitFormat);
                break;
            case DwarfForm.String:
                bytes.Text(value.Text);
                break;
            case DwarfForm.StringOffset:
                bytes.Word(Append(_strings, value.Text), is64BitFormat);
                break;
            case DwarfForm.LineString:
                bytes.Word(Append(_lineStrings, value.Text), is64BitFormat);
                break;
            case DwarfForm.StringIndex or DwarfForm.GnuStringIndex:
                bytes.Uleb(StringIndex(value.Text));
                break;
            case DwarfForm.StringIndex1:
                bytes.U8((byte)StringIndex(value.Text));
                break;
            case DwarfForm.StringIndex2:
                bytes.U16((ushort)StringIndex(value.Text));
                break;
            case DwarfForm.StringIndex3:
                bytes.U16((ushort)StringIndex(value.Text)).U8(0);
                break;
            case DwarfForm.StringIndex4:
                bytes.U32((uint)StringIndex(value.Text));
                break;
            case DwarfForm.Block1:
                bytes.U8((byte)value.Number).Bytes(new byte[value.Number]);
                break;
            case DwarfForm.Block2:
                bytes.U16((ushort)value.Number).Bytes(new byte[value.Number]);
                break;
            case DwarfForm.Block4:
                bytes.U32((uint)value.Number).Bytes(new byte[value.Number]);
                break;
            case DwarfForm.Block or DwarfForm.Expression:
                bytes.Uleb(value.Number).Bytes(new byte[value.Number]);
                break;
            case DwarfForm.FlagPresent or DwarfForm.ImplicitConstant:
                break;
            default:
                WriteReference(value, bytes);
                break;
        }

        _info.AddRange(bytes.ToArray());
    }

    /// <summary>References to entries: their bytes follow when all entries have their places.</summary>
    private void WriteReference(Value value, ByteList bytes)
    {
        int size = value.Form switch
        {
            DwarfForm.Reference1 => 1,
            DwarfForm.Reference2 => 2,
            DwarfForm.Reference4 or DwarfForm.SupplementaryReference4 => 4,
            DwarfForm.Reference8 or DwarfForm.SupplementaryReference8 => 8,
            DwarfForm.ReferenceUnsigned => 0, // four bytes of LEB128
            DwarfForm.SectionReference => version == 2 ? addressSize : OffsetSize,
            DwarfForm.GnuAlternativeReference => OffsetSize,
            _ => throw new ArgumentOutOfRangeException(nameof(value), value.Form, "A form that the builder does not write."),
        };
        if (value.Label.Length != 0)
        {
            _references.Add((_info.Count, size, value.Form == DwarfForm.SectionReference ? 0 : _unit, value.Label));
        }

        byte[] number = BitConverter.GetBytes(value.Number);
        bytes.Bytes(size == 0 ? new byte[4] : number.AsSpan(0, size));
    }

    private ulong StringIndex(string text)
    {
        _stringOffsets.Word(Append(_strings, text), is64BitFormat);
        return (ulong)_strx++;
    }

    /// <summary>Offset of a labelled entry in .debug_info, for references from other files.</summary>
    public ulong OffsetOf(string label) => (ulong)_labels[label];

    private byte[] Info()
    {
        foreach (var (at, size, unit, label) in _references)
        {
            Patch(at, size, (ulong)(_labels[label] - unit));
        }

        return [.. _info];
    }

    private void Patch(int at, int size, ulong value)
    {
        for (int i = 0; i < (size == 0 ? 4 : size); i++)
        {
            _info[at + i] = (byte)(size != 0 ? value >> (8 * i) : ((value >> (7 * i)) & 0x7f) | (i < 3 ? 0x80u : 0));
        }
    }

    private byte[] WithHeader(ByteList entries, ByteList header)
    {
        if (version < 5)
        {
            return entries.ToArray();
        }

        return Length(new ByteList(), header.Length + entries.Length).Bytes(header.ToArray()).Bytes(entries.ToArray()).ToArray();
    }

    private byte[] RangeLists()
    {
        var offsets = new ByteList();
        for (int i = 0; i < RangeListSlots; i++)
        {
            offsets.Word(i < _rangeListStarts.Count ? _rangeListStarts[i] : 0, is64BitFormat);
        }

        var header = new ByteList().U16(5).U8((byte)addressSize).U8(0).U32(RangeListSlots);
        return Length(new ByteList(), header.Length + offsets.Length + _rangeLists.Length)
            .Bytes(header.ToArray()).Bytes(offsets.ToArray()).Bytes(_rangeLists.ToArray()).ToArray();
    }

    private ByteList Length(ByteList bytes, int length)
    {
        if (is64BitFormat)
        {
            bytes.U32(0xffffffff);
        }

        return bytes.Word((ulong)length, is64BitFormat);
    }
}
