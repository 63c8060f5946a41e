using Viperf.Core.Linux;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>An ELF file whose sections can be read until this is disposed.</summary>
/// <param name="source">The file; disposed of with this.</param>
/// <param name="elf">Its headers.</param>
internal sealed class OpenedElf(FileSource source, ElfFile elf) : IDisposable
{
    /// <summary>The file's headers, and the way to its sections.</summary>
    public ElfFile Elf => elf;

    /// <summary>Copies bytes of the file and returns how many there were.</summary>
    public int ReadAt(ulong offset, Span<byte> destination) => source.ReadAt(offset, destination);

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();
}
