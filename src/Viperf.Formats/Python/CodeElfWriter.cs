using Viperf.Formats.Elf;

namespace Viperf.Formats.Python;

/// <summary>
/// Writes an ELF file of Python code: symbols, functions and lines for addresses that stand for instructions of code objects, so
/// that whatever reads files of machine code shows Python functions.
/// </summary>
public sealed class CodeElfWriter
{
    /// <summary>
    /// Where the text begins, in the file and in memory: an address is an offset in the file. The headers fit before it.
    /// </summary>
    public const int TextOffset = 0x1000;

    /// <summary>Bytes of a build-id.</summary>
    public const int BuildIdBytes = 20;

    /// <summary>Begins a file.</summary>
    /// <param name="stream">Gets it, from position 0; has to be able to seek. It stays open.</param>
    /// <param name="machine">The processor of the process; one of 64 bits.</param>
    /// <param name="buildId">Something that no file with other content has.</param>
    public CodeElfWriter(Stream stream, ElfMachine machine, ReadOnlySpan<byte> buildId) =>
        throw new NotImplementedException();

    /// <summary>Adds a code object behind those that were added before.</summary>
    public void Add(in PlacedCode code) => throw new NotImplementedException();

    /// <summary>Writes what stands behind the code, and the headers; nothing can be added after.</summary>
    public void Finish() => throw new NotImplementedException();
}
