using System.Buffers.Binary;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>What <c>.gnu_debuglink</c> says: which file has what strip took out of this one.</summary>
/// <param name="FileName">Its name, without a directory.</param>
/// <param name="Crc">CRC-32 (that of IEEE 802.3) of all its bytes.</param>
public readonly record struct DebugLink(string FileName, uint Crc)
{
    /// <summary>Reads the section; null if the file has none that makes sense.</summary>
    public static DebugLink? Read(ElfFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.FindSection(".gnu_debuglink"u8) is not { } section || section.Size > Limits.NameBytes)
        {
            return null;
        }

        // The name, its zero byte, padding to four bytes, the CRC.
        var bytes = file.ReadSection(section).Span;
        int end = bytes.IndexOf((byte)0);
        int crc = (end + 4) & ~3;
        if (end <= 0 || bytes.Length - crc < sizeof(uint) || bytes[..end].Contains((byte)'/') || bytes[..end] is [(byte)'.'] or [(byte)'.', (byte)'.'])
        {
            return null; // a name with a directory in it could lead anywhere
        }

        return new DebugLink(ByteReader.Text(bytes[..end]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[crc..]));
    }
}
