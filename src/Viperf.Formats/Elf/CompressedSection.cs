using System.IO.Compression;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>Sections with SHF_COMPRESSED: an <c>Elf64_Chdr</c> or <c>Elf32_Chdr</c>, then compressed bytes.</summary>
internal static class CompressedSection
{
    private const uint Zlib = 1;
    private const uint Zstd = 2;

    /// <summary>The most bytes that one byte of deflate data stands for; what announces more is not true.</summary>
    private const ulong DeflateMaximumRatio = 1032;

    public static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> section, bool is64Bit, string source, ulong offset)
    {
        var reader = new ByteReader(section.Span, source, offset);
        uint type = reader.ReadUInt32();
        if (is64Bit)
        {
            reader.Skip(4); // ch_reserved
        }

        ulong size = reader.ReadWord(is64Bit);
        reader.ReadWord(is64Bit); // ch_addralign
        if (type != Zlib)
        {
            reader.Fail(type == Zstd ? "a section compressed with zstd, which viperf does not read" : $"unknown compression {type}");
        }

        if (size > Limits.SectionBytes || size > (ulong)reader.Remaining * DeflateMaximumRatio)
        {
            reader.Fail($"a section of {size} bytes announced, compressed to {reader.Remaining}");
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)size);
        try
        {
            using var compressed = new MemoryStream(section[reader.Position..].ToArray(), writable: false);
            using var inflater = new ZLibStream(compressed, CompressionMode.Decompress);
            inflater.ReadExactly(bytes);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            reader.Fail("compressed section is damaged");
        }

        return bytes;
    }
}
