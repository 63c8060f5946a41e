using System.CommandLine;
using System.Globalization;
using Viperf.Cli.Options;
using Viperf.Core;
using Viperf.Core.Recording;

namespace Viperf.Cli.Commands;

/// <summary><c>record</c>: runs a command, or attaches to what runs, and samples it into a perf.data file.</summary>
internal static class RecordCommand
{
    private static readonly Option<string?> Frequency = new("--freq", "-F")
    {
        Description = "samples a second on each CPU, or 'max' (default 4000)",
        HelpName = "N|max",
    };

    private static readonly Option<string?> Period = new("--count", "-c")
    {
        Description = "events between two samples, in place of a frequency",
        HelpName = "N",
    };

    private static readonly Option<string[]> Events = new("--event", "-e")
    {
        Description = "events, with modifiers such as :u, and commas between them (default cycles)",
        HelpName = "EVENT",
    };

    private static readonly Option<bool> Stacks = new("-g") { Description = "record call chains, by frame pointers" };

    private static readonly Option<string?> CallGraph = new("--call-graph")
    {
        Description = "how to record call chains: fp",
        HelpName = "fp",
    };

    private static readonly Option<string?> Output = new("--output", "-o")
    {
        Description = "the file to write (default perf.data; an older one becomes FILE.old); - for standard output",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Clock = new("--clockid", "-k")
    {
        Description = "clock of the time stamps: monotonic, monotonic_raw, realtime, boottime, tai or a number",
        HelpName = "CLOCK",
    };

    private static readonly Option<string?> Ring = new("--mmap-pages", "-m")
    {
        Description = "size of each CPU's ring, in pages, or in bytes with B, K, M or G",
        HelpName = "PAGES",
    };

    private static readonly Option<string?> Pids = new("--pid", "-p")
    {
        Description = "record these processes, which run already",
        HelpName = "PID,...",
    };

    private static readonly Option<string?> Tids = new("--tid", "-t")
    {
        Description = "record these threads, which run already",
        HelpName = "TID,...",
    };

    private static readonly Option<bool> AllCpus = new("--all-cpus", "-a") { Description = "record all that runs" };

    private static readonly Option<string?> Cpus = new("--cpu", "-C")
    {
        Description = "record all that runs on these CPUs",
        HelpName = "0,2-4",
    };

    private static readonly Option<string?> Delay = new("--delay", "-D")
    {
        Description = "milliseconds to wait before samples are taken; -1 takes none",
        HelpName = "MS",
    };

    private static readonly Option<bool> NoInherit = new("--no-inherit", "-i")
    {
        Description = "leave out threads and processes that the target starts",
    };

    private static readonly Option<bool> UserCallchains = new("--user-callchains")
    {
        Description = "leave the kernel's part out of call chains",
    };

    private static readonly Option<bool> KernelCallchains = new("--kernel-callchains")
    {
        Description = "leave the user's part out of call chains",
    };

    private static readonly Option<bool> AllUser = new("--all-user") { Description = "take no samples in the kernel" };

    private static readonly Option<bool> AllKernel = new("--all-kernel") { Description = "take no samples in user space" };

    private static readonly Option<bool> Addresses = new("--data", "-d")
    {
        Description = "record the data addresses of samples",
    };

    private static readonly Option<bool> SampleCpu = new("--sample-cpu") { Description = "record the CPU of each sample" };

    private static readonly Option<bool> NoBuildIds = new("--no-buildid", "-B")
    {
        Description = "record no build-ids of files",
    };

    private static readonly Option<bool> NoBuildIdCache = new("--no-buildid-cache", "-N")
    {
        Description = "keep no copies of files by their build-ids (viperf never does)",
    };

    private static readonly Option<bool> NoBpfEvents = new("--no-bpf-event")
    {
        Description = "record no loading of BPF programs",
    };

    private static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "say nothing but errors" };

    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "say how events were opened" };

    /// <summary>Periods and time stamps are always recorded; perf's switches for them change nothing.</summary>
    private static readonly Option<bool>[] AlwaysOn =
    [
        new("--period", "-P") { Description = "record the sample period (always so)" },
        new("--timestamp", "-T") { Description = "record time stamps (always so)" },
        new("--buildid-mmap") { Description = "record build-ids with mappings (always so where the kernel can)" },
    ];

    private static readonly Argument<string[]> Program = new("command")
    {
        Description = "the command to run and its arguments",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("record", "Run a command, or attach to what runs, and record samples into perf.data.")
        {
            Frequency, Period, Events, Stacks, CallGraph, Output, Clock, Ring, Pids, Tids, AllCpus, Cpus, Delay,
            NoInherit, UserCallchains, KernelCallchains, AllUser, AllKernel, Addresses, SampleCpu, NoBuildIds,
            NoBuildIdCache, NoBpfEvents, Quiet, Verbose, Program,
        };
        foreach (var option in AlwaysOn)
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

    private static int Run(ParseResult parsed)
    {
        bool quiet = parsed.GetValue(Quiet);
        bool verbose = parsed.GetValue(Verbose);
        var result = Recorder.Run(Read(parsed, quiet, verbose));
        if (!quiet)
        {
            if (verbose)
            {
                Say($"[ {ProgramName.Current} record: Woken up {result.Wakeups} times to write data ]");
            }

            string path = result.Path == "-" ? "to standard output" : result.Path;
            string size = (result.BytesWritten / 1048576.0).ToString("F3", CultureInfo.InvariantCulture);
            Say($"[ {ProgramName.Current} record: Captured and wrote {size} MB {path} ({result.Samples} samples, {result.Lost} lost) ]");
        }

        return result.ExitCode;
    }

    private static RecordOptions Read(ParseResult parsed, bool quiet, bool verbose)
    {
        CheckCallGraph(parsed.GetValue(CallGraph));
        bool ofProcesses = parsed.GetValue(Pids) != null || parsed.GetValue(Tids) != null;
        bool ofCpus = parsed.GetValue(AllCpus) || parsed.GetValue(Cpus) != null;
        if (ofProcesses && ofCpus)
        {
            throw new UserErrorException("processes (-p, -t) and CPUs (-a, -C) cannot be recorded together", OptionGrammar.UsageError);
        }

        return new RecordOptions
        {
            Command = parsed.GetValue(Program) ?? [],
            Events = [.. (parsed.GetValue(Events) ?? []).SelectMany(EventParser.Parse)],
            Frequency = SampleRate.Parse(parsed.GetValue(Frequency)),
            Period = ReadPeriod(parsed.GetValue(Period)),
            CallGraph = parsed.GetValue(Stacks) || parsed.GetValue(CallGraph) != null,
            UserCallchains = parsed.GetValue(UserCallchains),
            KernelCallchains = parsed.GetValue(KernelCallchains),
            AllUser = parsed.GetValue(AllUser),
            AllKernel = parsed.GetValue(AllKernel),
            Pids = Numbers(parsed.GetValue(Pids), "-p") ?? [],
            Tids = Numbers(parsed.GetValue(Tids), "-t") ?? [],
            SystemWide = parsed.GetValue(AllCpus),
            Cpus = Numbers(parsed.GetValue(Cpus), "-C"),
            Inherit = !parsed.GetValue(NoInherit),
            DelayMilliseconds = ReadDelay(parsed.GetValue(Delay)),
            ClockId = parsed.GetValue(Clock) is { } clock ? ClockNames.Parse(clock) : null,
            RingPages = ReadRing(parsed.GetValue(Ring), quiet),
            Addresses = parsed.GetValue(Addresses),
            SampleCpu = parsed.GetValue(SampleCpu),
            BuildIds = !parsed.GetValue(NoBuildIds),
            BpfEvents = !parsed.GetValue(NoBpfEvents),
            OutputPath = parsed.GetValue(Output) ?? "perf.data",
            CommandLine = Environment.GetCommandLineArgs(),
            Notice = quiet ? null : Say,
            Detail = verbose ? Say : null,
        };
    }

    private static void CheckCallGraph(string? mode)
    {
        switch (mode?.Split(',')[0])
        {
            case null or "fp":
                return;
            case "dwarf" or "lbr":
                throw new UserErrorException($"--call-graph {mode}: viperf records call chains by frame pointers only (fp)", OptionGrammar.UsageError);
            default:
                throw new UserErrorException($"--call-graph {mode}: there is no such way to record call chains; viperf has fp", OptionGrammar.UsageError);
        }
    }

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
}
