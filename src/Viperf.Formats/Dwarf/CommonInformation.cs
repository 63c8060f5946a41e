using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// A common information entry (CIE): what the descriptions of many functions share (DWARF 5 §6.4.1, versions 1, 3 and 4;
/// augmentations of the Linux Standard Base 5.0, Core, §10.6.1.1.1). Offsets are in the section.
/// </summary>
internal readonly record struct CommonInformation
{
    /// <summary>
    /// Bytes of an augmentation, of which there are six letters at most. Every function's description has it read
    /// again, so that a long one would cost its length each time.
    /// </summary>
    private const int AugmentationBytes = 16;

    /// <summary>Bytes that an advance of the location is counted in.</summary>
    public ulong CodeAlignment { get; private init; }

    /// <summary>Bytes that offsets of saved registers are counted in; negative as a rule.</summary>
    public long DataAlignment { get; private init; }

    /// <summary>The register, often one of no processor, whose rule says where the return address is.</summary>
    public ushort ReturnAddressRegister { get; private init; }

    /// <summary>How the descriptions write addresses; see <see cref="EncodedPointer"/>.</summary>
    public byte PointerEncoding { get; private init; }

    /// <summary>Whether addresses have 8 bytes.</summary>
    public bool Is64Bit { get; private init; }

    /// <summary>Bytes of a segment's number in front of addresses; 0 in all but odd files.</summary>
    public byte SegmentSelectorSize { get; private init; }

    /// <summary>Whether descriptions hold augmentation data with a length.</summary>
    public bool HasAugmentationLength { get; private init; }

    /// <summary>Whether the functions are called by the kernel to deliver a signal, so that their return address is the
    /// next instruction itself.</summary>
    public bool IsSignalFrame { get; private init; }

    /// <summary>Whether aarch64 return addresses are signed with key B and not with A.</summary>
    public bool SignsWithKeyB { get; private init; }

    /// <summary>Offset of the first of the initial instructions.</summary>
    public int Instructions { get; private init; }

    /// <summary>Offset of the first byte behind them.</summary>
    public int End { get; private init; }

    /// <summary>Reads the entry at an offset.</summary>
    /// <exception cref="ParseException">It is no common information, of another version, or not consistent.</exception>
    public static CommonInformation Read(CfiSection section, int offset)
    {
        var entry = CfiEntry.Read(section, (ulong)offset);
        var reader = new ByteReader(section.Bytes.Span[entry.Content..entry.End], section.Source, (ulong)entry.Content);
        if (entry.CommonInformation >= 0 || entry.IsTerminator)
        {
            reader.Fail("no common information where a description refers to it");
        }

        byte version = reader.ReadByte();
        if (version is not (1 or 3 or 4))
        {
            reader.Fail($"common information of version {version}, which viperf does not read");
        }

        var augmentation = reader.ReadCString(AugmentationBytes);
        bool is64Bit = section.Is64Bit;
        byte segmentSelectorSize = 0;
        if (version >= 4)
        {
            byte addressSize = reader.ReadByte();
            if (addressSize is not (4 or 8))
            {
                reader.Fail($"addresses of {addressSize} bytes, which viperf does not read");
            }

            is64Bit = addressSize == 8;
            segmentSelectorSize = reader.ReadByte();
        }

        if (augmentation.StartsWith("eh"u8))
        {
            reader.ReadWord(is64Bit); // EH data of GCC 2
            augmentation = augmentation[2..];
        }

        ulong codeAlignment = reader.ReadULeb128();
        long dataAlignment = reader.ReadSLeb128();
        ulong returnAddress = version == 1 ? reader.ReadByte() : reader.ReadULeb128();
        if (returnAddress > ushort.MaxValue)
        {
            reader.Fail($"the return address in register {returnAddress}");
        }

        var common = new CommonInformation
        {
            CodeAlignment = codeAlignment,
            DataAlignment = dataAlignment,
            ReturnAddressRegister = (ushort)returnAddress,
            PointerEncoding = EncodedPointer.AbsolutePointer,
            Is64Bit = is64Bit,
            SegmentSelectorSize = segmentSelectorSize,
            End = entry.End,
        };
        if (!augmentation.IsEmpty)
        {
            common = ReadAugmentation(ref reader, augmentation, section, common);
        }

        return common with { Instructions = entry.Content + reader.Position };
    }

    private static CommonInformation ReadAugmentation(
        ref ByteReader reader, ReadOnlySpan<byte> augmentation, CfiSection section, CommonInformation common)
    {
        int end = -1;
        foreach (byte letter in augmentation)
        {
            switch (letter)
            {
                case (byte)'z':
                    ulong length = reader.ReadULeb128();
                    if (length > (ulong)reader.Remaining)
                    {
                        reader.Fail($"augmentation data of {length} bytes announced, {reader.Remaining} left");
                    }

                    end = reader.Position + (int)length;
                    common = common with { HasAugmentationLength = true };
                    break;
                case (byte)'R':
                    common = common with { PointerEncoding = reader.ReadByte() };
                    break;
                case (byte)'P':
                    byte encoding = reader.ReadByte();
                    if (encoding != EncodedPointer.Omitted)
                    {
                        EncodedPointer.Read(ref reader, encoding, BasesOf(section, common.Is64Bit));
                    }

                    break;
                case (byte)'L':
                    reader.ReadByte(); // the encoding of what descriptions' augmentation data hold
                    break;
                case (byte)'S':
                    common = common with { IsSignalFrame = true };
                    break;
                case (byte)'B':
                    common = common with { SignsWithKeyB = true };
                    break;
                case (byte)'G':
                    break; // aarch64: the frame's memory is tagged, which unwinding need not know
                default:
                    reader.Fail($"augmentation '{ByteReader.Text(augmentation)}', which viperf does not read");
                    break;
            }
        }

        if (end >= 0)
        {
            if (reader.Position > end)
            {
                reader.Fail("augmentation data longer than announced");
            }

            reader.Skip(end - reader.Position);
        }

        return common;
    }

    /// <summary>What pointers in a section are relative to.</summary>
    public static PointerBases BasesOf(CfiSection section, bool is64Bit) =>
        new(section.Address, section.TextAddress, section.DataAddress, is64Bit);
}
