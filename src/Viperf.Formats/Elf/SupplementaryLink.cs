using Viperf.Formats.Bytes;

namespace Viperf.Formats.Elf;

/// <summary>Where the file lies that several files share debug information in.</summary>
/// <param name="Path">Its path, relative to the directory of the file that names it.</param>
/// <param name="BuildId">Its build-id: lower-case hexadecimal digits.</param>
public sealed record SupplementaryLink(string Path, string BuildId)
{
    /// <summary>Reads the link of a file: <c>.gnu_debugaltlink</c>, or <c>.debug_sup</c> (DWARF 5 §7.3.6); null if it has none.</summary>
    /// <exception cref="ParseException">The section is cut short.</exception>
    public static SupplementaryLink? Read(ElfFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.FindSection(".gnu_debugaltlink"u8) is { } gnu)
        {
            var reader = new ByteReader(file.ReadSection(gnu).Span, $"{file.Name}: .gnu_debugaltlink");
            string path = ByteReader.Text(reader.ReadCString(Limits.NameBytes));
            return new SupplementaryLink(path, Convert.ToHexStringLower(reader.ReadBytes(reader.Remaining)));
        }

        if (file.FindSection(".debug_sup"u8) is { } standard)
        {
            var reader = new ByteReader(file.ReadSection(standard).Span, $"{file.Name}: .debug_sup");
            reader.Skip(sizeof(ushort)); // version
            bool isSupplementary = reader.ReadByte() != 0;
            string path = ByteReader.Text(reader.ReadCString(Limits.NameBytes));
            ulong length = reader.ReadULeb128();
            return isSupplementary || length > (ulong)reader.Remaining
                ? null
                : new SupplementaryLink(path, Convert.ToHexStringLower(reader.ReadBytes((int)length)));
        }

        return null;
    }
}
