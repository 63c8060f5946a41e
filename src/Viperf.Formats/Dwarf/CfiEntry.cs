using Viperf.Formats.Bytes;

namespace Viperf.Formats.Dwarf;

/// <summary>
/// The start that both sorts of entries share: their length, and what tells them apart (DWARF 5 §6.4.1; Linux Standard
/// Base 5.0, Core, §10.6.1). Offsets are in the section.
/// </summary>
/// <param name="Content">Of the first byte behind the start.</param>
/// <param name="End">Of the first byte behind the entry.</param>
/// <param name="CommonInformation">Of the entry that this one refers to; -1 for one that is common information itself.</param>
/// <param name="IsTerminator">True for a length of 0, which ends the entries of one linked file but not always the section.</param>
internal readonly record struct CfiEntry(int Content, int End, int CommonInformation, bool IsTerminator)
{
    private const uint LongFormat = 0xffffffff;

    /// <summary>Reads the start of the entry at an offset.</summary>
    /// <exception cref="ParseException">It is not inside the section.</exception>
    public static CfiEntry Read(CfiSection section, ulong offset)
    {
        var bytes = section.Bytes.Span;
        if (offset >= (ulong)bytes.Length)
        {
            ParseException.Throw($"call frame information begins behind the section's {bytes.Length} bytes", section.Source, offset);
        }

        int start = (int)offset;
        var reader = new ByteReader(bytes[start..], section.Source, offset);
        ulong length = reader.ReadUInt32();
        if (length == 0)
        {
            return new CfiEntry(start + reader.Position, start + reader.Position, -1, IsTerminator: true);
        }

        bool isLong = length == LongFormat;
        if (isLong)
        {
            length = reader.ReadUInt64();
        }

        if (length > (ulong)reader.Remaining || length > Limits.CfiEntryBytes)
        {
            reader.Fail($"an entry of {length} bytes announced, {reader.Remaining} left, {Limits.CfiEntryBytes} the limit");
        }

        int field = start + reader.Position;
        int end = field + (int)length;
        bool isEhFrame = section.Kind == CfiSectionKind.EhFrame;

        // In .eh_frame the field has 4 bytes behind a length of either format, and counts back from itself.
        ulong id = reader.ReadWord(isLong && !isEhFrame);
        bool isCommon = isEhFrame ? id == 0 : id == (isLong ? ulong.MaxValue : LongFormat);
        ulong common = isEhFrame ? (ulong)field - id : id;
        if (!isCommon && common >= (ulong)bytes.Length)
        {
            reader.Fail($"common information at 0x{common:x}, which is not in the section");
        }

        if (start + reader.Position > end)
        {
            reader.Fail($"an entry of {length} bytes is too short");
        }

        return new CfiEntry(start + reader.Position, end, isCommon ? -1 : (int)common, IsTerminator: false);
    }
}
