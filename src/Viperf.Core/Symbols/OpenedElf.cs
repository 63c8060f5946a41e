using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>An ELF file whose sections can be read until this is disposed.</summary>
/// <param name="source">The file; disposed of with this if it holds one open.</param>
/// <param name="elf">Its headers.</param>
internal sealed class OpenedElf(ByteSource source, ElfFile elf) : IDisposable
{
    /// <summary>The file's headers, and the way to its sections.</summary>
    public ElfFile Elf => elf;

    /// <summary>The path by which processes know the file; empty for files that were found by other ways.</summary>
    public string RecordedPath { get; private init; } = "";

    /// <summary>The directory below which the file's own machine has its files, without a slash at the end; empty for ours.</summary>
    public string Root { get; private init; } = "";

    /// <summary>The file's build-id in lower-case hexadecimal digits, empty if it has none.</summary>
    public string BuildId { get; init; } = "";

    /// <summary>The same file, of which the place is known; takes this one's place.</summary>
    /// <param name="recordedPath">The path by which processes know it.</param>
    /// <param name="root">The directory below which that path leads to it.</param>
    public OpenedElf At(string recordedPath, string root) =>
        new(source, elf) { BuildId = BuildId, RecordedPath = recordedPath, Root = root };

    /// <summary>Copies bytes of the file and returns how many there were.</summary>
    public int ReadAt(ulong offset, Span<byte> destination) => source.ReadAt(offset, destination);

    /// <inheritdoc/>
    public void Dispose() => (source as IDisposable)?.Dispose();
}
