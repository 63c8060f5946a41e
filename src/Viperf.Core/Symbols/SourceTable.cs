using Viperf.Core.Profiles;
using Viperf.Formats.Dwarf;

namespace Viperf.Core.Symbols;

/// <summary>The source functions and lines of a profile's frames, each looked up once, by other threads if that is asked for early.</summary>
/// <param name="finder">Finds the files that have them.</param>
/// <param name="embedded">What the recording brought along; null if it did not.</param>
internal sealed class SourceTable(FileFinder finder, EmbeddedSymbols? embedded = null) : IDisposable
{
    /// <summary>By index of the module.</summary>
    private readonly SortedDictionary<int, SourceFunctions> _modules = [];

    /// <summary>By index of the frame, of whole places: the functions there, the innermost first.</summary>
    private readonly Dictionary<int, SourceFrame[]> _places = [];

    /// <summary>By index of the module: what other threads look up.</summary>
    private readonly Dictionary<int, Preparation> _preparations = [];

    /// <summary>What could not be read, one line each.</summary>
    public IEnumerable<string> Warnings => _modules.Values.SelectMany(static functions => functions.Warnings);

    /// <summary>The functions at a frame's address, the innermost first; empty where nothing is known.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="frame">Index of a frame that is a whole place.</param>
    public SourceFrame[] Find(Profile profile, int frame)
    {
        if (!_places.TryGetValue(frame, out var functions))
        {
            functions = EmbeddedAt(profile, frame)
                ?? (HasSource(profile, frame)
                    ? FunctionsOf(profile, profile.Frames[frame].Module).Find(profile.Frames[frame].LookupAddress)
                    : []);
            _places.Add(frame, functions);
        }

        return functions;
    }

    /// <summary>
    /// Has another thread look a frame up, one for each module. What was prepared is found by <see cref="Find"/> only after
    /// <see cref="FinishPreparations"/>, and nothing else is to be asked for before.
    /// </summary>
    /// <param name="profile">The profile.</param>
    /// <param name="frame">Index of a frame that is a whole place.</param>
    public void Prepare(Profile profile, int frame)
    {
        if (!HasSource(profile, frame) || EmbeddedAt(profile, frame) is not null)
        {
            return;
        }

        var (address, module) = (profile.Frames[frame].LookupAddress, profile.Frames[frame].Module);
        if (!_preparations.TryGetValue(module, out var preparation))
        {
            preparation = new Preparation(finder, profile.Modules[module], isOptional: embedded?.Covers(profile.Modules[module]) == true);
            _preparations.Add(module, preparation);
        }

        preparation.Add(frame, address);
    }

    /// <summary>Waits for what was prepared.</summary>
    public void FinishPreparations()
    {
        foreach (var preparation in _preparations.Values)
        {
            preparation.Flush();
        }

        foreach (var (module, preparation) in _preparations)
        {
            _modules.Add(module, preparation.Finish(_places));
        }

        _preparations.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FinishPreparations();
        foreach (var functions in _modules.Values)
        {
            functions.Dispose();
        }
    }

    private SourceFrame[]? EmbeddedAt(Profile profile, int frame) =>
        embedded?.TryFind(profile, profile.Frames[frame], out var place) == true && place.Sources.Count != 0
            ? [.. place.Sources]
            : null;

    private static bool HasSource(Profile profile, int frame) =>
        profile.Frames[frame].JitCode == JitCodeTable.None && profile.Modules[profile.Frames[frame].Module].Kind == ModuleKind.File;

    private SourceFunctions FunctionsOf(Profile profile, int module)
    {
        if (!_modules.TryGetValue(module, out var functions))
        {
            functions = SourceFunctions.Open(finder, profile.Modules[module], isOptional: embedded?.Covers(profile.Modules[module]) == true);
            _modules.Add(module, functions);
        }

        return functions;
    }

    /// <summary>Look-ups in one module that another thread makes, some at a time, one after the other.</summary>
    private sealed class Preparation(FileFinder finder, Module module, bool isOptional)
    {
        /// <summary>Look-ups that are handed over together.</summary>
        private const int Batch = 256;

        private readonly List<(int Frame, SourceFrame[] Functions)> _found = [];
        private List<(int Frame, ulong Address)> _next = new(Batch);
        private Task<SourceFunctions> _work = Task.Run(() => SourceFunctions.Open(finder, module, isOptional));

        public void Add(int frame, ulong address)
        {
            _next.Add((frame, address));
            if (_next.Count == Batch)
            {
                Flush();
            }
        }

        /// <summary>Hands over what was added.</summary>
        public void Flush()
        {
            var batch = _next;
            _next = new(Batch);
            _work = _work.ContinueWith(
                before =>
                {
                    var functions = before.GetAwaiter().GetResult();
                    foreach (var (frame, address) in batch)
                    {
                        _found.Add((frame, functions.Find(address)));
                    }

                    return functions;
                },
                TaskScheduler.Default);
        }

        /// <summary>Waits for the last one, and adds what was found.</summary>
        public SourceFunctions Finish(Dictionary<int, SourceFrame[]> places)
        {
            var functions = _work.GetAwaiter().GetResult(); // throws what it met, not what gathers that
            foreach (var (frame, found) in _found)
            {
                places.TryAdd(frame, found);
            }

            return functions;
        }
    }
}
