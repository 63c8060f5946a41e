using System.Globalization;
using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Formats.Jit;

namespace Viperf.Core.Symbols;

/// <summary>
/// Functions of jitted code by virtual address, from the map that its process wrote to <c>/tmp/perf-PID.map</c>.
/// </summary>
internal static class PerfMapSymbols
{
    /// <summary>Reads the map, or says why it is not taken. A process without a map is the rule, and nothing is said.</summary>
    public static SymbolTable Load(Module module, SymbolizerOptions options, Action<string> warn)
    {
        // A process in a container writes to its own /tmp, and under the pid that it has in there.
        if (ProcessNamespaces.RootOf(module.Pid) is { } root)
        {
            int ownPid = ProcessNamespaces.OwnPidOf(module.Pid);
            string inside = string.Create(CultureInfo.InvariantCulture, $"{root}/tmp/perf-{ownPid}.map");
            if (TryLoad(inside, module, options, warn) is { } theirs)
            {
                return theirs;
            }
        }

        return TryLoad(module.Path, module, options, warn) ?? SymbolTable.Empty(UnnamedReason.NoMap);
    }

    /// <summary>Names of a map's lines by address; of lines that overlap the later one is the newer code.</summary>
    internal static SymbolTable Build(ReadOnlyMemory<byte> map, out int badLines)
    {
        var entries = PerfMapReader.Read(map.Span, out badLines);
        var builder = new SymbolTableBuilder(entries.Count);
        byte text = builder.AddText(map);
        foreach (var piece in PerfMapOverlaps.Resolve(entries))
        {
            var entry = entries[piece.Entry];
            builder.Add(new Symbol
            {
                Start = piece.Start,
                End = piece.End,
                NameOffset = entry.NameOffset,
                NameLength = entry.NameLength,
                Text = text,
                Type = ElfSymbolType.STT_FUNC,
                Binding = ElfSymbolBinding.STB_GLOBAL,
            });
        }

        return builder.Build();
    }

    /// <summary>The table of the map at a path; null if there is none, or none to be believed.</summary>
    private static SymbolTable? TryLoad(string path, Module module, SymbolizerOptions options, Action<string> warn)
    {
        try
        {
            using var source = ProcessFile.Open(path, module.Pid, options.RecordingOwner);
            var map = source.Slice(0, source.Length, Limits.TextFileBytes);
            var table = Build(map, out int badLines);
            if (badLines != 0)
            {
                warn($"{path}: {badLines} lines are not of the form START SIZE NAME and were left out");
            }

            return table;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ParseException)
        {
            warn($"{path}: {e.Message}");
            return null;
        }
    }
}
