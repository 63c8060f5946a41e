using Viperf.Formats.Bytes;

namespace Viperf.Core.Symbols;

/// <summary>
/// What an .xz file (<c>xz-file-format.txt</c>) says of itself before anything is decompressed: how long its content is, and how
/// much memory it takes. One stream, as xz makes; any number of blocks.
/// </summary>
internal static class XzLayout
{
    private const int HeaderBytes = 12;
    private const int FooterBytes = 12;
    private const int IndexCrcBytes = 4;
    private const ulong Lzma2 = 0x21;

    /// <summary>Bytes of the content.</summary>
    /// <param name="file">The compressed file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="ParseException">No .xz file, or one that takes more than the limits.</exception>
    public static int ContentBytes(ReadOnlySpan<byte> file, string name)
    {
        var footer = new ByteReader(file.Length < FooterBytes ? default : file[^FooterBytes..], name);
        if (file.Length < HeaderBytes + FooterBytes || file[0] != 0xfd || !file[1..].StartsWith("7zXZ\0"u8) || !file.EndsWith("YZ"u8))
        {
            footer.Fail("not in the format of xz");
        }

        footer.Skip(4); // CRC32, which the decompressor checks
        ulong indexBytes = (footer.ReadUInt32() + 1UL) * 4;
        if (indexBytes > (ulong)(file.Length - HeaderBytes - FooterBytes))
        {
            footer.Fail("an index that is longer than the file");
        }

        int indexStart = file.Length - FooterBytes - (int)indexBytes;
        var index = new ByteReader(file.Slice(indexStart, (int)indexBytes - IndexCrcBytes), name, (ulong)indexStart);
        index.Skip(1); // what tells the index from a block
        ulong total = 0;
        ulong block = HeaderBytes;
        for (ulong left = ReadInteger(ref index); left != 0; left--)
        {
            ulong bytes = ReadInteger(ref index); // each record takes two bytes at least, so that this ends
            total += Math.Min(ReadInteger(ref index), Limits.MiniDebugInfoBytes + 1UL);
            if (bytes > (ulong)indexStart - block || total > Limits.MiniDebugInfoBytes)
            {
                index.Fail($"blocks beyond the end, or more than {Limits.MiniDebugInfoBytes} bytes of content");
            }

            CheckBlock(file[(int)block..indexStart], name, block);
            block += (bytes + 3) & ~3UL;
            if (block > (ulong)indexStart)
            {
                index.Fail("blocks beyond the end");
            }
        }

        return (int)total;
    }

    /// <summary>The filters of a block say how much memory they take.</summary>
    private static void CheckBlock(ReadOnlySpan<byte> file, string name, ulong offset)
    {
        var reader = new ByteReader(file, name, offset);
        int headerBytes = (reader.ReadByte() + 1) * 4;
        byte flags = reader.ReadByte();
        if ((flags & 0x40) != 0)
        {
            ReadInteger(ref reader); // compressed size
        }

        if ((flags & 0x80) != 0)
        {
            ReadInteger(ref reader); // uncompressed size
        }

        for (int filters = (flags & 3) + 1; filters != 0; filters--)
        {
            ulong id = ReadInteger(ref reader);
            ulong bytes = ReadInteger(ref reader);
            if (bytes > (ulong)headerBytes)
            {
                reader.Fail("a filter that is longer than its header");
            }

            var properties = reader.ReadBytes((int)bytes);
            if (id == Lzma2 && (properties.Length != 1 || DictionaryBytes(properties[0]) > Limits.XzDictionaryBytes))
            {
                reader.Fail($"a dictionary of more than {Limits.XzDictionaryBytes} bytes");
            }
        }
    }

    private static ulong DictionaryBytes(byte property) => property >= 40 ? uint.MaxValue : (2UL | (property & 1UL)) << (property / 2 + 11);

    /// <summary>Seven bits a byte, the lowest first; nine bytes at most.</summary>
    private static ulong ReadInteger(ref ByteReader reader)
    {
        ulong value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte next = reader.ReadByte();
            value |= (ulong)(next & 0x7f) << shift;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }

        reader.Fail("a number of more than nine bytes");
        return 0;
    }
}
