using Viperf.Core.Profiles;

namespace Viperf.Core.Export.Pprof;

/// <summary>
/// The places in code of a profile, as pprof has them: one for an address with all functions that were inlined there, and one for a
/// line of a function where there is no address that a reader could use.
/// </summary>
/// <param name="source">What is exported.</param>
/// <param name="profile">Gets locations, functions and mappings.</param>
/// <param name="strings">Its strings.</param>
internal sealed class Locations(ExportSource source, Proto.Profile profile, StringIndexes strings)
{
    private const int None = -1;
    private const ulong PageSize = 4096;

    /// <summary>Everything that tells locations apart; those of inlined functions refer to the one of the function around.</summary>
    private readonly record struct Key(int Around, ulong Address, int Module, int Function, int Line);

    private readonly InternTable<Key> _keys = new();
    private readonly Dictionary<int, Proto.Mapping> _mappings = [];

    /// <summary>Id of each function of the source that a location has; 0 for others.</summary>
    private readonly List<ulong> _functions = [];

    /// <summary>Id of each location that a sample has; 0 for others, which lie around inlined functions only.</summary>
    private readonly List<ulong> _ids = [];

    /// <summary>Puts a frame onto its callers; to be given to <see cref="Restacking"/>.</summary>
    /// <param name="stacks">The new stacks, of indexes of locations.</param>
    /// <param name="callers">The callers' one.</param>
    /// <param name="frame">The frame.</param>
    public int Append(StackTable stacks, int callers, int frame)
    {
        var (function, line) = source.IndexesOf(frame);
        var code = source.Profile.Frames[frame];
        var module = source.Profile.Modules[code.Module];

        // Addresses of Python code are of no use to a reader, and those of jitted code are nowhere by then.
        bool hasAddress = module.Kind is ModuleKind.File or ModuleKind.Kernel or ModuleKind.KernelModule or ModuleKind.Vdso
            && source.Functions[function].Kind is FrameKind.Native or FrameKind.Kernel;
        var key = hasAddress
            ? new Key(None, code.LookupAddress, code.Module, function, line)
            : new Key(None, 0, None, function, line);
        if (code.IsInlined && hasAddress && callers != StackTable.Empty && stacks.FrameOf(callers) is var around
            && (_keys[around].Address, _keys[around].Module) == (key.Address, key.Module))
        {
            return stacks.Intern(stacks.ParentOf(callers), _keys.Intern(key with { Around = around }));
        }

        return stacks.Intern(callers, _keys.Intern(key));
    }

    /// <summary>The id of a location, which is written when it is first asked for.</summary>
    public ulong IdOf(int location)
    {
        while (_ids.Count <= location)
        {
            _ids.Add(0);
        }

        if (_ids[location] == 0)
        {
            var key = _keys[location];
            var written = new Proto.Location { Id = (ulong)profile.Location.Count + 1, Address = key.Address };
            if (key.Module != None)
            {
                written.MappingId = MappingOf(key.Module, key.Address);
            }

            for (int inner = location; inner != None; inner = _keys[inner].Around)
            {
                written.Line.Add(new Proto.Line { FunctionId = FunctionIdOf(_keys[inner].Function), Line_ = _keys[inner].Line });
            }

            profile.Location.Add(written);
            _ids[location] = written.Id;
        }

        return _ids[location];
    }

    private ulong FunctionIdOf(int index)
    {
        while (_functions.Count <= index)
        {
            _functions.Add(0);
        }

        if (_functions[index] == 0)
        {
            var function = source.Functions[index];

            // pprof tells functions apart by name and file. The linker's name is left out: a function whose two names are equal pprof
            // takes for one of C++ that it has to shorten, and makes nothing of <module>.
            var written = new Proto.Function
            {
                Id = (ulong)profile.Function.Count + 1,
                Name = strings.Of(function.Name == ExportFunction.Unnamed ? function.Title : function.Name),
                Filename = strings.Of(function.File),
                StartLine = function.FirstLine,
            };
            profile.Function.Add(written);
            _functions[index] = written.Id;
        }

        return _functions[index];
    }

    /// <summary>
    /// A module is mapped from 0, since addresses of files are their offsets, and up to the last address that is met. Readers are
    /// told that nothing is missing: what has no name or line here has none in the file.
    /// </summary>
    private ulong MappingOf(int index, ulong address)
    {
        if (!_mappings.TryGetValue(index, out var mapping))
        {
            var module = source.Profile.Modules[index];
            mapping = new Proto.Mapping
            {
                Id = (ulong)profile.Mapping.Count + 1,
                Filename = strings.Of(module.Path),
                BuildId = strings.Of(module.BuildId),
                HasFunctions = true,
                HasFilenames = true,
                HasLineNumbers = true,
                HasInlineFrames = true,
            };
            _mappings.Add(index, mapping);
            profile.Mapping.Add(mapping);
        }

        // the last page of all has no address behind it
        ulong limit = address > ulong.MaxValue - PageSize ? ulong.MaxValue : (address / PageSize + 1) * PageSize;
        mapping.MemoryLimit = Math.Max(mapping.MemoryLimit, limit);
        return mapping.Id;
    }
}
