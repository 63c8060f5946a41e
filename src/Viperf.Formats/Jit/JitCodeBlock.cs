using System.Runtime.InteropServices;

namespace Viperf.Formats.Jit;

/// <summary>Code that a runtime generated, at one place and from one moment on.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct JitCodeBlock
{
    /// <summary>Virtual address of the first byte.</summary>
    public ulong Start { get; init; }

    /// <summary>When the code came to be there, in the file's time.</summary>
    public ulong From { get; init; }

    /// <summary>When it was moved away, in the file's time; <see cref="ulong.MaxValue"/> if it was not. Code that other
    /// code replaced keeps this: the newer block counts.</summary>
    public ulong Until { get; init; }

    /// <summary>The writer's number for the code; it stays the same where the code moves.</summary>
    public ulong Index { get; init; }

    /// <summary>Offset in the file of the code's bytes; 0 if the file does not have them.</summary>
    public ulong CodeOffset { get; init; }

    /// <summary>Bytes of code.</summary>
    public uint Size { get; init; }

    /// <summary>The thread that generated the code.</summary>
    public uint ThreadId { get; init; }

    /// <summary>Of the name in the index's names.</summary>
    internal int NameOffset { get; init; }

    /// <summary>Bytes of the name.</summary>
    internal int NameLength { get; init; }

    /// <summary>Into the index's unwinding infos; negative if there is none.</summary>
    internal int Unwinding { get; init; }

    /// <summary>Which of the file's line tables is its own; negative if there is none. Code that is moved keeps its table.</summary>
    public int Lines { get; init; }

    /// <summary>True if the address lies in the code.</summary>
    public bool Contains(ulong address) => address - Start < Size;
}

/// <summary>Where a block's unwind information lies in the file: <c>.eh_frame</c>, directly followed by
/// <c>.eh_frame_hdr</c>.</summary>
/// <param name="Offset">Of <c>.eh_frame</c>'s first byte in the file.</param>
/// <param name="EhFrameSize">Bytes of <c>.eh_frame</c>; V8 writes 0 for code that has none.</param>
/// <param name="EhFrameHeaderSize">Bytes of <c>.eh_frame_hdr</c>.</param>
/// <param name="MappedSize">Bytes of both that the process has mapped behind the code, as the writer says.</param>
public readonly record struct JitUnwindingInfo(
    ulong Offset, uint EhFrameSize, uint EhFrameHeaderSize, ulong MappedSize);

/// <summary>A DEBUG_INFO record: the lines are read from the file when they are asked for.</summary>
/// <param name="CodeAddress">Where the code lay for which the lines were written.</param>
/// <param name="Offset">Of the first entry in the file.</param>
/// <param name="ByteCount">Bytes of all entries, padding included.</param>
/// <param name="Count">Entries.</param>
internal readonly record struct JitDebugInfo(ulong CodeAddress, ulong Offset, uint ByteCount, uint Count);

/// <summary>One row of a block's line table: it counts from its place in the code up to the next row's.</summary>
/// <param name="CodeOffset">Bytes from the start of the code. V8 adds 64 to each: the header of the ELF files that
/// perf made in its first version.</param>
/// <param name="FileName">The source file as the runtime names it; empty if its name is none.</param>
/// <param name="Line">Line, from 1; 0 for none.</param>
/// <param name="Discriminator">DWARF's discriminator; V8 writes the column here.</param>
public readonly record struct JitLine(uint CodeOffset, string FileName, int Line, int Discriminator);
