using System.Collections.Concurrent;
using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Core.Python;
using Viperf.Core.Symbols;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>A recording opened for reading, and what comes out of it: a profile, and a symbolizer for its names.</summary>
public sealed class RecordingFile : IDisposable
{
    private const string StandardInput = "-";

    private readonly SymbolizerOptions _options;
    private readonly List<string> _warnings = [];
    private readonly ConcurrentQueue<string> _fileWarnings = [];

    /// <summary>What is being done, and if it is not reading, how many frames of how many it is done with.</summary>
    private volatile string _activity = "reading";
    private volatile int _framesDone;
    private volatile int _frames;

    /// <summary>Knows the roles of frames as they were before they got other names; null before the first folding.</summary>
    private StackFolding? _folding;

    private RecordingFile(string path, PerfDataReader reader, SymbolSources sources, NameOptions names)
    {
        Path = path;
        Reader = reader;
        Owner = path == StandardInput ? null : NoFollowFile.OwnerOf(path);
        var buildIds = BuildIdsOf(reader); // of a pipe, which tells them last, none
        _options = new SymbolizerOptions
        {
            KernelRelease = reader.Features.OsRelease,
            RecordingOwner = Owner,
            IsThisMachine = reader.Features.HostName == Environment.MachineName,
            RecordedBuildId = file => buildIds.GetValueOrDefault(file, ""),
            Sources = sources,
            Names = names,
            Servers = sources.AsksServers ? Debuginfod.OfEnvironment(sources.Progress) : null,
            Warn = WarnFromThread,
        };
        var embedded = sources.AreUsual ? NameEmbedding.Read(reader, path, Warn) : null;
        JitDumps = new JitDumps(Profile, _options, embedded);
        Symbolizer = new Symbolizer(_options, JitDumps, embedded);
        foreach (var source in reader.Events)
        {
            Profile.Events.Add(new ProfileEvent(source.Name, IsClock(source.Attr))
            {
                HasCallChains = source.Layout.Has(SampleFormat.PERF_SAMPLE_CALLCHAIN | SampleFormat.PERF_SAMPLE_STACK_USER),
                StackDump = source.Attr.sample_stack_user,
                MaxStack = source.Attr.sample_max_stack,
            });
        }
    }

    /// <summary>The file's path, "-" for the standard input.</summary>
    public string Path { get; }

    /// <summary>The user that the file belongs to; null where nobody says.</summary>
    public uint? Owner { get; }

    /// <summary>The file's events, header features and warnings.</summary>
    public PerfDataReader Reader { get; }

    /// <summary>What was read; complete once <see cref="Read"/> or <see cref="Load"/> returned.</summary>
    public Profile Profile { get; } = new();

    /// <summary>Names the profile's frames.</summary>
    public Symbolizer Symbolizer { get; }

    /// <summary>The profile's jitted code.</summary>
    internal JitDumps JitDumps { get; }

    /// <summary>What was wrong with the recording or kept names away, one line each.</summary>
    public IEnumerable<string> Warnings =>
        Reader.Warnings.Concat(_warnings).Concat(Symbolizer.Warnings).Concat(_fileWarnings)
            .Concat(_options.Servers?.Warnings ?? []).Concat(JitDumps.Warnings).Distinct();

    /// <summary>What the recording says of where it was made; of a pipe, what it has said so far.</summary>
    public RecordingFacts Facts => new()
    {
        CommandLine = Reader.Features.CommandLine,
        HostName = Reader.Features.HostName,
        KernelRelease = Reader.Features.OsRelease,
        Architecture = Reader.Features.Arch,
        Processor = Reader.Features.CpuDescription,
        Cpus = (int?)Reader.Features.CpusOnline,
        Memory = Reader.Features.TotalMemory * 1024, // the header has KiB
        RecorderVersion = Reader.Features.Version,
        Written = Path == StandardInput ? null : File.GetLastWriteTimeUtc(Path),
        Frequency = Reader.Events is [{ Attr: var attr }, ..] && attr.flags.HasFlag(AttrFlags.freq) ? attr.sample_period : 0,
    };

    /// <summary>
    /// What is being done with the recording, and the part of it that is done, from 0 to 1, where that is known. Other threads may ask.
    /// </summary>
    public (string What, double? Share) Activity => (
        $"{_activity} {Path}", _frames > 0 ? Math.Min(1, (double)_framesDone / _frames) : Reader.ShareRead);

