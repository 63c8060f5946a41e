using System.Diagnostics.CodeAnalysis;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Symbols;

/// <summary>
/// The names that a recording brought along. What they name needs no file of the machine that it was made on; what they do not
/// name is looked for as usual.
/// </summary>
public sealed class EmbeddedSymbols
{
    private readonly Dictionary<Module, int> _modules = new(ModuleTable.Comparer);
    private readonly Dictionary<(int Module, ulong Address, bool IsReturnAddress), EmbeddedPlace> _places = [];
    private readonly Dictionary<(string Path, int Pid), EmbeddedFile> _files = [];

    /// <summary>Creates a table of names.</summary>
    /// <param name="names">The names.</param>
    public EmbeddedSymbols(EmbeddedNames names)
    {
        ArgumentNullException.ThrowIfNull(names);
        for (int i = 0; i < names.Modules.Count; i++)
        {
            _modules.TryAdd(ToModule(names.Modules[i]), i);
        }

        foreach (var place in names.Places)
        {
            _places.TryAdd((place.Module, place.Address, place.IsReturnAddress), place);
        }

        foreach (var file in names.Files)
        {
            _files.TryAdd((file.Path, file.Pid), file);
        }
    }

    /// <summary>A module as recordings tell it apart.</summary>
    public static EmbeddedModule FromModule(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return new EmbeddedModule((byte)module.Kind, module.Path, module.BuildId, module.Inode, module.Pid);
    }

    /// <summary>True if names of a module's addresses were brought along.</summary>
    internal bool Covers(Module module) => _modules.ContainsKey(module);

    /// <summary>Finds what is known of a frame.</summary>
    internal bool TryFind(Profile profile, in Frame frame, [NotNullWhen(true)] out EmbeddedPlace? place)
    {
        place = null;
        return _modules.TryGetValue(profile.Modules[frame.Module], out int module)
            && _places.TryGetValue((module, frame.Address, frame.IsReturnAddress), out place);
    }

    /// <summary>A file that was brought along; null for the others.</summary>
    /// <param name="path">Where it lay.</param>
    /// <param name="pid">Its process.</param>
    internal ByteSource? FileOf(string path, int pid) =>
        _files.TryGetValue((path, pid), out var file) ? new MemorySource(file.Content, path) : null;

    private static Module ToModule(EmbeddedModule module) =>
        new((ModuleKind)module.Kind, module.Path, module.BuildId, module.Inode, module.Pid);
}
