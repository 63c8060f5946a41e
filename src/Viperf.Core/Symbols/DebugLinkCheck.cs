using System.IO.Hashing;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>The checksum by which a stripped file without a build-id knows its debug file.</summary>
internal static class DebugLinkCheck
{
    private const int BlockBytes = 1 << 18;

    /// <summary>Returns a file if its checksum is the one that a link says; otherwise closes it.</summary>
    public static OpenedElf? Keep(OpenedElf file, DebugLink link)
    {
        try
        {
            if (ChecksumOf(file) == link.Crc)
            {
                return file;
            }
        }
        catch (IOException)
        {
            // Cannot be read whole: not known to be the one.
        }

        file.Dispose();
        return null;
    }

    private static uint ChecksumOf(OpenedElf file)
    {
        var crc = new Crc32();
        var block = new byte[BlockBytes];
        ulong offset = 0;
        for (int got = file.ReadAt(offset, block); got > 0; got = file.ReadAt(offset, block))
        {
            crc.Append(block.AsSpan(0, got));
            offset += (ulong)got;
        }

        return crc.GetCurrentHashAsUInt32();
    }
}
