using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Attrs of any kernel's size to and from bytes: older ones lack fields, which read as zero; newer ones have fields
/// that are not known here and are left out.
/// </summary>
internal static class AttrCodec
{
    private const int SizeOffset = 4;

    /// <summary>Bytes that no attr of the next years will reach; more is no attr.</summary>
    private const int LargestSize = 4096;

    /// <summary>Reads an attr whose size is its own <c>size</c> field and steps over it.</summary>
    /// <param name="reader">At the attr.</param>
    /// <param name="bytes">The attr as it stands there.</param>
    /// <exception cref="ParseException">The size is none that an attr can have.</exception>
    public static PerfEventAttr ReadSelfSized(ref ByteReader reader, out ReadOnlySpan<byte> bytes)
    {
        var peek = reader;
        peek.Skip(SizeOffset);
        uint size = peek.ReadUInt32();
        return Read(ref reader, size == 0 ? PerfEventAttr.MinimumSize : size, out bytes);
    }

    /// <summary>Reads an attr of <paramref name="size"/> bytes and steps over it.</summary>
    /// <param name="reader">At the attr.</param>
    /// <param name="size">Its bytes in the file, whatever it says itself.</param>
    /// <param name="bytes">The attr as it stands there.</param>
    /// <exception cref="ParseException">The size is none that an attr can have.</exception>
    public static PerfEventAttr Read(ref ByteReader reader, ulong size, out ReadOnlySpan<byte> bytes)
    {
        if (size is < PerfEventAttr.MinimumSize or > LargestSize)
        {
            reader.Fail($"event attribute of {size} bytes");
        }

        bytes = reader.ReadBytes((int)size);
        var attr = default(PerfEventAttr);
        bytes[..Math.Min(bytes.Length, PerfEventAttr.CurrentSize)]
            .CopyTo(MemoryMarshal.AsBytes(new Span<PerfEventAttr>(ref attr)));
        return attr;
    }

    /// <summary>The bytes that each of a recording's attrs has: the file has room for one number of them.</summary>
    /// <exception cref="ArgumentException">There is no event, the sizes differ, or one is none that an attr has.</exception>
    public static int CommonSize(IReadOnlyList<EventDescription> events)
    {
        int size = events.Count == 0 ? 0 : SizeOf(events[0]);
        if (size is < PerfEventAttr.MinimumSize or > LargestSize || events.Any(e => SizeOf(e) != size))
        {
            throw new ArgumentException("The events' attrs need one size that an attr can have.", nameof(events));
        }

        return size;
    }

    /// <summary>An attr's bytes as they were read, with the fields that are known here as they are now.</summary>
    public static byte[] BytesWith(in PerfEventAttr attr, ReadOnlyMemory<byte> read)
    {
        byte[] bytes = read.ToArray();
        var known = MemoryMarshal.AsBytes(new ReadOnlySpan<PerfEventAttr>(in attr));
        known[..Math.Min(bytes.Length, PerfEventAttr.CurrentSize)].CopyTo(bytes);
        return bytes;
    }

    /// <summary>Writes an attr as it was read, or, of one that was not read, the first <c>size</c> bytes.</summary>
    public static void Write(ByteWriter writer, EventDescription described)
    {
        if (described.AttrBytes.IsEmpty)
        {
            var attr = described.Attr;
            writer.WriteBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<PerfEventAttr>(in attr))[..SizeOf(described)]);
        }
        else
        {
            writer.WriteBytes(described.AttrBytes.Span);
        }
    }

    /// <summary>Writes as much of an attr as its <c>size</c> says, for readers that know no other size.</summary>
    public static void WriteSelfSized(ByteWriter writer, EventDescription described)
    {
        int start = writer.Length;
        Write(writer, described);
        int size = (int)Math.Clamp(described.Attr.size, PerfEventAttr.MinimumSize, LargestSize);
        writer.WriteZeros(Math.Max(0, start + size - writer.Length));
        writer.Shorten(start + size);
    }

    private static int SizeOf(EventDescription described) => described.AttrBytes.IsEmpty
        ? (int)Math.Min(described.Attr.size, PerfEventAttr.CurrentSize)
        : described.AttrBytes.Length;
}
