using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>What a debug file is wanted for.</summary>
internal enum DebugContent
{
    /// <summary>The table of all symbols, <c>.symtab</c>.</summary>
    Symbols,

    /// <summary>Lines and functions of the source, <c>.debug_line</c> or <c>.debug_info</c>.</summary>
    Sources,

    /// <summary>Call frame information, <c>.debug_frame</c>.</summary>
    Frames,
}

/// <summary>Tells which file has what.</summary>
internal static class DebugContents
{
    /// <summary>True if a file has the bytes that are wanted; the halves of a file that strip divided have different ones.</summary>
    public static bool Has(this ElfFile file, DebugContent content) => content switch
    {
        DebugContent.Symbols => ElfSymbols.HasFullTable(file),
        DebugContent.Sources => file.HasDebugSection("line") || file.HasDebugSection("info"),
        _ => file.HasDebugSection("frame"),
    };
}
