using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;

namespace Viperf.Core.Symbols;

/// <summary>
/// The functions and source lines of places in one ELF file, inlined functions included. Not for two threads at once.
/// </summary>
internal sealed class SourceFunctions : IDisposable
{
    private readonly string _name;

    /// <summary>Null where the module has no debug information.</summary>
    private readonly DebugFiles? _files;
    private readonly WarningList _warnings;
    private readonly List<SourceFrame> _frames = [];

    /// <summary>Null as <see cref="_files"/>, and from the moment on at which a file could not be read.</summary>
    private DebugInfo? _info;

    private SourceFunctions(string name, DebugFiles? files, WarningList warnings) =>
        (_name, _files, _warnings) = (name, files, warnings);

    /// <summary>What could not be read, one line each; complete when all places were looked up.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            foreach (string warning in _warnings.Texts)
            {
                yield return warning;
            }

            if (_info is { BadUnits: > 0 and var bad })
            {
                yield return $"{_name}: {bad} units of debug information cannot be read; their code lacks inlined functions or source lines";
            }

            if (_info is { BadNames: > 0 and var names })
            {
                yield return $"{_name}: {names} functions have no names, since what the debug information says of them cannot be read";
            }

            if (_info is { MissingSplitFiles: { Count: > 0 } missing })
            {
                yield return $"{_name}: {missing.Count} files with debug information are not there, such as {missing.First()}; "
                    + "their code lacks inlined functions (keep the .dwo files, or make a .dwp of them)";
            }
        }
    }

    /// <summary>Opens a module's debug information.</summary>
    /// <param name="finder">Finds the files that have it.</param>
    /// <param name="module">One of kind <see cref="ModuleKind.File"/>.</param>
    /// <param name="isOptional">True if nobody misses the file: the recording brought along what was known of it.</param>
    public static SourceFunctions Open(FileFinder finder, Module module, bool isOptional = false)
    {
        var warnings = new WarningList();
        var files = DebugFiles.TryOpen(finder, module, isOptional ? static _ => { } : warnings.Add);
        var functions = new SourceFunctions(module.Path, files, warnings);
        try
        {
            functions._info = files?.Read(warnings.Add);
        }
        catch (Exception e) when (e is ParseException or IOException)
        {
            warnings.Add(e.Message);
        }

        return functions;
    }

    /// <summary>Finds the functions at a place.</summary>
    /// <param name="offset">The place, an offset in the mapped file.</param>
    /// <returns>The innermost function first; empty where nothing is known.</returns>
    public SourceFrame[] Find(ulong offset)
    {
        if (_info is null || !_files!.Mapped.TryGetAddress(offset, out ulong address))
        {
            return [];
        }

        try
        {
            _info.TryFind(address, _frames);
            return [.. _frames];
        }
        catch (Exception e) when (e is ParseException or IOException)
        {
            // A section that cannot be read ends the look-ups in this file; names from its symbols remain.
            _warnings.Add(e.Message);
            _info = null;
            return [];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files?.Dispose();
}
