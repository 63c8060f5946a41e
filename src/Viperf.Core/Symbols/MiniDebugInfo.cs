using SharpCompress.Common;
using SharpCompress.Compressors.Xz;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// <c>.gnu_debugdata</c>: an ELF file in a section of a stripped one, compressed by xz, with the names of the functions that strip
/// took out. Fedora's files have it.
/// </summary>
internal static class MiniDebugInfo
{
    /// <summary>Opens the file within a file; null if it has none.</summary>
    /// <exception cref="ParseException">It is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OpenedElf? TryOpen(OpenedElf mapped)
    {
        if (mapped.Elf.FindSection(".gnu_debugdata"u8) is not { } section)
        {
            return null;
        }

        string name = $"{mapped.Elf.Name}: .gnu_debugdata";
        var compressed = mapped.Elf.ReadSection(section);
        var content = GC.AllocateUninitializedArray<byte>(XzLayout.ContentBytes(compressed.Span, name));
        try
        {
            using var stream = new MemoryStream(compressed.ToArray(), writable: false);
            using var xz = new XZStream(stream);
            xz.ReadExactly(content);
        }
        catch (Exception e) when (e is SharpCompressException or IOException or InvalidDataException or ArithmeticException
            or IndexOutOfRangeException or ArgumentException or InvalidOperationException)
        {
            throw new ParseException($"damaged: {e.Message}", name, 0);
        }

        var source = new MemorySource(content, name);
        return new OpenedElf(source, ElfFile.Open(source, SectionDecompressor.TryUnwrapZstd)) { BuildId = mapped.BuildId };
    }
}
