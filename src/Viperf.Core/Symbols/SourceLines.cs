using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>A place in a source file.</summary>
/// <param name="File">The file's base name.</param>
/// <param name="Line">Counted from 1; 0 for code that the compiler gave no line.</param>
public readonly record struct SourceLine(string File, int Line);

/// <summary>Source lines of frames in ELF files, from the line tables of the files or of their debug files.</summary>
/// <param name="warn">Takes the reasons why a file's tables cannot be read.</param>
internal sealed class SourceLines(Action<string> warn)
{
    /// <summary>By index of the module; null where it has no lines.</summary>
    private readonly Dictionary<int, ModuleLines?> _modules = [];

    /// <summary>The line of a frame, or null.</summary>
    public SourceLine? Find(Profile profile, in Frame frame)
    {
        var module = profile.Modules[frame.Module];
        if (module.Kind != ModuleKind.File)
        {
            return null;
        }

        if (!_modules.TryGetValue(frame.Module, out var lines))
        {
            lines = Load(module);
            _modules.Add(frame.Module, lines);
        }

        return lines is not null
            && lines.File.TryGetAddress(frame.LookupAddress, out ulong address)
            && lines.Table.TryFind(address, out string file, out uint line)
                ? new SourceLine(file, (int)Math.Min(line, int.MaxValue))
                : null;
    }

    private ModuleLines? Load(Module module)
    {
        using var file = ModuleFile.TryOpen(module, out string problem);
        if (file is null)
        {
            warn(problem);
            return null;
        }

        try
        {
            using var debug = HasLines(file.Elf) ? null : ModuleFile.TryOpenDebug(file.Elf);
            var owner = debug?.Elf ?? file.Elf;
            if (!HasLines(owner))
            {
                return null;
            }

            var table = LineTable.Read(new LineSections(
                Section(owner, ".debug_line"u8), Section(owner, ".debug_line_str"u8), Section(owner, ".debug_str"u8), owner.Name));
            if (table.BadUnits != 0)
            {
                warn($"{owner.Name}: {table.BadUnits} line tables cannot be read; their code has no source lines");
            }

            return new ModuleLines(file.Elf, table);
        }
        catch (Exception e) when (e is ParseException or IOException)
        {
            warn(e.Message);
            return null;
        }
    }

    private static bool HasLines(ElfFile file) => file.FindSection(".debug_line"u8) is not null;

    private static ReadOnlyMemory<byte> Section(ElfFile file, ReadOnlySpan<byte> name) =>
        file.FindSection(name) is { } section ? file.ReadSection(section) : default;

    /// <summary>What stays of a mapped file: its headers translate offsets to addresses after it was closed.</summary>
    private sealed record ModuleLines(ElfFile File, LineTable Table);
}
