using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Jit;

/// <summary>Reads the entries of a DEBUG_INFO record.</summary>
/// <remarks>
/// V8 (seen in Node 20) writes file names from memory that it has freed already: their length is right, their bytes are
/// anything, zeros included. So a name ends at the first zero byte behind which the next entry's address lies in the code;
/// one with a zero byte inside is no name.
/// </remarks>
internal static class JitLineReader
{
    /// <summary>What V8 adds to every address: the ELF header before the code in the files of perf's first version.</summary>
    private const uint ElfHeaderBytes = 64;

    /// <summary>Stands for the name of the entry before.</summary>
    private const byte RepeatedName = 0xff;

    /// <summary>The lines in the file's order, up to the first entry that is none.</summary>
    public static JitLine[] Read(ReadOnlySpan<byte> entries, in JitDebugInfo info, uint codeSize)
    {
        var lines = new List<JitLine>();
        string name = "";
        ReadOnlySpan<byte> nameBytes = default;
        while ((uint)lines.Count < info.Count && CodeOffset(entries, info, codeSize) is { } offset)
        {
            int line = BinaryPrimitives.ReadInt32LittleEndian(entries[sizeof(ulong)..]);
            int discriminator = BinaryPrimitives.ReadInt32LittleEndian(entries[(sizeof(ulong) + sizeof(int))..]);
            entries = entries[JitRecordLayout.DebugEntryName..];
            int length = entries.IndexOf((byte)0);
            if (length < 0)
            {
                break;
            }

            var bytes = entries[..length];
            entries = entries[(length + 1)..];
            bool isName = length <= Limits.NameBytes;
            if ((uint)lines.Count + 1 < info.Count)
            {
                isName &= !SkipToEntry(ref entries, info, codeSize);
            }
            else
            {
                isName &= entries.Length < JitRecordLayout.Alignment;
            }

            if (!isName)
            {
                bytes = default;
            }

            if (!(bytes is [RepeatedName]) && !bytes.SequenceEqual(nameBytes))
            {
                nameBytes = bytes;
                name = ByteReader.Text(bytes);
            }

            lines.Add(new JitLine(offset, name, line, discriminator));
        }

        return [.. lines];
    }

    /// <summary>Skips what is left of a name with zero bytes inside, up to the next entry; false if there is nothing to skip.</summary>
    private static bool SkipToEntry(ref ReadOnlySpan<byte> entries, in JitDebugInfo info, uint codeSize)
    {
        var rest = entries;
        bool skipped = false;
        while (CodeOffset(rest, info, codeSize) is null)
        {
            int length = rest.IndexOf((byte)0);
            if (length < 0)
            {
                break;
            }

            rest = rest[(length + 1)..];
            skipped = true;
        }

        entries = rest;
        return skipped;
    }

    /// <summary>The place in the code that an entry is for; null where no entry can begin.</summary>
    private static uint? CodeOffset(ReadOnlySpan<byte> entry, in JitDebugInfo info, uint codeSize)
    {
        if (entry.Length <= JitRecordLayout.DebugEntryName)
        {
            return null;
        }

        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(entry) - info.CodeAddress;
        return offset <= (ulong)codeSize + ElfHeaderBytes ? (uint)offset : null;
    }
}
