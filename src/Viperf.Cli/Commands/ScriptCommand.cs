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
        "--list", "-l", "--script", "-s", "--addr-range", "--call-ret-trace", "--call-trace", "--dlarg",
        "--dlfilter", "--dump-unsorted-raw-trace", "--graph-function", "--guest-code", "--guestkallsyms",
        "--guestmodules", "--guestmount", "--guestvmlinux",
        "--insn-trace", "--itrace", "--list-dlfilters", "--max-blocks", "--merge-callchains",
        "--per-event-dump", "--show-bpf-events", "--show-cgroup-events", "--show-kernel-path", "--show-lost-events",
        "--show-mmap-events", "--show-namespace-events", "--show-round-events", "--show-switch-events",
        "--show-task-events", "--show-text-poke-events", "--stitch-lbr", "--stop-bt", "--switch-on", "--switch-off",
        "--show-on-off-events", "--xed",
    ];

    private static readonly Option<string[]> s_fields = new("--fields", "-F")
    {
        Description = $"Columns, of {ScriptFieldList.Names}; +NAME adds one to the usual ones, -NAME removes one",
        HelpName = "NAME,...",
    };

    private static readonly FilterOptions s_filters = new();
    private static readonly StacksOption s_stacks = new(StackMode.Native);

    private static readonly Option<bool> s_hideCallGraph = new("--hide-call-graph", "-G")
    {
        Description = "Show only the leaf of a stack",
    };

    private static readonly Option<bool> s_nanoseconds = new("--ns") { Description = "Show times with nine decimal places" };
    private static readonly Option<bool> s_relative = new("--reltime") { Description = "Show times since the first sample" };
    private static readonly Option<bool> s_delta = new("--deltatime") { Description = "Show times since the sample before" };
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            "script",
            "Print every sample of a recording, as perf script does.",
            "[OPTIONS]",
            "--stacks mixed | stackcollapse-perf.pl | flamegraph.pl > flame.svg",
            "-F comm,tid,time,ip,sym --time 10%-20%",
            "-i perf.data --symbols py::main:app.py")
        {
            ReadingOptions.Input, s_stacks.Option, s_fields, s_hideCallGraph, s_nanoseconds, s_relative, s_delta,
        };
        s_filters.AddTo(command);
        ReadingOptions.AddSourceTo(command);
        ReadingOptions.AddSymbolsTo(command);
        ReadingOptions.AddTo(command);
        OptionGrammar.Refuse(command, s_refused);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        var fields = ScriptFieldList.Parse(options.GetValue(s_fields) ?? []);
        var filter = s_filters.Read(options);
        var stacks = s_stacks.Read(options);
        var style = new ScriptStyle(
            options.GetValue(s_delta) ? ScriptClock.SinceLast
                : options.GetValue(s_relative) ? ScriptClock.SinceFirst
                : ScriptClock.Absolute,
            options.GetValue(s_nanoseconds),
            CallGraph: !options.GetValue(s_hideCallGraph),
            Inlines: ReadingOptions.Inlines(options),
            LineText: ReadingOptions.LineText(options));
        int maxStack = ReadingOptions.MaxStack(options);
        using var recording = RecordingFile.Open(
            options.GetValue(ReadingOptions.Input)!, ReadingOptions.Symbols(options), ReadingOptions.Names(options));
        var (from, to) = TimeSlice.Parse(options.GetValue(ReadingOptions.Time), recording.Reader.Features.SampleTime);
        using var output = Utf8Output.ToStandardOutput();
        if (options.GetValue(ReadingOptions.Header) || options.GetValue(ReadingOptions.HeaderOnly))
        {
            HeaderText.Write(recording, options.GetValue(ReadingOptions.ShowInfo), output);
            if (options.GetValue(ReadingOptions.HeaderOnly))
            {
                output.Flush();
                return 0;
            }
        }

        var columns = recording.Reader.Events.Select(fields.For).ToArray();
        if (maxStack != int.MaxValue && columns.Any(static column => (column & ScriptField.Stackend) != 0))
        {
            throw new UserErrorException("the field stackend tells of whole stacks: leave --max-stack out", OptionGrammar.UsageError);
        }

        var folding = recording.FoldingOf(stacks, inlines: style.Inlines && stacks != StackMode.Python);
        var text = new ScriptText(recording.Profile, recording.Symbolizer, folding, columns, style, filter, output);
        recording.Read(text, new ConverterOptions { KeepCpu = true, From = from, To = to, MaxStack = maxStack });
        output.Flush();
        Messages.SayAll("script", recording.Warnings);

        return 0;
    }
}
