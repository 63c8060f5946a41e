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
    /// <exception cref="ParseException">The size is none that an attr can have.</exception>
    public static PerfEventAttr ReadSelfSized(ref ByteReader reader)
    {
        var peek = reader;
        peek.Skip(SizeOffset);
        uint size = peek.ReadUInt32();
        return Read(ref reader, size == 0 ? PerfEventAttr.MinimumSize : size);
    }

    /// <summary>Reads an attr of <paramref name="size"/> bytes and steps over it.</summary>
    /// <exception cref="ParseException">The size is none that an attr can have.</exception>
    public static PerfEventAttr Read(ref ByteReader reader, ulong size)
    {
        if (size is < PerfEventAttr.MinimumSize or > LargestSize)
        {
            reader.Fail($"event attribute of {size} bytes");
        }

        var bytes = reader.ReadBytes((int)size);
        var attr = default(PerfEventAttr);
        bytes[..Math.Min(bytes.Length, PerfEventAttr.CurrentSize)]
            .CopyTo(MemoryMarshal.AsBytes(new Span<PerfEventAttr>(ref attr)));
        return attr;
    }

    /// <summary>The <c>size</c> that all of a recording's attrs have: the file has room for one.</summary>
    /// <exception cref="ArgumentException">There is no event, the sizes differ, or one is none that an attr has.</exception>
    public static int CommonSize(IReadOnlyList<EventDescription> events)
    {
        uint size = events.Count == 0 ? 0 : events[0].Attr.size;
        if (size is < PerfEventAttr.MinimumSize or > PerfEventAttr.CurrentSize || events.Any(e => e.Attr.size != size))
        {
            throw new ArgumentException("The events' attrs need one size that an attr can have.", nameof(events));
        }

        return (int)size;
    }

    /// <summary>Writes the first <c>size</c> bytes of an attr.</summary>
    public static void Write(ByteWriter writer, in PerfEventAttr attr) =>
        writer.WriteBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<PerfEventAttr>(in attr))[..(int)attr.size]);
}
