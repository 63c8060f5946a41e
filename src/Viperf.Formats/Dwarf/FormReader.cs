using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>What the widths of a unit's values depend on.</summary>
/// <param name="Version">2 to 5.</param>
/// <param name="Is64BitFormat">True for the 64-bit DWARF format, whose offsets have 8 bytes.</param>
/// <param name="AddressSize">Bytes of an address: 4 or 8.</param>
internal readonly record struct UnitFormat(ushort Version, bool Is64BitFormat, byte AddressSize)
{
    /// <summary>Bytes of an offset into a section.</summary>
    public int OffsetSize => Is64BitFormat ? sizeof(ulong) : sizeof(uint);

    /// <summary>Bytes of <c>DW_FORM_ref_addr</c>: DWARF 2 wrote it as an address.</summary>
    public int SectionReferenceSize => Version <= 2 ? AddressSize : OffsetSize;
}

/// <summary>What the number of a <see cref="FormValue"/> means.</summary>
internal enum FormKind : byte
{
    /// <summary>No value was read, or one that nobody needs.</summary>
    None,

    /// <summary>A number; in DWARF 2 and 3 also an offset into another section.</summary>
    Constant,

    /// <summary>An address.</summary>
    Address,

    /// <summary>The number of an address in <c>.debug_addr</c>.</summary>
    AddressIndex,

    /// <summary>An offset from the start of the unit's section at which the text stands.</summary>
    InlineString,

    /// <summary>An offset in <c>.debug_str</c>.</summary>
    StringOffset,

    /// <summary>An offset in <c>.debug_line_str</c>.</summary>
    LineString,

    /// <summary>The number of a text in <c>.debug_str_offsets</c>.</summary>
    StringIndex,

    /// <summary>An offset in the <c>.debug_str</c> of the supplementary file.</summary>
    SupplementaryString,

    /// <summary>An entry, counted from the unit's first byte.</summary>
    UnitReference,

    /// <summary>An entry, counted from the section's first byte.</summary>
    SectionReference,

    /// <summary>An entry of the supplementary file's <c>.debug_info</c>.</summary>
    SupplementaryReference,

    /// <summary>An offset in the section that the attribute speaks of.</summary>
    SectionOffset,

    /// <summary>The number of a list in <c>.debug_rnglists</c>.</summary>
    RangeListIndex,
}

/// <summary>An attribute's value.</summary>
/// <param name="Kind">What <paramref name="Number"/> means.</param>
/// <param name="Number">The value's bits.</param>
internal readonly record struct FormValue(FormKind Kind, ulong Number)
{
    /// <summary>True if there is a value.</summary>
    public bool IsPresent => Kind != FormKind.None;
}

/// <summary>Reads values of any form, and steps over them (DWARF 5 §7.5.6).</summary>
internal static class FormReader
{
    /// <summary>Bytes of a value that has the same number of them wherever it occurs in such a unit; -1 for the others.</summary>
    public static int FixedSize(DwarfForm form, UnitFormat unit) => form switch
    {
        DwarfForm.FlagPresent or DwarfForm.ImplicitConstant => 0,
        DwarfForm.Data1 or DwarfForm.Flag or DwarfForm.Reference1 or DwarfForm.StringIndex1 or DwarfForm.AddressIndex1 => 1,
        DwarfForm.Data2 or DwarfForm.Reference2 or DwarfForm.StringIndex2 or DwarfForm.AddressIndex2 => 2,
        DwarfForm.StringIndex3 or DwarfForm.AddressIndex3 => 3,
        DwarfForm.Data4 or DwarfForm.Reference4 or DwarfForm.StringIndex4 or DwarfForm.AddressIndex4
            or DwarfForm.SupplementaryReference4 => 4,
        DwarfForm.Data8 or DwarfForm.Reference8 or DwarfForm.Signature or DwarfForm.SupplementaryReference8 => 8,
        DwarfForm.Data16 => 16,
        DwarfForm.Address => unit.AddressSize,
        DwarfForm.SectionReference => unit.SectionReferenceSize,
        DwarfForm.StringOffset or DwarfForm.SectionOffset or DwarfForm.SupplementaryString or DwarfForm.LineString
            or DwarfForm.GnuAlternativeReference or DwarfForm.GnuAlternativeString => unit.OffsetSize,
        _ => -1,
    };

    /// <summary>Steps over a value.</summary>
    public static void Skip(ref ByteReader reader, DwarfForm form, UnitFormat unit)
    {
        int size = FixedSize(form, unit);
        if (size >= 0)
        {
            reader.Skip(size);
            return;
        }

        switch (form)
        {
            case DwarfForm.String:
                reader.ReadCString();
                break;
            case DwarfForm.Block1:
                SkipBlock(ref reader, reader.ReadByte());
                break;
            case DwarfForm.Block2:
                SkipBlock(ref reader, reader.ReadUInt16());
                break;
            case DwarfForm.Block4:
                SkipBlock(ref reader, reader.ReadUInt32());
                break;
            case DwarfForm.Block or DwarfForm.Expression:
                SkipBlock(ref reader, reader.ReadULeb128());
                break;
            case DwarfForm.SignedData or DwarfForm.UnsignedData or DwarfForm.ReferenceUnsigned or DwarfForm.StringIndex
                or DwarfForm.AddressIndex or DwarfForm.LocationListIndex or DwarfForm.RangeListIndex
                or DwarfForm.GnuAddressIndex or DwarfForm.GnuStringIndex:
                reader.ReadULeb128();
                break;
            case DwarfForm.Indirect:
                Skip(ref reader, ReadIndirect(ref reader), unit);
                break;
            default:
                reader.Fail($"a value of form 0x{(int)form:x}, which viperf does not read");
                break;
        }
    }

