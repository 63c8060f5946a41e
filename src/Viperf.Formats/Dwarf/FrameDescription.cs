using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>A frame description entry (FDE): the instructions for one function's addresses (DWARF 5 §6.4.1).</summary>
/// <param name="Start">Virtual address of the function's first instruction.</param>
/// <param name="End">Of the first byte behind the function.</param>
/// <param name="Instructions">Offset in the section of the first call frame instruction.</param>
/// <param name="InstructionsEnd">Offset of the first byte behind them.</param>
/// <param name="Common">The entry it refers to.</param>
internal readonly record struct FrameDescription(
    ulong Start, ulong End, int Instructions, int InstructionsEnd, CommonInformation Common)
{
    /// <summary>Reads the description at an offset.</summary>
    /// <exception cref="ParseException">It is none, or not consistent.</exception>
    public static FrameDescription Read(CfiSection section, ulong offset)
    {
        var entry = CfiEntry.Read(section, offset);
        if (entry.CommonInformation < 0)
        {
            ParseException.Throw("no description of a function where one was announced", section.Source, offset);
        }

        return Read(section, entry, CommonInformation.Read(section, entry.CommonInformation));
    }

    /// <summary>Reads a description whose start and common information are read already.</summary>
    /// <exception cref="ParseException">It is not consistent.</exception>
    public static FrameDescription Read(CfiSection section, in CfiEntry entry, in CommonInformation common)
    {
        var reader = new ByteReader(section.Bytes.Span[entry.Content..entry.End], section.Source, (ulong)entry.Content);
        reader.Skip(common.SegmentSelectorSize);
        byte encoding = common.PointerEncoding;
        if (encoding == EncodedPointer.Omitted || EncodedPointer.IsIndirect(encoding))
        {
            reader.Fail($"a function's address of encoding 0x{encoding:x}, which a file alone cannot tell");
        }

        ulong start = EncodedPointer.Read(ref reader, encoding, CommonInformation.BasesOf(section, common.Is64Bit));
        ulong length = EncodedPointer.ReadValue(ref reader, encoding, common.Is64Bit);
        if (length > ulong.MaxValue - start)
        {
            reader.Fail($"a function of {length} bytes at 0x{start:x}");
        }

        if (common.HasAugmentationLength)
        {
            ulong augmentation = reader.ReadULeb128();
            if (augmentation > (ulong)reader.Remaining)
            {
                reader.Fail($"augmentation data of {augmentation} bytes announced, {reader.Remaining} left");
            }

            reader.Skip((int)augmentation);
        }

        return new FrameDescription(start, start + length, entry.Content + reader.Position, entry.End, common);
    }
}