    /// <summary>Opens a recording; "-" reads one in pipe form from the standard input.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="sources">Where to look for symbols; null for the usual places.</param>
    /// <param name="names">How functions are called; null for perf's way.</param>
    /// <exception cref="UserErrorException">The file is not there, may not be read, or is no recording.</exception>
    public static RecordingFile Open(string path, SymbolSources? sources = null, NameOptions? names = null)
    {
        try
        {
            var left = new List<string>();
            if (path != StandardInput)
            {
                CapturedFiles.Finish(path, left.Add);
            }

            var recording = new RecordingFile(path, path == StandardInput
                ? PerfDataReader.OpenPipe(Console.OpenStandardInput(), "standard input", new ZstdDecompressor())
                : OpenPath(path), sources ?? SymbolSources.Usual, names ?? NameOptions.Default);
            recording._warnings.AddRange(left);
            return recording;
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"failed to open {path}: no such file (make one with: viperf record COMMAND)");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"failed to open {path}: {Errno.Text(problem)}");
        }
        catch (ParseException problem)
        {
            throw new UserErrorException(problem.Message);
        }
    }

    /// <summary>Reads all records and hands each sample to <paramref name="sink"/>, in the order of time.</summary>
    public void Read(ISampleSink sink, ConverterOptions options) => ReadAll(sink, options, sources: false);

    private void ReadAll(ISampleSink sink, ConverterOptions options, bool sources)
    {
        var jitCode = new JitCodeFinder(JitDumps);
        var machine = Machines.OfArchitecture(Reader.Features.Arch);
        var jitted = new JittedCode(Profile, machine, JitDumps, _options, isLive: false, Warn);
        using var unwinder = ProcessUnwinder.For(Profile, machine, _options.Files, jitted, Warn);
        if (Reader.Events.Any(static source => (source.Attr.flags & AttrFlags.exclude_kernel) == 0))
        {
            Symbolizer.PrepareKernel();
        }

        Reader.ReadAll(new Converter(
            Profile, jitCode, new SymbolPreparation(Profile, Symbolizer, sources, sink), options, unwinder));
        Profile.BadRecords = Reader.BadRecords;
    }

    /// <summary>Makes a rewriter of this recording's samples.</summary>
    /// <exception cref="UserErrorException">It was made on a processor that viperf does not unwind.</exception>
    public CallchainRewriter MakeRewriter() =>
        new(Machines.OfArchitecture(Reader.Features.Arch), _options, isLive: false, Warn);

    /// <summary>Reads all records, sums equal samples up and looks every frame's name up.</summary>
    /// <param name="options">What to read.</param>
    /// <param name="inlines">Whether call chains get frames for inlined functions.</param>
    public Profile Load(ConverterOptions options, bool inlines = true)
    {
        Profile.Series = options.KeepSeries ? new SampleSeries() : null;
        inlines &= Profile.Events.Any(static source => source.HasCallChains);
        ReadAll(new SampleAggregator(Profile), options, sources: inlines);
        Begin("looking up names in");
        Symbolizer.SymbolizeAll(Profile, frame => _framesDone = frame);
        if (inlines)
        {
            InlineExpansion.Apply(Profile, Symbolizer);
        }

        return Profile;
    }

    /// <summary>True if a Python function is among those of a profile that <see cref="Load"/> returned.</summary>
    public bool HasPythonFunctions() =>
        Enumerable.Range(0, Profile.Functions.Count).Any(index => PythonSymbol.TryParse(Profile.Functions[index].Name, out _));

    /// <summary>True if Python's code is known by trampolines alone, which have no lines but those that functions begin at.</summary>
    public bool HasTrampolinesAlone()
    {
        var python = Enumerable.Range(0, Profile.Frames.Count).Where(frame => Profile.Frames.FunctionOf(frame) is >= 0 and var function
            && (PythonSymbol.TryParse(Profile.Functions[function].Name, out _)
                || Profile.Modules[Profile.Functions[function].Module].Kind == ModuleKind.PythonSource));
        return python.Any() && python.All(frame => Profile.Modules[Profile.Frames[frame].Module].Kind == ModuleKind.Jit);
    }

    /// <summary>
    /// A frame's line, or null where none is known; of Python functions as folding shows them in the file as people know it.
    /// </summary>
    public SourceLine? SourceLineOf(int frame)
    {
        var line = Symbolizer.LineOf(Profile, frame);
        var module = Profile.Modules[Profile.Functions[Symbolizer.FunctionOf(Profile, frame)].Module];
        return module.Kind == ModuleKind.PythonSource ? line.GetValueOrDefault() is { Path.Length: > 0 } known
            ? known with { FileName = module.Name } : null : line;
    }

    /// <summary>Where the frames of a profile that <see cref="Load"/> returned are in the source. To be asked before folding.</summary>
    /// <param name="native">Whether native code's too.</param>
    public CodePlaces FindSourcePlaces(bool native)
    {
        Begin("looking up lines in");
        return new SourcePlaces(Profile, Symbolizer, NewSourcePaths()).Find(native, frames => _framesDone = frames);
    }

    /// <summary>
    /// Folds the stacks of a profile that <see cref="Load"/> returned. Whether they are complete is to be judged before.
    /// </summary>
    public void Fold(StackMode mode)
    {
        if (mode == StackMode.Native)
        {
            return;
        }

        var folding = _folding ??= NewFolding();
        Profile.Restack(folding.Append);
        if (mode == StackMode.Python)
        {
            Profile.Restack(folding.AppendPython);
        }
    }

    /// <summary>
    /// What folding makes of the stacks of a profile that <see cref="Load"/> returned, in all modes beside each other. The profile's
    /// own stacks stay as they are, but frames of Python functions get the names that people know them by.
    /// </summary>
    public FoldedStacks FoldInAllModes() => new(Profile.Stacks, _folding ??= NewFolding());

    /// <summary>Folds the stacks of samples that are taken one by one; <see langword="null"/> if they are shown as they are.</summary>
    /// <param name="mode">How.</param>
    /// <param name="inlines">Whether stacks get frames for inlined functions.</param>
    public SampleFolding? FoldingOf(StackMode mode, bool inlines) =>
        mode == StackMode.Native ? null : new SampleFolding(Profile, Symbolizer, NewFolding(), inlines, mode);

    /// <inheritdoc/>
    public void Dispose()
    {
        Symbolizer.Dispose();
        JitDumps.Dispose();
        Reader.Dispose();
        _options.Servers?.Dispose();
    }

    /// <summary>The header's build-ids by path. Before Linux 5.12 shorter ones were filled up with zeros to 20 bytes.</summary>
    private static Dictionary<string, string> BuildIdsOf(PerfDataReader reader)
    {
        Dictionary<string, string> buildIds = [];
        foreach (var entry in reader.Features.BuildIds)
        {
            var bytes = entry.BuildId.Span;
            buildIds[entry.FileName] = Convert.ToHexStringLower(bytes.EndsWith("\0\0\0\0"u8) ? bytes.TrimEnd((byte)0) : bytes);
        }

        return buildIds;
    }

    private static PerfDataReader OpenPath(string path)
    {
        if (Directory.Exists(path))
        {
            throw new UserErrorException($"{path} is a directory, as perf record --threads makes: only files are read");
        }

        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            _ = RandomAccess.GetLength(handle);
        }
        catch (NotSupportedException)
        {
            // A named pipe, or a shell's <(command): it can only be read from front to back.
            return PerfDataReader.OpenPipe(
                new FileStream(handle, FileAccess.Read, bufferSize: 0), path, new ZstdDecompressor());
        }

        return PerfDataReader.Open(new FileSource(handle, path), new ZstdDecompressor());
    }

    private void Begin(string activity) => (_framesDone, _frames, _activity) = (0, Profile.Frames.Count, activity);

    private StackFolding NewFolding() => new(Profile, Symbolizer, NewSourcePaths());

    private SourcePaths NewSourcePaths() => new(Reader.Features.CommandLine, Environment.CurrentDirectory);

    private void WarnFromThread(string message) => _fileWarnings.Enqueue(message);

    private void Warn(string message)
    {
        if (message.Length > 0)
        {
            _warnings.Add(message);
        }
    }

    private static bool IsClock(in PerfEventAttr attr) =>
        attr.type == PerfEventKind.PERF_TYPE_SOFTWARE && attr.config is 0 or 1; // cpu-clock, task-clock
}
