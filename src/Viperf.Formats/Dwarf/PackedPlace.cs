namespace Viperf.Formats.Dwarf;

/// <summary>Where an expression lies in its section, in the eight bytes that a rule's value has.</summary>
internal static class PackedPlace
{
    public static long Pack(int offset, int length) => ((long)offset << 32) | (uint)length;

    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> section, long place, out int offset)
    {
        offset = (int)(place >> 32);
        return section.Slice(offset, (int)place);
    }
}
