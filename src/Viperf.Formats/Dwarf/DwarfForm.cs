namespace Viperf.Formats.Dwarf;

/// <summary>How a value is written: <c>DW_FORM_…</c> (DWARF 5 §7.5.6; the last four are GNU's, from before DWARF 5).</summary>
internal enum DwarfForm : ushort
{
    Address = 0x01,
    Block2 = 0x03,
    Block4 = 0x04,
    Data2 = 0x05,
    Data4 = 0x06,
    Data8 = 0x07,
    String = 0x08,
    Block = 0x09,
    Block1 = 0x0a,
    Data1 = 0x0b,
    Flag = 0x0c,
    SignedData = 0x0d,
    StringOffset = 0x0e, // DW_FORM_strp
    UnsignedData = 0x0f,
    SectionReference = 0x10, // DW_FORM_ref_addr
    Reference1 = 0x11,
    Reference2 = 0x12,
    Reference4 = 0x13,
    Reference8 = 0x14,
    ReferenceUnsigned = 0x15,
    Indirect = 0x16,
    SectionOffset = 0x17,
    Expression = 0x18, // DW_FORM_exprloc
    FlagPresent = 0x19,
    StringIndex = 0x1a, // DW_FORM_strx
    AddressIndex = 0x1b,
    SupplementaryReference4 = 0x1c,
    SupplementaryString = 0x1d, // DW_FORM_strp_sup
    Data16 = 0x1e,
    LineString = 0x1f, // DW_FORM_line_strp
    Signature = 0x20, // DW_FORM_ref_sig8
    ImplicitConstant = 0x21,
    LocationListIndex = 0x22,
    RangeListIndex = 0x23,
    SupplementaryReference8 = 0x24,
    StringIndex1 = 0x25,
    StringIndex2 = 0x26,
    StringIndex3 = 0x27,
    StringIndex4 = 0x28,
    AddressIndex1 = 0x29,
    AddressIndex2 = 0x2a,
    AddressIndex3 = 0x2b,
    AddressIndex4 = 0x2c,
    GnuAddressIndex = 0x1f01,
    GnuStringIndex = 0x1f02,
    GnuAlternativeReference = 0x1f20,
    GnuAlternativeString = 0x1f21,
}
