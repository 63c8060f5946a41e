namespace Viperf.Formats.Python;

/// <summary>One code object, and where <see cref="CodeElfWriter"/> shall put it.</summary>
public readonly ref struct PlacedCode
{
    /// <summary>
    /// Bytes from the start of the text to its first instruction, not below the end of the code before. An instruction's address
    /// is <see cref="CodeElfWriter.TextOffset"/>, this and its offset in <c>co_code</c> together. Gaps of a page and more are
    /// for few code objects: GNU addr2line's time grows with the square of their number.
    /// </summary>
    public required ulong Offset { get; init; }

    /// <summary>Bytes of its <c>co_code</c>, caches included; at least one.</summary>
    public required uint Size { get; init; }

    /// <summary>What it is called where addresses get names, in UTF-8: <c>py::qualname:file</c>.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Its <c>co_filename</c>, in the bytes that the file system has.</summary>
    public required ReadOnlySpan<byte> SourceFile { get; init; }

    /// <summary>Its <c>co_firstlineno</c>.</summary>
    public required uint FirstLine { get; init; }

    /// <summary>Its lines, as <see cref="CodeLines.Read"/> makes them; code beyond them has no line.</summary>
    public ReadOnlySpan<CodeLineRange> Lines { get; init; }

    /// <summary>Its bytecode, for whoever disassembles; empty leaves a hole in the file. At most <see cref="Size"/>.</summary>
    public ReadOnlySpan<byte> Code { get; init; }
}
