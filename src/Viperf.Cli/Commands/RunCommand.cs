using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Linux;
using Viperf.Core.Pipeline;
using Viperf.Core.Python;
using Viperf.Core.Recording;
using Viperf.Core.Views;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf run</c>: records a Python program and answers where its time went.</summary>
internal static class RunCommand
{
    private const string Name = "run";

    /// <summary>Not a round number, so that samples do not beat with what programs do a hundred times a second.</summary>
    private const uint DefaultFrequency = 999;

    /// <summary>Python's name for a script that comes from the standard input.</summary>
    private const string StandardInput = "-";

    private static readonly Option<string?> s_python = PythonOption.Create("capture");
    private static readonly Option<string?> s_mode = ModeOption.Create();
    private static readonly Option<bool> s_async = PythonOption.CreateAsync();
    private static readonly StacksOption s_stacks = new(StackMode.Python);

    private static readonly Option<string?> s_interpreter = new("--interpreter")
    {
        Description = "The interpreter (default the virtual environment's, else python3)",
        HelpName = "PYTHON",
    };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "Where the recording goes (default perf.data; an older one becomes FILE.old)",
        HelpName = "FILE",
        DefaultValueFactory = _ => "perf.data",
    };

    private static readonly Option<string?> s_frequency = new("--freq", "-F")
    {
        Description = $"Samples a second, or max (default {DefaultFrequency})",
        HelpName = "N|max",
    };

    private static readonly Option<bool> s_embedSymbols = new("--embed-symbols")
    {
        Description = "Put the names that the recording needs into it (the default; --no-embed-symbols: look for them when it is read)",
        DefaultValueFactory = _ => true,
    };

    private static readonly TerminalOption s_module = new("-m")
    {
        Description = "Run a module; what follows are its arguments",
        HelpName = "MODULE",
    };

    private static readonly TerminalOption s_code = new("-c")
    {
        Description = "Run a line of Python; what follows are its arguments",
        HelpName = "CODE",
    };

    private static readonly Argument<string[]> s_program = new("SCRIPT")
    {
        Description = "The program and its arguments",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            Name,
            "Run a Python program and show where its time goes.",
            "[OPTIONS] SCRIPT|-m MODULE|-c CODE [ARGUMENTS]",
            "app.py --verbose",
            "-m pytest tests",
            "--interpreter .venv/bin/python -o app.data app.py")
        {
            s_interpreter, s_python, s_mode, s_async, s_stacks.Option, s_output, s_frequency, s_embedSymbols,
        };
        foreach (var option in RunPage.Options.Append(s_module).Append(s_code))
        {
            command.Options.Add(option);
        }

        command.Arguments.Add(s_program);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        StopSignals.StopIgnoring(); // the interpreter is asked before the recording listens
        string[] program = ProgramOf(options);
        var clock = ModeOption.Parse(options.GetValue(s_mode));
        var support = ModeOption.SupportFor(clock, options.GetValue(s_python), PythonSupport.Capture);
        bool followsTasks = PythonOption.ReadAsync(options.GetValue(s_async), support);
        var python = PythonInterpreter.Find(options.GetValue(s_interpreter));
        var stacks = s_stacks.Read(options);
        string output = options.GetValue(s_output)!;
        if (output == "-")
        {
            throw new UserErrorException("-o -: standard output is the program's own; name a file", OptionGrammar.UsageError);
        }

        var page = RunPage.Read(options, output);
        var plan = RecordingPlan.For(python, support);
        using var session = PythonSession.Begin(support, writesJitDump: false);
        var problems = new List<string>();
        using var unwinder = CallchainRewriter.ForLive(
            problems.Add, support == PythonSupport.Capture ? CapturedFiles.Prepare(output) : null, clock);
        var result = Recorder.Run(new RecordOptions
        {
            Command = [python.Path, .. plan.Options, .. program],
            Environment = session.Environment,
            WatchesAgent = session.HasAgent,
            // Time, not cycles: the answer is in seconds.
            Events = EventParser.Parse("cpu-clock"),
            Frequency = SampleRate.Parse(options.GetValue(s_frequency)) ?? DefaultFrequency,
            CallGraph = true,
            StackDump = RecordOptions.LargestStackDump,
            FitsStackDump = support == PythonSupport.Capture,
            FramePointersToo = plan.HasFramePointers,
            MaxStack = Recorder.StackLimit(),
            LiveRecords = unwinder,
            Capture = unwinder.Capture?.Options(session.CaptureSocket, followsTasks),
            ClockId = SystemClock.Monotonic, // jitdumps have its times
            OutputPath = output,
            CommandLine = Environment.GetCommandLineArgs(),
            Notice = line => Messages.Say(Name, line),
        });
        unwinder.Capture?.WriteFiles();
        IEnumerable<string?> said = [.. problems, result.LeftOut, .. result.CaptureProblems, .. session.ReadNotes()];
        Messages.SayAll(Name, said.Append(unwinder.Capture?.Losses(few: false)).Append(result.NativeAlone).OfType<string>().Distinct());
        Answer(result, python, support, clock, stacks, options.GetValue(s_embedSymbols), page);
        return result.ExitCode;
    }

    /// <summary>What counts as waiting: with the GIL as the clock, who has it does not wait, whether or not he runs.</summary>
    private static Predicate<WaitKind>? WaitsOf(CaptureClock clock) => clock switch
    {
        CaptureClock.Wall => static kind => kind != WaitKind.None,
        CaptureClock.Gil => static kind => kind == WaitKind.Gil,
        _ => null,
    };

    private static string[] ProgramOf(ParseResult options)
    {
        string[] arguments = options.GetValue(s_program) ?? [];
        if (options.GetValue(s_module) is { } module)
        {
            return ["-m", module, .. arguments];
        }

        if (options.GetValue(s_code) is { } code)
        {
            return ["-c", code, .. arguments];
        }

        if (arguments.Length == 0)
        {
            throw new UserErrorException("nothing to run: name a script, -m MODULE or -c CODE", OptionGrammar.UsageError);
        }

        string script = arguments[0];
        if (script != StandardInput && !Directory.Exists(script))
        {
            try
            {
                File.OpenHandle(script).Dispose();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new UserErrorException(
                    $"cannot open {script}: {(File.Exists(script) ? "it may not be read" : "no such file")}",
                    OptionGrammar.UsageError);
            }
        }

        return arguments;
    }

    private static void Answer(
        RecordResult result, PythonInterpreter python, PythonSupport support, CaptureClock clock, StackMode mode, bool embedSymbols,
        RunPage? page)
    {
        WaitTimes? waits;
        HotFunctions functions;
        StackQuality stacks;
        bool namesPython;
        string? nameless = null;
        using (var progress = new Progress(Name, $"reading {result.Path}"))
        {
            using var recording = RecordingFile.Open(result.Path);
            progress.Follow(recording);
            var profile = recording.Load(
                new ConverterOptions { KeepSeries = page is not null },
                inlines: embedSymbols || page is not null || mode != StackMode.Python);
            stacks = StackQuality.Of(profile);
            if (embedSymbols)
            {
                EmbeddingNames.Try(() => NameEmbedding.Embed(recording), problem => nameless = problem);
            }

            namesPython = recording.HasPythonFunctions();
            bool showsPython = namesPython && mode == StackMode.Python;
            var places = showsPython || page is not null ? recording.FindSourcePlaces(native: page is not null) : null;
            page = profile.Samples.Count > 0 ? page : null;
            if (page is not null)
            {
                progress.Follow("making the page");
                page.Make(recording, places!);
            }

            recording.Fold(namesPython ? mode : StackMode.Native);
            functions = places is null || !showsPython
                ? HotFunctions.OfAll(profile)
                : HotFunctions.OfPython(profile, lineOf: frame => places.Of(frame)?.Line ?? 0, waits: WaitsOf(clock));
            waits = clock == CaptureClock.Cpu ? null : WaitTimes.Of(profile);
        }

        if (nameless is not null)
        {
            Messages.Say(Name, nameless);
        }

        if (page?.TryWrite() is { } problem)
        {
            Messages.Say(Name, problem);
            page = null;
        }

        var answer = RunAnswer.ToStandardError();
        if (waits is null)
        {
            answer.WriteTotals(result.Duration, functions, result.Lost);
        }
        else
        {
            answer.WriteWaits(result.Duration, functions, waits, isGil: clock == CaptureClock.Gil, result.Lost);
        }

        if (functions.Functions.Count > 0)
        {
            answer.WriteFunctions(functions, waits is null ? null : clock == CaptureClock.Gil ? "GIL wait" : "not running");
        }

        if (!namesPython && support == PythonSupport.BuiltIn && !python.HasPerfSupport)
        {
            answer.WriteLine(
                $"No Python functions: {python.Title} does not name them to profilers by itself, CPython 3.12 "
                + "and later do: with --python auto viperf's agent does; these are the native ones");
        }
        else if (!namesPython)
        {
            answer.WriteLine("No sample shows a Python function; these are the native ones");
        }
        else if (functions.SamplesWithout > 0)
        {
            answer.WriteHidden(functions, stacks.Complete == stacks.Samples
                ? "the interpreter's start and end, or other programs that it started"
                : "the interpreter's start and end, other programs that it started, or stacks that are not complete");
        }

        if (stacks.Complete < stacks.Samples)
        {
            answer.WriteLine($"Stacks: {StackText.Summary(stacks)}");
        }

        string byLine = functions.Functions.Any(static function => function.HottestLine.Line > 0)
            ? $"; for lines: viperf annotate -i {result.Path} FUNCTION"
            : "";
        answer.WriteLine($"The recording is {result.Path}; for all of it: viperf report -g -i {result.Path}{byLine}");
        page?.Show(answer);
    }
}
