using Viperf.Core.Linux;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Python;

/// <summary>
/// Whether an interpreter's machine code links its frames, counted over the functions that it exports: what it was
/// built with says so too, but not for sure.
/// </summary>
/// <param name="Calling">Functions of the interpreter's interface that call others.</param>
/// <param name="Linked">Those of them that link a frame before.</param>
public readonly record struct FramePointers(int Calling, int Linked)
{
    /// <summary>
    /// Of a function more is not read: the first call comes long before, and its prologue earlier still.
    /// </summary>
    private const int MostBytes = 4096;

    /// <summary>Fewer functions than this prove nothing: a program that only embeds an interpreter, or a stub.</summary>
    private const int LeastFunctions = 50;

    /// <summary>
    /// Parts of the functions. Measured on x86-64: all 1,189 of CPython 3.15, which is built with frame pointers; none of
    /// any of 3.6 to 3.13, and 23 of 1,075 of Debian's 3.14.
    /// </summary>
    private const double Most = 0.9;
    private const double Few = 0.1;

    /// <summary>The part of the functions that link a frame; 0 where there are none.</summary>
    public double Share => Calling == 0 ? 0 : (double)Linked / Calling;

    /// <summary>What the functions say together.</summary>
    public FramePointerVerdict Verdict => Calling < LeastFunctions ? FramePointerVerdict.Unknown
        : Share >= Most ? FramePointerVerdict.Present
        : Share <= Few ? FramePointerVerdict.Absent
        : FramePointerVerdict.Mixed;

    /// <summary>Reads an interpreter's file.</summary>
    /// <param name="path">The file with its code: the executable, or libpython.</param>
    /// <param name="problem">Why nothing could be counted; empty where something was.</param>
    public static FramePointers Of(string path, out string problem)
    {
        try
        {
            using var source = new FileSource(path);
            var counted = Of(ElfFile.Open(source));
            problem = counted.Verdict == FramePointerVerdict.Unknown
                ? $"{path} exports {counted.Calling} functions of Python's interface that call others, too few to judge by"
                : "";
            return counted;
        }
        catch (Exception failure) when (failure is ParseException or IOException or UnauthorizedAccessException)
        {
            problem = failure.Message;
            return default;
        }
    }

    private static FramePointers Of(ElfFile file)
    {
        if (file.Machine is not (ElfMachine.EM_X86_64 or ElfMachine.EM_AARCH64)
            || (file.FindSection(ElfSectionType.SHT_DYNSYM) ?? file.FindSection(ElfSectionType.SHT_SYMTAB)) is not { } section)
        {
            return default;
        }

        var symbols = ElfSymbolTable.Read(file, section);
        var code = new ReadOnlyMemory<byte>[file.Sections.Length];
        var reader = file.Machine == ElfMachine.EM_X86_64 ? new X64FrameReader() : null;
        var seen = new HashSet<ulong>(); // functions have several names
        int calling = 0;
        int linked = 0;
        for (int i = 1; i < symbols.Count; i++)
        {
            var symbol = symbols[i];
            if (symbol.Type != ElfSymbolType.STT_FUNC || symbol.SectionIndex >= (uint)code.Length
                || !IsPythons(symbols.NameOf(symbol)) || !seen.Add(symbol.Value))
            {
                continue;
            }

            var bytes = CodeOf(file, symbol, code);
            var frame = reader is null ? Arm64FrameReader.Read(bytes.Span) : reader.Read(bytes);
            calling += frame == FunctionFrame.NoCall ? 0 : 1;
            linked += frame == FunctionFrame.Linked ? 1 : 0;
        }

        return new FramePointers(calling, linked);
    }

    /// <summary>
    /// True for names of Python's interface and the evaluator's: an executable exports other libraries' functions too,
    /// whose builders chose for themselves.
    /// </summary>
    private static bool IsPythons(ReadOnlySpan<byte> name) => name.StartsWith("Py"u8) || name.StartsWith("_Py"u8);

    /// <summary>A function's code, its section being read once; empty where the symbol leads out of it.</summary>
    private static ReadOnlyMemory<byte> CodeOf(ElfFile file, in ElfSymbol symbol, ReadOnlyMemory<byte>[] read)
    {
        var section = file.Section(symbol.SectionIndex);
        if (!section.IsExecutable)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        ref var code = ref read[symbol.SectionIndex];
        if (code.IsEmpty)
        {
            code = file.ReadSection(section);
        }

        ulong start = symbol.Value - section.Address;
        return start < (ulong)code.Length
            ? code.Slice((int)start, (int)Math.Min(Math.Min(symbol.Size, (ulong)MostBytes), (ulong)code.Length - start))
            : ReadOnlyMemory<byte>.Empty;
    }
}

/// <summary>What an interpreter's functions say about frame pointers.</summary>
public enum FramePointerVerdict
{
    /// <summary>There are too few functions to judge by, or none that viperf can read.</summary>
    Unknown,

    /// <summary>It has them: a chain of frame pointers leads through the interpreter.</summary>
    Present,

    /// <summary>It has none: stacks end in the interpreter, unless they are unwound by tables.</summary>
    Absent,

    /// <summary>Some of its parts have them: chains end, or leave frames out.</summary>
    Mixed,
}
