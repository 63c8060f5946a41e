using Viperf.Core.Profiles;

namespace Viperf.Core.Export;

/// <summary>
/// What an exporter reads: the samples of one event of a finished profile, or of all, whose stacks are folded as they are to be shown,
/// with threads, functions and lines in the terms that formats have in common.
/// </summary>
public sealed class ExportSource
{
    /// <summary>In place of an event: the samples of all events.</summary>
    public const int AllEvents = -1;

    private readonly CodePlaces _places;
    private readonly Dictionary<(int Pid, int Tid), int> _threadIndexes = [];
    private readonly List<ExportThread> _threads = [];
    private readonly InternTable<ExportFunction> _functions = new();
    private readonly List<(int Function, int Line)?> _frames = [];

    /// <summary>Takes the samples of one event, or of all.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="eventIndex">Index in <see cref="Profile.Events"/>, or <see cref="AllEvents"/>.</param>
    /// <param name="places">Where its frames are in the source.</param>
    /// <param name="facts">What the recording says of itself.</param>
    public ExportSource(Profile profile, int eventIndex, CodePlaces places, RecordingFacts facts)
    {
        ArgumentNullException.ThrowIfNull(profile);
        _places = places;
        (Profile, EventIndex, Facts) = (profile, eventIndex, facts);
        FindThreads();
    }

    /// <summary>The profile.</summary>
    public Profile Profile { get; }

    /// <summary>
    /// Index of the event in <see cref="Profile.Events"/>, rows and samples of others are not to be shown; or <see cref="AllEvents"/>.
    /// </summary>
    public int EventIndex { get; }

    /// <summary>The event; there is none where all are taken.</summary>
    public ProfileEvent Event => Profile.Events[EventIndex];

    /// <summary>What the recording says of itself.</summary>
    public RecordingFacts Facts { get; }

    /// <summary>The threads that have samples, in the order of their processes' and their own first ones.</summary>
    public IReadOnlyList<ExportThread> Threads => _threads;

    /// <summary>The functions that <see cref="FrameOf"/> has met; grows with it.</summary>
    public InternTable<ExportFunction> Functions => _functions;

    /// <summary>Periods of all samples taken: events, or nanoseconds for the clocks.</summary>
    public ulong TotalPeriod { get; private set; }

    /// <summary>Number of all samples taken.</summary>
    public ulong TotalSamples { get; private set; }

    /// <summary>The rows of <see cref="Profile.Samples"/> that are taken.</summary>
    public IEnumerable<int> Rows
    {
        get
        {
            for (int row = 0; row < Profile.Samples.Count; row++)
            {
                if (EventIndex == AllEvents || Profile.Samples.KeyOf(row).Event == EventIndex)
                {
                    yield return row;
                }
            }
        }
    }

    /// <summary>Index in <see cref="Threads"/> of the thread of a row's samples.</summary>
    public int ThreadOf(int row)
    {
        var key = Profile.Samples.KeyOf(row);
        return _threadIndexes[(key.Pid, key.Tid)];
    }

    /// <summary>A frame's function, as an index in <see cref="Functions"/>, and its line, 0 where none is known.</summary>
    /// <param name="frame">Index in <see cref="Profile.Frames"/>.</param>
    public (int Function, int Line) IndexesOf(int frame)
    {
        while (_frames.Count <= frame)
        {
            _frames.Add(null);
        }

        return _frames[frame] ??= Describe(frame);
    }

    /// <summary>A frame's function and line.</summary>
    /// <param name="frame">Index in <see cref="Profile.Frames"/>.</param>
    public ExportFrame FrameOf(int frame)
    {
        var (function, line) = IndexesOf(frame);
        return new(_functions[function], line);
    }

    private void FindThreads()
    {
        var names = new Dictionary<(int Pid, int Tid), string>();
        foreach (int row in Rows)
        {
            var key = Profile.Samples.KeyOf(row);
            names[(key.Pid, key.Tid)] = Profile.Comms[key.Comm]; // rows are in the order of their first samples
            TotalPeriod += Profile.Samples.PeriodOf(row);
            TotalSamples += Profile.Samples.SamplesOf(row);
        }

        foreach (var process in names.GroupBy(static thread => thread.Key.Pid))
        {
            string title = names.GetValueOrDefault((process.Key, process.Key)) ?? process.First().Value;
            foreach (var (id, name) in process.OrderBy(thread => thread.Key.Tid != process.Key)) // the first thread first
            {
                _threadIndexes.Add(id, _threads.Count);
                _threads.Add(new ExportThread(id.Pid, id.Tid, name, title));
            }
        }
    }

    private (int Function, int Line) Describe(int frame)
    {
        int index = Profile.Frames.FunctionOf(frame);
        var code = Profile.Frames[frame];
        var function = index == FrameTable.NotLookedUp ? new Function("", code.Module, code.Address) : Profile.Functions[index];
        var module = Profile.Modules[function.Module];
        var kind = KindOf(function, module, code.Mode);
        if (_places.Of(frame) is { } place && _places.Functions[place.Function] is var source
            && (kind == FrameKind.Python) == source.IsPython)
        {
            return (
                _functions.Intern(new ExportFunction(source.Name, kind, source.File, source.FirstLine, function.Module)
                {
                    Place = source.IsPython ? source.ShortFile : module.Name,
                }),
                place.Line);
        }

        bool isPython = PythonSymbol.TryParse(function.Name, out var python);
        return (
            _functions.Intern(new ExportFunction(
                isPython ? python.Name : function.IsNamed ? function.Name : ExportFunction.Unnamed,
                kind,
                isPython ? python.File : kind == FrameKind.Python ? module.Path : "",
                FirstLine: 0,
                function.Module)
            {
                Place = isPython ? python.File : kind is FrameKind.Interpreter or FrameKind.Wait or FrameKind.Unknown ? "" : module.Name,
            }),
            0);
    }

    private static FrameKind KindOf(in Function function, Module module, FrameMode mode) =>
        module.Kind == ModuleKind.PythonSource || PythonSymbol.TryParse(function.Name, out _) ? FrameKind.Python
        : WaitNames.Contains(function.Name) ? FrameKind.Wait
        : module.Kind == ModuleKind.Interpreter ? FrameKind.Interpreter
        : mode is FrameMode.Kernel or FrameMode.GuestKernel or FrameMode.Hypervisor ? FrameKind.Kernel
        : module.Kind == ModuleKind.Unknown ? FrameKind.Unknown
        : FrameKind.Native;
}
