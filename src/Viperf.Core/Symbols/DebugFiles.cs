using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;

namespace Viperf.Core.Symbols;

/// <summary>
/// The files that one module's debug information lies in: the mapped one or its debug file, the one that several share
/// (<c>.gnu_debugaltlink</c>), those of split units (<c>.dwo</c>, <c>.dwp</c>). Sections are read as they are asked for, so the files
/// stay open.
/// </summary>
internal sealed class DebugFiles : IDisposable
{
    private readonly List<OpenedElf> _opened = [];
    private readonly OpenedElf _owner;
    private readonly Dictionary<string, DebugSections?> _split = [];

    private DebugFiles(OpenedElf mapped, OpenedElf? debug)
    {
        Mapped = mapped.Elf;
        _owner = debug ?? mapped;
        _opened.Add(mapped);
        if (debug is not null)
        {
            _opened.Add(debug);
        }
    }

    /// <summary>The mapped file's headers.</summary>
    public ElfFile Mapped { get; }

    /// <summary>Opens the files of a module; null if it has no debug information.</summary>
    /// <param name="finder">Finds them.</param>
    /// <param name="module">One of kind <see cref="ModuleKind.File"/>.</param>
    /// <param name="warn">Takes the reason why the module's file cannot be opened.</param>
    public static DebugFiles? TryOpen(FileFinder finder, Module module, Action<string> warn)
    {
        var mapped = finder.TryOpen(module, out var problem);
        if (mapped is null)
        {
            warn(problem.Text);
            return null;
        }

        if (mapped.Elf.Has(DebugContent.Sources))
        {
            return new DebugFiles(mapped, null);
        }

        if (finder.TryOpenDebug(mapped, DebugContent.Sources) is { } debug)
        {
            return new DebugFiles(mapped, debug);
        }

        mapped.Dispose();
        return null;
    }

    /// <summary>Reads the debug information: so far, what an index of it takes.</summary>
    /// <param name="warn">Takes what is not there.</param>
    /// <exception cref="ParseException">A file is not consistent.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public DebugInfo Read(Action<string> warn) =>
        DebugInfo.Open(SectionsOf(_owner.Elf, suffix: "", OpenSupplementary(warn)), OpenSplit);

    /// <inheritdoc/>
    public void Dispose() => _opened.ForEach(static file => file.Dispose());

    private static DebugSections SectionsOf(ElfFile file, string suffix, DebugSections? supplementary = null) => new(
        file.Name,
        name => file.ReadDebugSection(name == "cu_index" ? name : name + suffix),
        supplementary);

    /// <summary>The file that describes what several files have in common, as <c>dwz -m</c> makes it.</summary>
    private DebugSections? OpenSupplementary(Action<string> warn)
    {
        SupplementaryLink? link;
        try
        {
            link = SupplementaryLink.Read(_owner.Elf);
        }
        catch (ParseException e)
        {
            warn(e.Message);
            return null; // costs the names that lie there
        }

        if (link is null)
        {
            return null;
        }

        string path = Path.Combine(Path.GetDirectoryName(_owner.Elf.Name) ?? "", link.Path);
        var file = ModuleFile.TryOpenNamed(path, link.BuildId);
        if (file is null)
        {
            warn($"{_owner.Elf.Name}: names of inlined functions lie in {path}, which is not there or is another one; "
                + "install the rest of its debug package");
            return null;
        }

        _opened.Add(file);
        return SectionsOf(file.Elf, suffix: "");
    }

    /// <summary>The rest of a unit: from the package beside the file, else from the file that the compiler wrote.</summary>
    private DebugSections? OpenSplit(string name, string compilationDirectory) =>
        OpenSplit(_owner.Elf.Name + ".dwp") ?? OpenSplit(Path.Combine(compilationDirectory, name));

    private DebugSections? OpenSplit(string path)
    {
        if (!_split.TryGetValue(path, out var sections))
        {
            if (ModuleFile.TryOpenNamed(path, buildId: "") is { } file)
            {
                _opened.Add(file);
                sections = SectionsOf(file.Elf, ".dwo");
            }

            _split.Add(path, sections);
        }

        return sections;
    }
}
