using System.Buffers.Binary;
using System.Numerics;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>A range of the file (<c>struct perf_file_section</c>).</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct FileSection(ulong Offset, ulong Size)
{
    /// <summary>Bytes of the struct in the file.</summary>
    public const int ByteCount = 16;

    public static FileSection Read(ref ByteReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());

    public void Write(ByteWriter writer)
    {
        writer.WriteUInt64(Offset);
        writer.WriteUInt64(Size);
    }
}

/// <summary>
/// The start of a perf.data file (perf.data-file-format.txt): 104 bytes in the file form, of which the pipe form has
/// only the first 16 (magic and size).
/// </summary>
/// <param name="Size">Bytes of the header: <see cref="FileFormByteCount"/> or <see cref="PipeFormByteCount"/>.</param>
/// <param name="AttrSize">Bytes of one entry of <paramref name="Attrs"/>: an attr and the section of its ids.</param>
/// <param name="Attrs">The events.</param>
/// <param name="Data">The records; size 0 until the recorder has finished.</param>
/// <param name="Features">The header features, in ascending order.</param>
internal sealed record FileHeader(
    ulong Size, ulong AttrSize, FileSection Attrs, FileSection Data, IReadOnlyList<HeaderFeature> Features)
{
    /// <summary>Bits of the bitmap of header features.</summary>
    public const int FeatureBits = 256;

    public const int FileFormByteCount = 104;
    public const int PipeFormByteCount = 16;

    /// <summary>"PERFILE2", read as a little-endian number.</summary>
    public const ulong Magic = 0x32454c4946524550;

    /// <summary>"PERFFILE", the first version, which perf stopped writing in 2009.</summary>
    private const ulong MagicOfVersion1 = 0x454c494646524550;

    private const int BitsPerWord = 64;

    public bool IsPipe => Size == PipeFormByteCount;

    /// <summary>Reads the header, of either form.</summary>
    /// <exception cref="ParseException">The bytes are no perf.data header, or one that is not read.</exception>
    public static FileHeader Read(ByteSource source)
    {
        Span<byte> bytes = stackalloc byte[FileFormByteCount];
        int got = source.ReadAt(0, bytes[..PipeFormByteCount]);
        var start = new ByteReader(bytes[..got], source.Name);
        ulong magic = got < sizeof(ulong) ? 0 : start.ReadUInt64();
        if (magic == BinaryPrimitives.ReverseEndianness(Magic))
        {
            ParseException.Throw("big-endian recording; only little-endian ones are read", source.Name, 0);
        }

        if (magic == MagicOfVersion1)
        {
            ParseException.Throw("perf.data of version 1 (before Linux 2.6.32), which is not read", source.Name, 0);
        }

        if (magic != Magic)
        {
            ParseException.Throw(got == 0 ? "empty file" : "not a perf.data file", source.Name, 0);
        }

        ulong size = start.ReadUInt64();
        if (size == PipeFormByteCount)
        {
            return new FileHeader(size, 0, default, default, []);
        }

        if (size < FileFormByteCount)
        {
            ParseException.Throw($"header of {size} bytes, {FileFormByteCount} wanted", source.Name, sizeof(ulong));
        }

        got += source.ReadAt((ulong)got, bytes[got..]);
        var reader = new ByteReader(bytes[..got], source.Name);
        reader.Skip(PipeFormByteCount);
        ulong attrSize = reader.ReadUInt64();
        var attrs = FileSection.Read(ref reader);
        var data = FileSection.Read(ref reader);
        FileSection.Read(ref reader); // event types: of version 1
        return new FileHeader(size, attrSize, attrs, data, ReadBitmap(ref reader));
    }

    /// <summary>Writes the header of the file form.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteUInt64(Magic);
        writer.WriteUInt64(Size);
        writer.WriteUInt64(AttrSize);
        Attrs.Write(writer);
        Data.Write(writer);
        default(FileSection).Write(writer);
        for (int first = 0; first < FeatureBits; first += BitsPerWord)
        {
            ulong word = 0;
            foreach (int bit in Features)
            {
                word |= bit / BitsPerWord == first / BitsPerWord ? 1UL << (bit % BitsPerWord) : 0;
            }

            writer.WriteUInt64(word);
        }
    }

    private static List<HeaderFeature> ReadBitmap(ref ByteReader reader)
    {
        var features = new List<HeaderFeature>();
        for (int first = 0; first < FeatureBits; first += BitsPerWord)
        {
            for (ulong word = reader.ReadUInt64(); word != 0; word &= word - 1)
            {
                features.Add((HeaderFeature)(first + BitOperations.TrailingZeroCount(word)));
            }
        }

        return features;
    }
}
