using Viperf.Core.Profiles;
using Viperf.Formats.Dwarf;

namespace Viperf.Core.Symbols;

/// <summary>The source functions and lines of a profile's frames, each looked up once.</summary>
internal sealed class SourceTable : IDisposable
{
    /// <summary>By index of the module.</summary>
    private readonly SortedDictionary<int, SourceFunctions> _modules = [];

    /// <summary>By index of the frame, of whole places: the functions there, the innermost first.</summary>
    private readonly Dictionary<int, SourceFrame[]> _places = [];

    /// <summary>What could not be read, one line each.</summary>
    public IEnumerable<string> Warnings => _modules.Values.SelectMany(static functions => functions.Warnings);

    /// <summary>The functions at a frame's address, the innermost first; empty where nothing is known.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="frame">Index of a frame that is a whole place.</param>
    public SourceFrame[] Find(Profile profile, int frame)
    {
        if (!_places.TryGetValue(frame, out var functions))
        {
            functions = HasSource(profile, frame) ? FunctionsOf(profile, profile.Frames[frame].Module).Find(profile.Frames[frame].LookupAddress) : [];
            _places.Add(frame, functions);
        }

        return functions;
    }

    /// <summary>Looks many frames up, on all processors: a module's frames on one.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="frames">Indexes of frames that are whole places.</param>
    public void FindAll(Profile profile, IEnumerable<int> frames)
    {
        var groups = frames
            .Where(frame => !_places.ContainsKey(frame) && HasSource(profile, frame))
            .GroupBy(frame => profile.Frames[frame].Module)
            .Select(group => (Module: profile.Modules[group.Key], Index: group.Key, Frames: group.ToArray()))
            .OrderByDescending(static group => group.Frames.Length)
            .ToArray();
        var found = new (SourceFunctions Functions, SourceFrame[][] Places)[groups.Length];
        var known = groups.Select(group => _modules.GetValueOrDefault(group.Index)).ToArray();
        Parallel.For(0, groups.Length, i =>
        {
            var functions = known[i] ?? SourceFunctions.Open(groups[i].Module);
            found[i] = (functions, [.. groups[i].Frames.Select(frame => functions.Find(profile.Frames[frame].LookupAddress))]);
        });

        for (int i = 0; i < groups.Length; i++)
        {
            _modules[groups[i].Index] = found[i].Functions;
            for (int place = 0; place < groups[i].Frames.Length; place++)
            {
                _places.Add(groups[i].Frames[place], found[i].Places[place]);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var functions in _modules.Values)
        {
            functions.Dispose();
        }
    }

    private static bool HasSource(Profile profile, int frame) =>
        profile.Frames[frame].JitCode == JitCodeTable.None && profile.Modules[profile.Frames[frame].Module].Kind == ModuleKind.File;

    private SourceFunctions FunctionsOf(Profile profile, int module)
    {
        if (!_modules.TryGetValue(module, out var functions))
        {
            functions = SourceFunctions.Open(profile.Modules[module]);
            _modules.Add(module, functions);
        }

        return functions;
    }
}
