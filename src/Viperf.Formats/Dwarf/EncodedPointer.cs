using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>What an encoded pointer may be relative to: virtual addresses.</summary>
/// <param name="Section">Of the section's first byte; DW_EH_PE_pcrel adds the pointer's own offset.</param>
/// <param name="Text">For DW_EH_PE_textrel.</param>
/// <param name="Data">For DW_EH_PE_datarel.</param>
/// <param name="Is64Bit">Whether addresses have 8 bytes; shorter ones wrap at 4 GiB.</param>
internal readonly record struct PointerBases(ulong Section, ulong Text, ulong Data, bool Is64Bit);

/// <summary>Pointers as <c>.eh_frame</c> has them (Linux Standard Base 5.0, Core, §10.5.1, DWARF Exception Header Encoding).</summary>
internal static class EncodedPointer
{
    /// <summary>The pointer's bytes: an address of the file's size.</summary>
    public const byte AbsolutePointer = 0x00; // DW_EH_PE_absptr

    /// <summary>There is no pointer.</summary>
    public const byte Omitted = 0xff; // DW_EH_PE_omit

    private const byte FormatMask = 0x0f;
    private const byte ApplicationMask = 0x70;
    private const byte Indirect = 0x80;

    private const byte ULeb128 = 0x01;
    private const byte UData2 = 0x02;
    private const byte UData4 = 0x03;
    private const byte UData8 = 0x04;
    private const byte Signed = 0x08;
    private const byte SLeb128 = 0x09;
    private const byte SData2 = 0x0a;
    private const byte SData4 = 0x0b;
    private const byte SData8 = 0x0c;

    private const byte RelativeToPointer = 0x10; // DW_EH_PE_pcrel
    private const byte RelativeToText = 0x20;
    private const byte RelativeToData = 0x30;
    private const byte Aligned = 0x50;

    /// <summary>
    /// True if the pointer is not the value but the address of the memory that holds it. Files alone cannot tell such
    /// values, since a relocation fills them in.
    /// </summary>
    public static bool IsIndirect(byte encoding) => encoding != Omitted && (encoding & Indirect) != 0;

    /// <summary>Bytes of one pointer; 0 where they differ from pointer to pointer.</summary>
    public static int SizeOf(byte encoding, bool is64Bit) => (encoding & FormatMask) switch
    {
        AbsolutePointer or Signed => is64Bit ? 8 : 4,
        UData2 or SData2 => 2,
        UData4 or SData4 => 4,
        UData8 or SData8 => 8,
        _ => 0,
    };

    /// <summary>Reads a pointer; an indirect one as the address of the memory that holds it.</summary>
    /// <param name="reader">Over the section; its offsets are those in the section.</param>
    /// <param name="encoding">Any but <see cref="Omitted"/>.</param>
    /// <param name="bases">What it may be relative to.</param>
    /// <exception cref="ParseException">The encoding is none that is known here, or the bytes end.</exception>
    public static ulong Read(ref ByteReader reader, byte encoding, in PointerBases bases)
    {
        ulong origin = 0;
        switch (encoding & ApplicationMask)
        {
            case AbsolutePointer:
                break;
            case RelativeToPointer:
                origin = bases.Section + reader.Offset;
                break;
            case RelativeToText:
                origin = bases.Text;
                break;
            case RelativeToData:
                origin = bases.Data;
                break;
            case Aligned:
                ulong place = bases.Section + reader.Offset;
                reader.Skip((int)(0 - place & (bases.Is64Bit ? 7u : 3u)));
                break;
            default:
                reader.Fail($"a pointer of encoding 0x{encoding:x}, which viperf does not read");
                break;
        }

        ulong value = origin + ReadValue(ref reader, encoding, bases.Is64Bit);
        return bases.Is64Bit ? value : (uint)value;
    }

    /// <summary>Reads a number in a pointer's format, relative to nothing: a count of bytes, say.</summary>
    /// <exception cref="ParseException">The format is none that is known here, or the bytes end.</exception>
    public static ulong ReadValue(ref ByteReader reader, byte encoding, bool is64Bit)
    {
        switch (encoding & FormatMask)
        {
            case AbsolutePointer or Signed:
                return reader.ReadWord(is64Bit);
            case SData4:
                return (ulong)reader.ReadInt32();
            case UData4:
                return reader.ReadUInt32();
            case UData8 or SData8:
                return reader.ReadUInt64();
            case UData2:
                return reader.ReadUInt16();
            case SData2:
                return (ulong)(short)reader.ReadUInt16();
            case ULeb128:
                return reader.ReadULeb128();
            case SLeb128:
                return (ulong)reader.ReadSLeb128();
            default:
                reader.Fail($"a pointer of encoding 0x{encoding:x}, which viperf does not read");
                return 0;
        }
    }
}
