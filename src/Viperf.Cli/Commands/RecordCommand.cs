using System.CommandLine;
using System.Globalization;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Linux;
using Viperf.Core.Pipeline;
using Viperf.Core.Python;
using Viperf.Core.Recording;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf record</c>: runs a command, or attaches to what runs, and samples it into a perf.data file.</summary>
internal static class RecordCommand
{
    private static readonly Option<string?> s_frequency = new("--freq", "-F")
    {
        Description = "Samples a second on each CPU, or max (default 4000)",
        HelpName = "N|max",
    };

    private static readonly Option<string?> s_period = new("--count", "-c")
    {
        Description = "Events between two samples, in place of a frequency",
        HelpName = "N",
    };

    private static readonly Option<string[]> s_events = new("--event", "-e")
    {
        Description = "Events, with modifiers such as :u, and commas between them (default cycles)",
        HelpName = "EVENT",
    };

    private static readonly Option<bool> s_stacks = new("-g")
    {
        Description = "Record call chains, by frame pointers unless --call-graph says otherwise",
    };

    private static readonly Option<string?> s_callGraph = new("--call-graph")
    {
        Description = "How to record call chains: by frame pointers (fp, at most so many frames), or by unwinding "
            + $"a copy of the stack's top (dwarf, so many bytes: default {CallGraphMode.DefaultStackDump}, at most "
            + $"{RecordOptions.LargestStackDump}), when --unwind says",
        HelpName = CallGraphMode.Grammar,
    };

    private static readonly Option<string?> s_unwind = new("--unwind")
    {
        Description = "When --call-graph dwarf unwinds: live, while it records, so that the file gets call chains alone "
            + "(default); post puts the copies of stacks into the file, for later; none takes no copies, so that stacks "
            + "are their leaf and the kernel's frames",
        HelpName = "live|post|none",
    };

    private static readonly Option<string?> s_python = PythonOption.Create("auto, but off with -p, -t, -a and -C");
    private static readonly Option<bool> s_async = PythonOption.CreateAsync();

    /// <summary>The event that samples CPU time.</summary>
    private const string Clock = "cpu-clock";

    private static readonly Option<string?> s_mode = ModeOption.Create();

    private static readonly Option<string?> s_output = new("--output", "-o")
    {
        Description = "The file to write (default perf.data; an older one becomes FILE.old); - for standard output",
        HelpName = "FILE",
    };

    private static readonly Option<string?> s_clock = new("--clockid", "-k")
    {
        Description = "Clock of the time stamps: monotonic, monotonic_raw, realtime, boottime, tai or a number (default "
            + "the scheduler's; with --call-graph dwarf monotonic, which jitdumps have)",
        HelpName = "CLOCK",
    };

    private static readonly Option<string?> s_ring = new("--mmap-pages", "-m")
    {
        Description = "Size of each CPU's ring, in pages, or in bytes with B, K, M or G",
        HelpName = "PAGES",
    };

    private static readonly Option<string?> s_pids = new("--pid", "-p")
    {
        Description = "Record these processes, which run already",
        HelpName = "PID,...",
    };

    private static readonly Option<string?> s_tids = new("--tid", "-t")
    {
        Description = "Record these threads, which run already",
        HelpName = "TID,...",
    };

    private static readonly Option<bool> s_allCpus = new("--all-cpus", "-a") { Description = "Record all that runs" };

    private static readonly Option<string?> s_cpus = new("--cpu", "-C")
    {
        Description = "Record all that runs on these CPUs",
        HelpName = "0,2-4",
    };

    private static readonly Option<string?> s_delay = new("--delay", "-D")
    {
        Description = "Milliseconds to wait before samples are taken; -1 takes none",
        HelpName = "MS",
    };

    private static readonly Option<bool> s_noInherit = new("--no-inherit", "-i")
    {
        Description = "Leave out threads and processes that the target starts",
    };

    private static readonly Option<bool> s_userCallchains = new("--user-callchains")
    {
        Description = "Leave the kernel's part out of call chains",
    };

    private static readonly Option<bool> s_kernelCallchains = new("--kernel-callchains")
    {
        Description = "Leave the user's part out of call chains",
    };

    private static readonly Option<bool> s_allUser = new("--all-user") { Description = "Take no samples in the kernel" };

    private static readonly Option<bool> s_allKernel = new("--all-kernel") { Description = "Take no samples in user space" };

    private static readonly Option<bool> s_addresses = new("--data", "-d")
    {
        Description = "Record the data addresses of samples",
    };

    private static readonly Option<bool> s_sampleCpu = new("--sample-cpu") { Description = "Record the CPU of each sample" };