    /// <summary>Reads a value; of those that no caller needs (blocks, flags, locations) only the end is found.</summary>
    /// <param name="reader">At the value's first byte.</param>
    /// <param name="form">Its form.</param>
    /// <param name="implicitConstant">What <see cref="DwarfForm.ImplicitConstant"/> stands for.</param>
    /// <param name="unit">The unit's widths.</param>
    public static FormValue Read(ref ByteReader reader, DwarfForm form, long implicitConstant, UnitFormat unit)
    {
        switch (form)
        {
            case DwarfForm.ImplicitConstant:
                return new(FormKind.Constant, (ulong)implicitConstant);
            case DwarfForm.SignedData:
                return new(FormKind.Constant, (ulong)reader.ReadSLeb128());
            case DwarfForm.UnsignedData:
                return new(FormKind.Constant, reader.ReadULeb128());
            case DwarfForm.ReferenceUnsigned:
                return new(FormKind.UnitReference, reader.ReadULeb128());
            case DwarfForm.StringIndex or DwarfForm.GnuStringIndex:
                return new(FormKind.StringIndex, reader.ReadULeb128());
            case DwarfForm.AddressIndex or DwarfForm.GnuAddressIndex:
                return new(FormKind.AddressIndex, reader.ReadULeb128());
            case DwarfForm.RangeListIndex:
                return new(FormKind.RangeListIndex, reader.ReadULeb128());
            case DwarfForm.String:
                ulong start = reader.Offset;
                reader.ReadCString();
                return new(FormKind.InlineString, start);
            case DwarfForm.Indirect:
                return Read(ref reader, ReadIndirect(ref reader), implicitConstant: 0, unit);
        }

        var kind = KindOf(form);
        if (kind == FormKind.None)
        {
            Skip(ref reader, form, unit);
            return default;
        }

        return new(kind, ReadNumber(ref reader, FixedSize(form, unit)));
    }

    private static FormKind KindOf(DwarfForm form) => form switch
    {
        DwarfForm.Data1 or DwarfForm.Data2 or DwarfForm.Data4 or DwarfForm.Data8 => FormKind.Constant,
        DwarfForm.Address => FormKind.Address,
        DwarfForm.AddressIndex1 or DwarfForm.AddressIndex2 or DwarfForm.AddressIndex3 or DwarfForm.AddressIndex4 =>
            FormKind.AddressIndex,
        DwarfForm.StringOffset => FormKind.StringOffset,
        DwarfForm.LineString => FormKind.LineString,
        DwarfForm.StringIndex1 or DwarfForm.StringIndex2 or DwarfForm.StringIndex3 or DwarfForm.StringIndex4 =>
            FormKind.StringIndex,
        DwarfForm.SupplementaryString or DwarfForm.GnuAlternativeString => FormKind.SupplementaryString,
        DwarfForm.Reference1 or DwarfForm.Reference2 or DwarfForm.Reference4 or DwarfForm.Reference8 => FormKind.UnitReference,
        DwarfForm.SectionReference => FormKind.SectionReference,
        DwarfForm.SupplementaryReference4 or DwarfForm.SupplementaryReference8 or DwarfForm.GnuAlternativeReference =>
            FormKind.SupplementaryReference,
        DwarfForm.SectionOffset => FormKind.SectionOffset,
        _ => FormKind.None,
    };

    private static ulong ReadNumber(ref ByteReader reader, int size)
    {
        switch (size)
        {
            case 1:
                return reader.ReadByte();
            case 2:
                return reader.ReadUInt16();
            case 3:
                return (ulong)(reader.ReadUInt16() | (reader.ReadByte() << 16));
            case 4:
                return reader.ReadUInt32();
            default:
                return reader.ReadUInt64();
        }
    }

    private static void SkipBlock(ref ByteReader reader, ulong length)
    {
        if (length > (ulong)reader.Remaining)
        {
            reader.Fail($"a block of {length} bytes announced, {reader.Remaining} left");
        }

        reader.Skip((int)length);
    }

    /// <summary>The form that the value itself names; one that names itself would never end.</summary>
    private static DwarfForm ReadIndirect(ref ByteReader reader)
    {
        ulong form = reader.ReadULeb128();
        if (form is (ulong)DwarfForm.Indirect or (ulong)DwarfForm.ImplicitConstant or > ushort.MaxValue)
        {
            reader.Fail($"an indirect value of form 0x{form:x}");
        }

        return (DwarfForm)form;
    }
}
