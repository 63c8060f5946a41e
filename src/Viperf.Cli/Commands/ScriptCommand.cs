using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Pipeline;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf script</c>: every sample of a recording as text, as perf script prints it.</summary>
internal static class ScriptCommand
{
    /// <summary>perf 6.1's options of script that viperf lacks.</summary>
    private static readonly string[] s_refused =
    [
        "--debug-mode", "-d", "--dump-raw-trace", "-D", "--gen-script", "-g", "--vmlinux", "-k", "--Latency", "-L",
        "--list", "-l", "--script", "-s", "--addr-range", "--call-ret-trace", "--call-trace", "--demangle",
        "--demangle-kernel", "--dlarg", "--dlfilter", "--dump-unsorted-raw-trace", "--full-source-path",
        "--graph-function", "--guest-code", "--guestkallsyms", "--guestmodules", "--guestmount", "--guestvmlinux",
        "--insn-trace", "--itrace", "--kallsyms", "--list-dlfilters", "--max-blocks", "--merge-callchains",
        "--per-event-dump", "--show-bpf-events", "--show-cgroup-events", "--show-kernel-path", "--show-lost-events",
        "--show-mmap-events", "--show-namespace-events", "--show-round-events", "--show-switch-events",
        "--show-task-events", "--show-text-poke-events", "--stitch-lbr", "--stop-bt", "--switch-on", "--switch-off",
        "--show-on-off-events", "--symfs", "--xed",
    ];

    private static readonly Option<string> s_input = new("--input", "-i")
    {
        Description = "The recording to read; - for the standard input",
        DefaultValueFactory = _ => "perf.data",
    };

    private static readonly Option<string[]> s_fields = new("--fields", "-F")
    {
        Description = "Columns: comm,tid,pid,time,cpu,event,period,ip,sym,symoff,dso,srcline; +NAME adds, -NAME removes",
    };

    private static readonly Option<string?> s_comms = new("--comms", "-c") { Description = "Only threads of these names" };
    private static readonly Option<string?> s_pids = new("--pid") { Description = "Only these processes" };
    private static readonly Option<string?> s_tids = new("--tid") { Description = "Only these threads" };
    private static readonly Option<string?> s_cpus = new("--cpu", "-C") { Description = "Only these CPUs: 0,2-3" };
    private static readonly Option<string?> s_dsos = new("--dsos") { Description = "Only samples in these files" };
    private static readonly Option<string?> s_symbols = new("--symbols", "-S")
    {
        Description = "Only samples in these functions",
    };

    private static readonly Option<string?> s_time = new("--time")
    {
        Description = "Only samples of a time slice: START,STOP in seconds",
    };

    private static readonly Option<int> s_maxStack = new("--max-stack")
    {
        Description = "Frames shown of a stack, counted from the leaf",
        DefaultValueFactory = _ => int.MaxValue,
    };

    private static readonly Option<bool> s_hideCallGraph = new("--hide-call-graph", "-G")
    {
        Description = "Show the leaf alone",
    };

    private static readonly Option<bool> s_nanoseconds = new("--ns") { Description = "Times with nine decimal places" };
    private static readonly Option<bool> s_relative = new("--reltime") { Description = "Times since the first sample" };
    private static readonly Option<bool> s_delta = new("--deltatime") { Description = "Times since the sample before" };
    private static readonly Option<bool> s_header = new("--header") { Description = "The recording's header first" };
    private static readonly Option<bool> s_headerOnly = new("--header-only") { Description = "The recording's header alone" };
    private static readonly Option<bool> s_headerDetails = new("--show-info", "-I")
    {
        Description = "With a header: topologies and caches too",
    };

    private static readonly Option<bool> s_force = new("--force", "-f")
    {
        Description = "Accepted as perf's; viperf reads recordings of any owner",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Command("script", "Print every sample of a recording, as perf script does")
        {
            s_input, s_fields, s_comms, s_pids, s_tids, s_cpus, s_dsos, s_symbols, s_time, s_maxStack, s_hideCallGraph,
            s_nanoseconds, s_relative, s_delta, s_header, s_headerOnly, s_headerDetails, s_force,
        };
        OptionGrammar.Refuse(command, s_refused);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        var fields = ScriptFieldList.Parse(options.GetValue(s_fields) ?? []);
        var (from, to) = TimeSlice.Parse(options.GetValue(s_time));
        var filter = new ScriptFilter
        {
            Comms = FilterLists.Names(options.GetValue(s_comms)),
            Pids = FilterLists.Numbers(options.GetValue(s_pids), "--pid"),
            Tids = FilterLists.Numbers(options.GetValue(s_tids), "--tid"),
            Cpus = FilterLists.Numbers(options.GetValue(s_cpus), "--cpu"),
            Dsos = FilterLists.Names(options.GetValue(s_dsos)),
            Symbols = FilterLists.Names(options.GetValue(s_symbols)),
        };
        var style = new ScriptStyle(
            options.GetValue(s_delta) ? ScriptClock.SinceLast
                : options.GetValue(s_relative) ? ScriptClock.SinceFirst
                : ScriptClock.Absolute,
            options.GetValue(s_nanoseconds),
            CallGraph: !options.GetValue(s_hideCallGraph));
        int maxStack = options.GetValue(s_maxStack);
        if (maxStack < 1)
        {
            throw new UserErrorException("--max-stack: expected a number of frames, 1 or more", 2);
        }

        using var recording = RecordingFile.Open(options.GetValue(s_input)!);
        using var output = Utf8Output.ToStandardOutput();
        if (options.GetValue(s_header) || options.GetValue(s_headerOnly))
        {
            HeaderText.Write(recording, options.GetValue(s_headerDetails), output);
            if (options.GetValue(s_headerOnly))
            {
                output.Flush();
                return 0;
            }
        }

        var columns = recording.Reader.Events.Select(fields.For).ToArray();
        var text = new ScriptText(recording.Profile, recording.Symbolizer, columns, style, filter, output);
        recording.Read(text, new ConverterOptions { KeepCpu = true, From = from, To = to, MaxStack = maxStack });
        output.Flush();
        foreach (string warning in recording.Warnings)
        {
            Console.Error.WriteLine($"viperf script: {warning}");
        }

        return 0;
    }
}
