using System.Buffers.Binary;
using System.IO.Compression;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>Decompresses one zstd frame; false if it is damaged or does not fill <paramref name="output"/> exactly.</summary>
/// <param name="input">The compressed bytes.</param>
/// <param name="output">As long as the file says that its bytes are.</param>
public delegate bool ZstdFrameDecompressor(ReadOnlySpan<byte> input, Span<byte> output);

/// <summary>
/// Sections with SHF_COMPRESSED: an <c>Elf64_Chdr</c> or <c>Elf32_Chdr</c>, then compressed bytes; and the older form of debug
/// sections called <c>.zdebug_NAME</c>: "ZLIB", the size in eight bytes of big-endian order, then compressed bytes.
/// </summary>
internal static class CompressedSection
{
    private const uint Zlib = 1;
    private const uint Zstd = 2;
    private const int OldHeaderBytes = 12;

    /// <summary>The most bytes that one byte of deflate data stands for; what announces more is not true.</summary>
    private const ulong DeflateMaximumRatio = 1032;

    /// <summary>
    /// The same of zstd: a block of 128 KiB of one repeated byte takes four bytes. Compressors reach a third of that at most.
    /// </summary>
    private const ulong ZstdMaximumRatio = 1 << 15;

    /// <summary>The bytes of a section with SHF_COMPRESSED.</summary>
    public static ReadOnlyMemory<byte> Decompress(
        ReadOnlyMemory<byte> section, bool is64Bit, ZstdFrameDecompressor? zstd, string source, ulong offset)
    {
        var reader = new ByteReader(section.Span, source, offset);
        uint type = reader.ReadUInt32();
        if (is64Bit)
        {
            reader.Skip(4); // ch_reserved
        }

        ulong size = reader.ReadWord(is64Bit);
        reader.ReadWord(is64Bit); // ch_addralign
        var compressed = section[reader.Position..];
        switch (type)
        {
            case Zlib:
                return Inflate(compressed, size, ref reader);
            case Zstd when zstd is not null:
                var bytes = Allocate(size, ZstdMaximumRatio, ref reader);
                if (!zstd(compressed.Span, bytes))
                {
                    reader.Fail("compressed section is damaged");
                }

                return bytes;
            default:
                reader.Fail(type == Zstd ? "a section compressed with zstd, and no decompressor for it" : $"unknown compression {type}");
                return default;
        }
    }

    /// <summary>The bytes of a <c>.zdebug_NAME</c> section.</summary>
    public static ReadOnlyMemory<byte> DecompressOld(ReadOnlyMemory<byte> section, string source, ulong offset)
    {
        var reader = new ByteReader(section.Span, source, offset);
        var header = reader.ReadBytes(OldHeaderBytes);
        if (!header.StartsWith("ZLIB"u8))
        {
            reader.Fail("a .zdebug section that does not begin with ZLIB");
        }

        return Inflate(section[OldHeaderBytes..], BinaryPrimitives.ReadUInt64BigEndian(header[4..]), ref reader);
    }

    private static byte[] Inflate(ReadOnlyMemory<byte> compressed, ulong size, ref ByteReader reader)
    {
        var bytes = Allocate(size, DeflateMaximumRatio, ref reader);
        try
        {
            using var stream = new MemoryStream(compressed.ToArray(), writable: false);
            using var inflater = new ZLibStream(stream, CompressionMode.Decompress);
            inflater.ReadExactly(bytes);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            reader.Fail("compressed section is damaged");
        }

        return bytes;
    }

    private static byte[] Allocate(ulong size, ulong maximumRatio, ref ByteReader reader)
    {
        if (size > Limits.SectionBytes || size > (ulong)reader.Remaining * maximumRatio)
        {
            reader.Fail($"a section of {size} bytes announced, compressed to {reader.Remaining}");
        }

        return GC.AllocateUninitializedArray<byte>((int)size);
    }
}
