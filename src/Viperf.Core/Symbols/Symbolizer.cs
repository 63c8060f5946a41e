using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Symbols;

/// <summary>
/// Names the frames of a profile. A module's symbols are read when the first of its frames is asked for, and each
/// frame is looked up once. What cannot be read is said once per module and leaves that module's frames unnamed.
/// </summary>
/// <param name="options">What the recording says.</param>
/// <param name="jitDumps">Knows the jitted code of the profile's frames.</param>
/// <param name="embedded">The names that the recording brought along; null if there are none, or none that are wanted.</param>
public sealed class Symbolizer(SymbolizerOptions options, JitDumps jitDumps, EmbeddedSymbols? embedded = null) : IDisposable
{
    /// <summary>What an inlined function is called whose name the debug information does not give.</summary>
    private const string UnnamedInlined = "[unknown]";

    private readonly WarningList _warnings = new();
    private readonly ShownNames _names = new(options.Names);

    /// <summary>By index of the module; null where nobody asked yet.</summary>
    private readonly List<SymbolTable?> _tables = [];

    /// <summary>Tables of files that other threads read, by index of the module.</summary>
    private readonly Dictionary<int, Task<Loaded>> _loading = [];

    /// <summary>The running kernel's table, which another thread reads.</summary>
    private Task<(KernelList List, List<string> Warnings)>? _kernelLoading;

    /// <summary>The recorded kernel's table, which its modules share.</summary>
    private SymbolTable? _kernel;
    private readonly SourceTable _sources = new(options.Files, embedded);

    /// <summary>By index of a frame that is a whole place: the frames of the functions there, see <see cref="FunctionsAt"/>.</summary>
    private readonly Dictionary<int, int[]> _functionsAt = [];

    /// <summary>Why modules have no names or lines: one line each, in the order in which they were asked for.</summary>
    public IEnumerable<string> Warnings => _warnings.Texts.Concat(_sources.Warnings);

    /// <summary>Index in <see cref="Profile.Functions"/> of a frame's function, which may be one without a name.</summary>
    public int FunctionOf(Profile profile, int frame)
    {
        int function = profile.Frames.FunctionOf(frame);
        if (function == FrameTable.NotLookedUp)
        {
            var place = profile.Frames[frame];
            var symbol = LookUp(profile, place);
            string name = place.JitCode != JitCodeTable.None
                ? _names.OfJitted(symbol.Name)
                : _names.Of(symbol.Name, profile.Modules[place.Module].Kind);
            function = profile.Functions.Intern(new Function(name, place.Module, symbol.Start));
            profile.Frames.SetFunction(frame, function, symbol.IsStart);
        }

        return function;
    }

    /// <summary>
    /// Begins to read the symbols of a file, which can be done before its last frame is known: another thread does it while
    /// this one goes on. Frames are looked up as well without.
    /// </summary>
    /// <param name="profile">The profile.</param>
    /// <param name="module">Index in its module table.</param>
    public void Prepare(Profile profile, int module)
    {
        var prepared = profile.Modules[module];
        if (prepared.Kind == ModuleKind.File && embedded?.Covers(prepared) != true && !_loading.ContainsKey(module)
            && (module >= _tables.Count || _tables[module] is null))
        {
            _loading.Add(module, Task.Run(() => Loaded.By(warn => LoadFile(prepared, warn))));
        }
    }

    /// <summary>Begins to read the kernel's symbols, if the recording may be one of this kernel, as <see cref="Prepare"/> does.</summary>
    public void PrepareKernel()
    {
        if (embedded is null && options.Sources.Kallsyms is null && KernelSymbols.IsRecorded("", options, static _ => { }))
        {
            _kernelLoading ??= Task.Run(static () =>
            {
                List<string> warnings = [];
                return (KernelSymbols.Load(warnings.Add), warnings);
            });
        }
    }

    /// <summary>Looks up every frame.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="progress">Is told the number of frames that were looked up.</param>
    public void SymbolizeAll(Profile profile, Action<int>? progress = null)
    {
        for (int frame = 0; frame < profile.Frames.Count; frame++)
        {
            FunctionOf(profile, frame);
            progress?.Invoke(frame);
        }
    }

    /// <summary>
    /// Frames for each of the functions at a frame's address where others were inlined into the one whose code it is: that one
    /// first, the innermost last. Empty where nothing was inlined.
    /// </summary>
    /// <param name="profile">The profile, to whose tables the frames and their functions are added.</param>
    /// <param name="frame">Index of a frame that is a whole place.</param>
    public ReadOnlySpan<int> FunctionsAt(Profile profile, int frame)
    {
        if (!_functionsAt.TryGetValue(frame, out int[]? frames))
        {
            var sources = _sources.Find(profile, frame);
            frames = sources.Length < 2 ? [] : new int[sources.Length];
            for (int i = 0; i < frames.Length; i++)
            {
                frames[i] = AddLevel(profile, frame, level: i + 1, sources[^(i + 1)].Function);
            }

            _functionsAt.Add(frame, frames);
        }

        return frames;
    }