    private static readonly Option<bool> s_noBuildIds = new("--no-buildid", "-B")
    {
        Description = "Record no build-ids of files",
    };

    private static readonly Option<bool> s_noBuildIdCache = new("--no-buildid-cache", "-N")
    {
        Description = "Keep no copies of files by their build-ids (viperf never does)",
    };

    private static readonly Option<bool> s_noBpfEvents = new("--no-bpf-event")
    {
        Description = "Record no loading of BPF programs",
    };

    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "Say nothing but errors" };

    private static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Say how events were opened" };

    /// <summary>Periods and time stamps are always recorded; perf's switches for them change nothing.</summary>
    private static readonly Option<bool>[] s_alwaysOn =
    [
        new("--period", "-P") { Description = "Record the sample period (always so)" },
        new("--timestamp", "-T") { Description = "Record time stamps (always so)" },
        new("--buildid-mmap") { Description = "Record build-ids with mappings (always so where the kernel can)" },
    ];

    private static readonly Option<bool> s_embedSymbols = new("--embed-symbols")
    {
        Description = "Put the names that the recording needs into it when it ends, so that viperf shows it the same on any machine",
    };

    private static readonly Argument<string[]> s_program = new("command")
    {
        Description = "The command to run and its arguments",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            "record",
            "Run a command, or attach to what runs, and record samples into perf.data.",
            "[OPTIONS] [--] COMMAND [ARGUMENTS]",
            "-F 9999 -g -o perf.data python -X perf app.py",
            "-g -p 4711 -- sleep 10",
            "-F 99 -a -g -- sleep 10")
        {
            s_frequency, s_period, s_events, s_stacks, s_callGraph, s_unwind, s_python, s_mode, s_async, s_output, s_clock, s_ring, s_pids, s_tids, s_allCpus,
            s_cpus, s_delay, s_noInherit, s_userCallchains, s_kernelCallchains, s_allUser, s_allKernel, s_addresses,
            s_sampleCpu, s_noBuildIds, s_noBuildIdCache, s_noBpfEvents, s_embedSymbols, s_quiet, s_verbose, s_program,
        };
        foreach (var option in s_alwaysOn)
        {
            command.Options.Add(option);
        }

        RefuseTheRest(command);
        command.SetAction(Run);
        return command;
    }

    private static void RefuseTheRest(Command command)
    {
        OptionGrammar.Refuse(
            command,
            "--branch-any", "-b", "--branch-filter", "-j", "--cgroup", "-G", "--intr-regs", "-I", "--no-samples", "-n",
            "--raw-samples", "-R", "--realtime", "-r", "--snapshot", "-S", "--stat", "-s", "--uid", "-u", "--weight", "-W",
            "--compression-level", "-z", "--affinity", "--aio", "--all-cgroups", "--aux-sample", "--buildid-all",
            "--clang-opt", "--clang-path", "--code-page-size", "--control", "--data-page-size", "--debuginfod", "--dry-run",
            "--exclude-perf", "--filter", "--group", "--kcore", "--max-size", "--mmap-flush", "--namespaces",
            "--no-buffering", "--num-thread-synthesize", "--off-cpu", "--off-cpu-thresh", "--overwrite", "--per-thread",
            "--phys-data", "--proc-map-timeout", "--running-time", "--sample-identifier", "--setup-filter",
            "--strict-freq", "--switch-events", "--switch-max-files", "--switch-output", "--switch-output-event",
            "--synth", "--tail-synthesize", "--threads", "--timestamp-boundary", "--timestamp-filename", "--transaction",
            "--user-regs", "--vmlinux");
    }

    private static bool EmbedsSymbols(ParseResult parsed, bool keepsCopies)
    {
        if (!parsed.GetValue(s_embedSymbols))
        {
            return false;
        }

        if (parsed.GetValue(s_output) == "-")
        {
            throw new UserErrorException("--embed-symbols: a pipe has no room for names: name a file with -o", OptionGrammar.UsageError);
        }

        return !keepsCopies
            ? true
            : throw new UserErrorException(
                "--embed-symbols: copies of stacks stay in the file, which only this machine can unwind: "
                    + "use --unwind live, or viperf archive -o FILE afterwards",
                OptionGrammar.UsageError);
    }

    private static int Run(ParseResult parsed)
    {
        bool quiet = parsed.GetValue(s_quiet);
        bool verbose = parsed.GetValue(s_verbose);
        var callGraph = CallGraphMode.Parse(parsed.GetValue(s_callGraph));
        var unwinding = UnwindingOf(parsed.GetValue(s_unwind), callGraph);
        bool embedsSymbols = EmbedsSymbols(parsed, keepsCopies: callGraph is { StackDump: > 0 } && unwinding != Unwinding.Live);
        var problems = new List<string>();
        var clock = ModeOption.Parse(parsed.GetValue(s_mode));
        var support = SupportOf(parsed, clock);
        CheckClock(parsed, clock, unwinding);
        bool followsTasks = PythonOption.ReadAsync(parsed.GetValue(s_async), support);
        string? files = support == PythonSupport.Capture ? CapturedFiles.Prepare(parsed.GetValue(s_output) ?? "perf.data") : null;
        using var unwinder = unwinding == Unwinding.Live ? CallchainRewriter.ForLive(problems.Add, files, clock) : null;
        using var session = PythonSession.Begin(support, writesJitDump: unwinding == Unwinding.Post);
        var result = Recorder.Run(Read(parsed, callGraph, unwinding, unwinder, session, followsTasks, quiet, verbose));
        unwinder?.Capture?.WriteFiles();
        if (embedsSymbols)
        {
            using var progress = new Progress("record", $"reading {result.Path}");
            EmbeddingNames.Try(() => Archive.Run(result.Path, output: null, problems.Add, progress.Follow), problems.Add);
        }

        if (!quiet)
        {
            problems.AddRange([.. result.CaptureProblems, .. session.ReadNotes()]);
            Messages.SayAll("record", problems.Append(unwinder?.Capture?.Losses(few: verbose)).Append(result.NativeAlone).OfType<string>().Distinct());
            if (verbose)
            {
                if (result.StandingNotice is { } standing)
                {
                    Say($"[ {ProgramName.Current} record: {standing} ]");
                }

                Say($"[ {ProgramName.Current} record: Woken up {result.Wakeups} times to write data ]");
            }

            string path = result.Path == "-" ? "to standard output" : result.Path;
            string size = (result.BytesWritten / 1048576.0).ToString("F3", CultureInfo.InvariantCulture);
            Say($"[ {ProgramName.Current} record: Captured and wrote {size} MB {path} ({result.Samples} samples, {result.Lost} lost) ]");
            if (result.NotUnwound > 0)
            {
                Say($"[ {ProgramName.Current} record: {result.NotUnwound} samples not unwound: overload ]");
            }

            if (result.LeftOut is { } leftOut)
            {
                Say($"[ {ProgramName.Current} record: {leftOut} ]");
            }
        }

        return result.ExitCode;
    }

    private static RecordOptions Read(
        ParseResult parsed, CallGraphMode? callGraph, Unwinding unwinding, CallchainRewriter? unwinder, PythonSession session,
        bool followsTasks, bool quiet, bool verbose)
    {
        bool dumps = unwinding is Unwinding.Live or Unwinding.Post;
        if (IsOfProcesses(parsed) && IsOfCpus(parsed))
        {
            throw new UserErrorException("processes (-p, -t) and CPUs (-a, -C) cannot be recorded together", OptionGrammar.UsageError);
        }

        return new RecordOptions
        {
            Command = parsed.GetValue(s_program) ?? [],
            Environment = session.Environment,
            WatchesAgent = session.HasAgent,
            Events = parsed.GetValue(s_events) is not { Length: > 0 } && ModeOption.Parse(parsed.GetValue(s_mode)) != CaptureClock.Cpu
                ? EventParser.Parse(Clock)
                : [.. (parsed.GetValue(s_events) ?? []).SelectMany(EventParser.Parse)],
            Frequency = SampleRate.Parse(parsed.GetValue(s_frequency)),
            Period = ReadPeriod(parsed.GetValue(s_period)),
            CallGraph = parsed.GetValue(s_stacks) || callGraph != null,
            StackDump = dumps ? callGraph!.StackDump : 0,
            LiveRecords = unwinder,
            Capture = unwinder?.Capture?.Options(session.CaptureSocket, followsTasks),
            MaxStack = callGraph?.MaxStack,
            UserCallchains = parsed.GetValue(s_userCallchains),
            KernelCallchains = parsed.GetValue(s_kernelCallchains) || (callGraph?.StackDump > 0 && !dumps),
            AllUser = parsed.GetValue(s_allUser),
            AllKernel = parsed.GetValue(s_allKernel),
            Pids = Numbers(parsed.GetValue(s_pids), "-p") ?? [],
            Tids = Numbers(parsed.GetValue(s_tids), "-t") ?? [],
            SystemWide = parsed.GetValue(s_allCpus),
            Cpus = Numbers(parsed.GetValue(s_cpus), "-C"),
            Inherit = !parsed.GetValue(s_noInherit),
            DelayMilliseconds = ReadDelay(parsed.GetValue(s_delay)),
            ClockId = parsed.GetValue(s_clock) is { } clock ? ClockNames.Parse(clock)
                : callGraph?.StackDump > 0 ? SystemClock.Monotonic : null,
            RingPages = ReadRing(parsed.GetValue(s_ring), quiet),
            Addresses = parsed.GetValue(s_addresses),
            SampleCpu = parsed.GetValue(s_sampleCpu),
            BuildIds = !parsed.GetValue(s_noBuildIds),
            BpfEvents = !parsed.GetValue(s_noBpfEvents),
            OutputPath = parsed.GetValue(s_output) ?? "perf.data",
            CommandLine = Environment.GetCommandLineArgs(),
            Notice = quiet ? null : Say,
            Detail = verbose ? Say : null,
        };
    }

    private static bool IsOfProcesses(ParseResult parsed) =>
        parsed.GetValue(s_pids) != null || parsed.GetValue(s_tids) != null;

    private static bool IsOfCpus(ParseResult parsed) => parsed.GetValue(s_allCpus) || parsed.GetValue(s_cpus) != null;

    /// <summary>
    /// Nothing is done to a command that only tells how long to record, nor for a caller that wants perf, which does nothing
    /// to anybody.
    /// </summary>
    private static PythonSupport SupportOf(ParseResult parsed, CaptureClock clock) => ModeOption.SupportFor(
        clock,
        parsed.GetValue(s_python),
        ProgramName.IsPerf || IsOfProcesses(parsed) || IsOfCpus(parsed) ? PythonSupport.Off : PythonSupport.Auto);

    /// <summary>Time that is not on a CPU adds up with time that is, of threads of a command whose stacks are known.</summary>
    private static void CheckClock(ParseResult parsed, CaptureClock clock, Unwinding unwinding)
    {
        if (clock == CaptureClock.Cpu)
        {
            return;
        }

        string? problem = unwinding != Unwinding.Live ? "give --call-graph dwarf"
            : IsOfProcesses(parsed) || IsOfCpus(parsed) || (parsed.GetValue(s_program) ?? []).Length == 0 ? "give a command, and nothing else to record"
            : parsed.GetValue(s_events) is { Length: > 0 } events && events is not [Clock] ? $"the event can only be {Clock}"
            : null;
        if (problem is not null)
        {
            throw new UserErrorException($"--mode {parsed.GetValue(s_mode)}: {problem}", OptionGrammar.UsageError);
        }
    }

    private static Unwinding UnwindingOf(string? when, CallGraphMode? callGraph) => (when, callGraph) switch
    {
        (null or "live", { StackDump: > 0 }) => Unwinding.Live,
        ("post", { StackDump: > 0 }) => Unwinding.Post,
        ("none", { StackDump: > 0 }) or (null, _) => Unwinding.None,
        ("live" or "post" or "none", _) => throw new UserErrorException(
            $"--unwind {when}: there is nothing to unwind without --call-graph dwarf", OptionGrammar.UsageError),
        _ => throw new UserErrorException($"--unwind {when}: give live, post or none", OptionGrammar.UsageError),
    };

    private static ulong? ReadPeriod(string? text) => text == null ? null
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong period) && period > 0
            ? period
            : throw new UserErrorException($"-c {text}: give a number of events", OptionGrammar.UsageError);

    private static int? ReadDelay(string? text) => text == null ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int delay) && delay >= -1
            ? delay
            : throw new UserErrorException($"-D {text}: give milliseconds, or -1", OptionGrammar.UsageError);

    private static int? ReadRing(string? text, bool quiet)
    {
        if (text == null)
        {
            return null;
        }

        int pages = RingPages.Parse(text, Environment.SystemPageSize, out bool rounded);
        if (rounded && !quiet)
        {
            Say($"rounding mmap pages size to {pages} pages: it must be a power of two");
        }

        return pages;
    }

    private static IReadOnlyList<int>? Numbers(string? list, string option) =>
        FilterLists.Numbers(list, option) is { } numbers ? [.. numbers.Order()] : null;

    private static void Say(string message) => Console.Error.WriteLine(message);

    /// <summary>When stacks are unwound from their copies.</summary>
    private enum Unwinding
    {
        /// <summary>Never: there are no copies.</summary>
        None,

        /// <summary>While they are recorded.</summary>
        Live,

        /// <summary>When the recording is read.</summary>
        Post,
    }
}
