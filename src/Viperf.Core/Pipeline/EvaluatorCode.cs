using Viperf.Core.Processes;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Unwinding;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;

namespace Viperf.Core.Pipeline;

/// <summary>Knows where CPython's evaluator lies: the function each call of which runs one run of Python frames.</summary>
/// <param name="profile">Whose modules they are.</param>
/// <param name="finder">Finds their files.</param>
internal sealed class EvaluatorCode(Profile profile, FileFinder finder)
{
    /// <summary>Bytes of it that are looked at: the largest build has a tenth.</summary>
    private const ulong MostCode = 1 << 20;

    /// <summary>Offsets in files, by index of the module; null where nobody asked yet.</summary>
    private readonly List<(ulong Start, ulong End)[]?> _ranges = [];

    /// <summary>The function; compilers put parts of it elsewhere, as <c>.cold</c>.</summary>
    private static ReadOnlySpan<byte> Name => "_PyEval_EvalFrameDefault"u8;

    /// <summary>Tells what a frame is. Code that the process made itself and that called the evaluator is a trampoline.</summary>
    /// <param name="process">The process at the time.</param>
    /// <param name="address">Of its instruction.</param>
    /// <param name="callee">What the frame is that it called.</param>
    public NativeRole RoleOf(ProcessState process, ulong address, NativeRole callee)
    {
        if (!process.TryFind(address, out var mapping))
        {
            return NativeRole.None;
        }

        bool isGenerated = mapping.IsJit || profile.Modules[mapping.Module].Kind == ModuleKind.Jit;
        return isGenerated
            ? callee == NativeRole.Evaluator ? NativeRole.Trampoline : NativeRole.None
            : Contains(mapping, address) ? NativeRole.Evaluator : NativeRole.None;
    }

    private bool Contains(in Mapping mapping, ulong address)
    {
        ulong offset = address - mapping.Bias;
        foreach (var (start, end) in RangesOf(mapping.Module))
        {
            if (offset >= start && offset < end)
            {
                return true;
            }
        }

        return false;
    }

    private (ulong Start, ulong End)[] RangesOf(int index)
    {
        while (_ranges.Count <= index)
        {
            _ranges.Add(null);
        }

        return _ranges[index] ??= Read(profile.Modules[index]);
    }

    private (ulong Start, ulong End)[] Read(Module module)
    {
        if (module.Kind != ModuleKind.File)
        {
            return [];
        }

        try
        {
            using var file = finder.TryOpen(module, out _);
            return file is null ? [] : Read(file);
        }
        catch (Exception problem) when (problem is ParseException or IOException or UnauthorizedAccessException)
        {
            return []; // whoever unwinds says so
        }
    }

    private static (ulong Start, ulong End)[] Read(OpenedElf opened)
    {
        var file = opened.Elf;
        var found = new List<(ulong Start, ulong End)>();
        foreach (var kind in (ElfSectionType[])[ElfSectionType.SHT_DYNSYM, ElfSectionType.SHT_SYMTAB])
        {
            if (file.FindSection(kind) is not { } section)
            {
                continue;
            }

            var table = ElfSymbolTable.Read(file, section);
            for (int i = 1; i < table.Count; i++)
            {
                var symbol = table[i];
                var name = table.NameOf(symbol);
                if (symbol.IsDefined && name.StartsWith(Name) && (name.Length == Name.Length || name[Name.Length] == '.'))
                {
                    found.Add((symbol.Value, symbol.Value + symbol.Size));
                }
            }
        }

        if (found.Count > 0)
        {
            AddParts(opened, found);
        }

        return [.. found.Distinct().Select(range => InFile(file, range)).Where(range => range.End > range.Start)];
    }

    /// <summary>Adds the parts that have no symbol: of Debian's 3.14 the largest of all.</summary>
    private static void AddParts(OpenedElf opened, List<(ulong Start, ulong End)> found)
    {
        var unwinding = UnwindTable.Read(opened.Elf, null, static _ => { });
        foreach (var range in found.Distinct().ToArray())
        {
            var (start, end) = InFile(opened.Elf, range);
            byte[] code = new byte[Math.Min(end - start, MostCode)];
            int length = opened.ReadAt(start, code);
            found.AddRange(FunctionParts.Find(opened.Elf.Machine, code.AsSpan(0, length), range.Start, unwinding));
        }
    }

    private static (ulong Start, ulong End) InFile(ElfFile file, (ulong Start, ulong End) range) =>
        range.End >= range.Start && file.TryGetFileOffset(range.Start, out ulong start) ? (start, start + (range.End - range.Start)) : default;
}