    /// <summary>
    /// Has another thread find the functions and lines of a frame while samples still come, see
    /// <see cref="FinishSources"/>. They are found as well without.
    /// </summary>
    /// <param name="profile">The profile.</param>
    /// <param name="frame">Index of a frame that is a whole place.</param>
    public void PrepareSource(Profile profile, int frame) => _sources.Prepare(profile, frame);

    /// <summary>Waits for what <see cref="PrepareSource"/> began; to be called before functions at places, or lines, are asked for.</summary>
    public void FinishSources() => _sources.FinishPreparations();

    /// <summary>
    /// The source line of a frame, or null where none is known: of a whole place the line that runs, of a function there into
    /// which another one was inlined the line of that call.
    /// </summary>
    public SourceLine? LineOf(Profile profile, int frameIndex)
    {
        var frame = profile.Frames[frameIndex];
        if (frame.JitCode != JitCodeTable.None)
        {
            return jitDumps.LineOf(frame.JitCode, frame.LookupAddress);
        }

        int place = frame.InlineLevel == Frame.WholePlace
            ? frameIndex
            : profile.Frames.Intern(frame with { InlineLevel = Frame.WholePlace });
        var sources = _sources.Find(profile, place);
        int index = frame.InlineLevel == Frame.WholePlace ? 0 : sources.Length - frame.InlineLevel;
        return index >= 0 && index < sources.Length && sources[index] is { File.Length: > 0 } source
            ? new SourceLine(source.File, (int)Math.Min(source.Line, int.MaxValue))
            {
                FunctionLine = (int)Math.Min(source.FirstLine, int.MaxValue),
            }
            : null;
    }

    /// <summary>All that is known of a frame that is a whole place, to be embedded into the recording; null if that is nothing.</summary>
    /// <param name="profile">A profile whose frames were all looked up.</param>
    /// <param name="frame">Index of the frame.</param>
    /// <param name="module">The module's index among those that are embedded.</param>
    public EmbeddedPlace? ToEmbed(Profile profile, int frame, int module)
    {
        var (place, sources) = (profile.Frames[frame], _sources.Find(profile, frame));
        var symbol = LookUp(profile, place);
        return symbol.Name.Length != 0 || sources.Length != 0
            ? new EmbeddedPlace(module, place.Address, place.IsReturnAddress, symbol.IsStart, symbol.Name, symbol.Start, sources)
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _sources.Dispose();

    /// <summary>Adds the frame of one of the functions at a place.</summary>
    private int AddLevel(Profile profile, int place, int level, string name)
    {
        int frame = profile.Frames.Intern(profile.Frames[place] with { InlineLevel = (ushort)Math.Min(level, ushort.MaxValue) });
        int function = FunctionOf(profile, place);
        if (level == 1)
        {
            profile.Frames.SetFunction(frame, function, profile.Frames.IsStart(place));
        }
        else
        {
            int module = profile.Frames[place].Module;
            string shown = name.Length == 0 ? UnnamedInlined : _names.Of(name, profile.Modules[module].Kind);
            profile.Frames.SetFunction(frame, profile.Functions.Intern(
                new Function(shown, module, Start: 0) { IsInlined = true }));
        }

        return frame;
    }

    /// <summary>Finds the symbol of a whole place: its name is as the file has it, and empty where there is none.</summary>
    private FoundSymbol LookUp(Profile profile, in Frame frame)
    {
        if (frame.JitCode != JitCodeTable.None)
        {
            return new FoundSymbol(jitDumps.NameOf(frame.JitCode), jitDumps.BlockOf(frame.JitCode).Start, IsStart: false);
        }

        if (embedded?.TryFind(profile, frame, out var place) == true && place.Name.Length != 0)
        {
            return new FoundSymbol(place.Name, place.Start, place.IsStart);
        }

        var table = TableOf(profile, frame.Module);
        int symbol = table.Find(frame.LookupAddress);
        if (symbol < 0)
        {
            return new FoundSymbol("", frame.Address, table.Starts?.Contains(frame.LookupAddress) == true);
        }

        string name = table.NameOf(symbol);
        return new FoundSymbol(
            name, table.StartOf(symbol), table.Starts?.Contains(name, frame.LookupAddress, frame.IsReturnAddress) == true);
    }

    private SymbolTable TableOf(Profile profile, int module)
    {
        while (_tables.Count <= module)
        {
            _tables.Add(null);
        }

        if (_tables[module] is not { } table)
        {
            table = Load(profile, module);
            _tables[module] = table;
            profile.UnnamedReasons[module] = table.Reason;
        }

        return table;
    }

    /// <summary>Reads a module's table here, unless another thread does.</summary>
    private SymbolTable Load(Profile profile, int index)
    {
        if (_loading.Remove(index, out var loading))
        {
            return Take(loading);
        }

        var module = profile.Modules[index];
        return module.Kind switch
        {
            ModuleKind.File => LoadFile(module, embedded?.Covers(module) == true ? static _ => { } : _warnings.Add),
            ModuleKind.Kernel or ModuleKind.KernelModule => _kernel ??= LoadKernel(profile),
            ModuleKind.Vdso => VdsoSymbols.Load(module, _warnings.Add),
            ModuleKind.Jit => PerfMapSymbols.Load(module, options, _warnings.Add),
            ModuleKind.Memory => SymbolTable.Empty(UnnamedReason.NoMap),
            _ => SymbolTable.Empty(UnnamedReason.NotMapped),
        };
    }

    private SymbolTable LoadKernel(Profile profile)
    {
        if (options.Sources.Kallsyms is { } given)
        {
            return KernelSymbols.Load(given, _warnings.Add).At(profile.KernelReference);
        }

        List<string> reasons = [];
        string buildId = KernelBuildId(profile);
        if (KernelSymbols.IsRecorded(buildId, options, reasons.Add))
        {
            return LoadRunningKernel().At(profile.KernelReference);
        }

        if (options.BuildIds.FileOf(buildId, BuildIdCache.KallsymsName) is { } cached)
        {
            return KernelSymbols.Load(cached, _warnings.Add).At(profile.KernelReference);
        }

        reasons.ForEach(_warnings.Add);
        return SymbolTable.Empty(UnnamedReason.OtherKernel);
    }

    private KernelList LoadRunningKernel()
    {
        if (_kernelLoading is null)
        {
            return KernelSymbols.Load(_warnings.Add);
        }

        var (list, warnings) = _kernelLoading.GetAwaiter().GetResult();
        warnings.ForEach(_warnings.Add);
        return list;
    }

    /// <summary>Waits for a table that another thread reads.</summary>
    private SymbolTable Take(Task<Loaded> loading)
    {
        var (table, warnings) = loading.GetAwaiter().GetResult(); // throws what it met, not what gathers that
        foreach (string warning in warnings)
        {
            _warnings.Add(warning);
        }

        return table;
    }

    private SymbolTable LoadFile(Module module, Action<string> warn)
    {
        using var file = options.Files.TryOpen(module, out var problem);
        if (file is null)
        {
            warn(problem.Text);
            return SymbolTable.Empty(problem.Reason);
        }

        using var debug = file.Elf.Has(DebugContent.Symbols) ? null : options.Files.TryOpenDebug(file, DebugContent.Symbols);
        var table = Read(file.Elf, debug?.Elf, warn);
        if (debug is null && !file.Elf.Has(DebugContent.Symbols) && table.Reason == UnnamedReason.NotInTable)
        {
            table.Reason = UnnamedReason.Stripped;
        }

        return table;
    }

    private SymbolTable Read(ElfFile file, ElfFile? debug, Action<string> warn)
    {
        try
        {
            return ElfSymbols.Read(file, debug, options.Names);
        }
        catch (Exception e) when (e is ParseException or IOException)
        {
            // A damaged debug file costs what it would have added, not the file's own names.
            warn(e.Message);
            return debug is null ? SymbolTable.Empty(UnnamedReason.Unreadable) : Read(file, debug: null, warn);
        }
    }

    /// <summary>The list that names modules of the kernel is the kernel's, and so is the build-id that matters.</summary>
    private string KernelBuildId(Profile profile)
    {
        for (int i = 0; i < profile.Modules.Count; i++)
        {
            if (profile.Modules[i] is { Kind: ModuleKind.Kernel, BuildId: { Length: > 0 } buildId })
            {
                return buildId;
            }
        }

        return options.RecordedBuildId("[kernel.kallsyms]");
    }

    /// <summary>What names a place.</summary>
    /// <param name="Name">As the file has it; empty for nothing.</param>
    /// <param name="Start">The symbol's first address; the place itself where nothing names it.</param>
    /// <param name="IsStart">True if programs or threads begin there.</param>
    private readonly record struct FoundSymbol(string Name, ulong Start, bool IsStart);

    /// <summary>A table, and why it lacks names.</summary>
    private readonly record struct Loaded(SymbolTable Table, IReadOnlyList<string> Warnings)
    {
        public static Loaded By(Func<Action<string>, SymbolTable> load)
        {
            List<string> warnings = [];
            return new Loaded(load(warnings.Add), warnings);
        }
    }
}
