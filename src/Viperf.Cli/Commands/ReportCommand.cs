using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Core.Views;
using Viperf.Formats.PerfData;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf report</c>: where a recording's time went, as perf report --stdio prints it.</summary>
internal static class ReportCommand
{
    private const string Name = "report";

    /// <summary>perf 6.1's options of report that viperf lacks.</summary>
    private static readonly string[] s_refused =
    [
        "--branch-stack", "-b", "--dump-raw-trace", "-D", "--vmlinux", "-k", "--disassembler-style", "-M", "--modules",
        "-m", "--parent", "-p", "--threads", "-T", "--exclude-other", "-x", "--asm-raw", "--branch-history",
        "--disable-order", "--group", "--group-sort-idx", "--gtk",
        "--hierarchy", "--ignore-callees", "--ignore-vmlinux", "--itrace",
        "--mem-mode", "--mmaps", "--ns", "--objdump", "--percent-type", "--prefix", "--prefix-strip", "--pretty",
        "--raw-trace", "--samples", "--show-on-off-events", "--show-ref-call-graph", "--skip-empty", "--socket-filter",
        "--source", "--stitch-lbr", "--switch-off", "--switch-on", "--symbol-filter", "--tasks",
        "--time-quantum", "--total-cycles", "--tui",
    ];

    private static readonly Option<string?> s_callGraph = new("--call-graph", "-g")
    {
        Description = $"How to draw call graphs, some of: {CallGraphArgument.Grammar}",
        HelpName = "HOW,...",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> s_inverted = new("--inverted", "-G") { Description = "Begin call graphs with the callers, as -g caller does" };
    private static readonly Option<bool> s_children = new("--children")
    {
        Description = "Give callers entries too, charged with what they called (the default; --no-children: only leaves)",
        DefaultValueFactory = _ => true,
    };

    private static readonly Option<string?> s_sort = new("--sort", "-s")
    {
        Description = $"What tells entries apart (default {ReportColumns.DefaultKeys}; +KEY adds one), of "
            + ReportColumns.Names.Replace(",", ", ", StringComparison.Ordinal),
        HelpName = "KEY,...",
    };

    private static readonly Option<string?> s_fields = new("--fields", "-F")
    {
        Description = "Columns, of the same names; +KEY adds one to the usual ones",
        HelpName = "KEY,...",
    };

    private static readonly Option<bool> s_byLine = new("--by-line")
    {
        Description = "Rank lines of source, Python's (--stacks python) unless --stacks says otherwise",
    };

    private static readonly Option<string?> s_percentLimit = new("--percent-limit")
    {
        Description = "Leave out entries and branches under so many percent",
        HelpName = "PERCENT",
    };

    private static readonly Option<string?> s_percentage = new("--percentage")
    {
        Description = "Make percentages of the samples shown (relative) or of all (absolute, the default)",
        HelpName = "OF",
    };

    private static readonly Option<bool> s_showSamples = new("--show-nr-samples", "-n")
    {
        Description = "Add a column with numbers of samples",
    };

    private static readonly Option<bool> s_showPeriod = new("--show-total-period")
    {
        Description = "Add a column with periods",
    };

    private static readonly Option<bool> s_showUtilization = new("--show-cpu-utilization")
    {
        Description = "Add columns with the kernel's and the programs' parts",
    };

    private static readonly FilterOptions s_filters = new("-d");
    private static readonly StacksOption s_stacks = new(StackMode.Native);

    private static readonly Option<bool> s_hideUnresolved = new("--hide-unresolved", "-U")
    {
        Description = "Leave out what has no symbol",
    };

    private static readonly Option<string?> s_separator = new("--field-separator", "-t")
    {
        Description = "Separate columns by this and do not pad them",
        HelpName = "TEXT",
    };

    private static readonly Option<string?> s_widths = new("--column-widths", "-w")
    {
        Description = "Widths of the columns, from left to right",
        HelpName = "N,...",
    };

    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "Show no headings and no warnings" };
    private static readonly Option<bool> s_verbose = new("--verbose", "-v")
    {
        Description = "Show files with their paths, functions of C++ with their parameters",
    };

    private static readonly Option<bool> s_stats = new("--stats")
    {
        Description = "Show counts of records, why stacks are not complete and what has no names, instead of functions",
    };

    private static readonly Option<bool> s_stdio = new("--stdio") { Description = "Print text, as it does anyway" };
    private static readonly Option<string?> s_colors = ColorOption.Create();

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            Name,
            "Show where a recording's time went, as perf report --stdio does.",
            "[OPTIONS]",
            "-g",
            "-g caller,1 --no-children",
            "--no-children -s dso,sym --percent-limit 1",
            "--stacks mixed -g caller",
            "--by-line",
            "--comms python --time 10%-20% | less")
        {
            ReadingOptions.Input, s_stacks.Option, s_callGraph, s_inverted, s_children, s_sort, s_fields, s_byLine, s_percentLimit,
            s_percentage, s_showSamples, s_showPeriod, s_showUtilization,
        };
        s_filters.AddTo(command);
        foreach (var option in (ReadOnlySpan<Option>)[
            s_hideUnresolved, s_separator, s_widths, s_quiet, s_verbose, s_stats, s_stdio, s_colors])
        {
            command.Options.Add(option);
        }

        ReadingOptions.AddSourceTo(command);
        ReadingOptions.AddSymbolsTo(command);
        ReadingOptions.AddTo(command);
        OptionGrammar.Refuse(command, s_refused);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        var plan = new Plan(options);
        using var recording = RecordingFile.Open(
            options.GetValue(ReadingOptions.Input)!,
            ReadingOptions.Symbols(options),
            ReadingOptions.Names(options, options.GetValue(s_verbose)));
        using var output = Utf8Output.ToStandardOutput();
        if (options.GetValue(ReadingOptions.Header) || options.GetValue(ReadingOptions.HeaderOnly))
        {
            HeaderText.Write(recording, options.GetValue(ReadingOptions.ShowInfo), output);
        }
        else if (!plan.IsQuiet && !plan.IsForStats)
        {
            output.Add("# To display the perf.data header info, please use --header/--header-only options.\n#\n"u8);
        }

        if (!options.GetValue(ReadingOptions.HeaderOnly))
        {
            Report(recording, plan, output);
        }

        output.Flush();
        SayWarnings(recording, plan);
        return 0;
    }

    private static void SayWarnings(RecordingFile recording, Plan plan)
    {
        if (plan.IsQuiet)
        {
            return;
        }

        Messages.SayAll(Name, recording.Warnings);
        ulong lost = recording.Profile.LostRecords;
        if (lost != 0)
        {
            Messages.Say(Name, $"the kernel dropped {lost} records for want of room (make more with: viperf record -m PAGES)");
        }
    }

    private static void Report(RecordingFile recording, Plan plan, Utf8Output output)
    {
        Profile profile;
        using (new Progress(Name, recording))
        {
            profile = recording.Load(plan.ConverterOptions(recording.Reader.Features.SampleTime), plan.HasInlines);
        }

        if (profile.Samples.Count == 0 && !plan.IsForStats)
        {
            SayWarnings(recording, plan); // they may tell why
            string slice = plan.TimeSlice is null ? "" : $" in {plan.TimeSlice}";
            throw new UserErrorException($"{recording.Path} has no samples{slice}");
        }

        if (plan.IsForStats)
        {
            WriteStats(recording, profile, output);
            return;
        }

        bool hasChains = recording.Reader.Events.Any(
            static source => source.Attr.sample_type.HasFlag(SampleFormat.PERF_SAMPLE_CALLCHAIN));
        if (!hasChains && plan.IsCallGraphAskedFor)
        {
            throw new UserErrorException(
                $"-g: {recording.Path} has no call chains (record them with: viperf record -g COMMAND)");
        }

        StackQuality[]? stacks = plan.HasWholeStacks ? [.. QualityOf(profile)] : null;
        recording.Fold(plan.Stacks);
        var columns = plan.Columns(hasChains);
        if (plan is { IsByLine: true, IsQuiet: false } && recording.HasTrampolinesAlone())
        {
            Messages.Say(Name, "the lines of Python functions are not known, but where they begin (record with: viperf record --python capture)");
        }

        var histograms = Histogram.Build(profile, plan.HistogramOptions(columns, hasChains, frame =>
            recording.SourceLineOf(frame) is { } line ? plan.LineText(line) : null));
        new ReportText(output, plan.Layout(columns, hasChains)).Write(profile, histograms, stacks);
    }

    private static void WriteStats(RecordingFile recording, Profile profile, Utf8Output output)
    {
        var text = new StatsText(output);
        text.WriteRecords(recording.Reader.Records);
        text.WriteSamples(profile);
        foreach (var quality in QualityOf(profile))
        {
            text.WriteStacks(quality);
        }

        var names = new NameText(DebugPackages.OfThisMachine());
        for (int index = 0; index < profile.Events.Count; index++)
        {
            text.WriteNames(NameQuality.Of(profile, index), names);
        }
    }

    private static IEnumerable<StackQuality> QualityOf(Profile profile) =>
        Enumerable.Range(0, profile.Events.Count).Select(index => StackQuality.Of(profile, index));

    /// <summary>The options, read and checked.</summary>
    private sealed class Plan
    {
        private readonly ParseResult _options;
        private readonly CallGraphArgument _callGraph;
        private readonly SampleFilter _filter;
        private readonly bool _isRelative;
        private readonly int[] _widths;
        private readonly int _maxStack;
        private readonly double? _percentLimit;

        public Plan(ParseResult options)
        {
            _options = options;
            _callGraph = CallGraphArgument.Parse(options.GetValue(s_callGraph));
            _isRelative = OneOf(s_percentage, "absolute", "relative") == "relative";
            string widths = options.GetValue(s_widths) ?? "";
            _widths = [.. widths.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ReportNumbers.Width)];
            _filter = s_filters.Read(options);
            Stacks = s_stacks.Read(options, IsByLine ? StackMode.Python : null);
            _maxStack = IsForStats ? int.MaxValue : ReadingOptions.MaxStack(options);
            _percentLimit = ReportNumbers.Percent(options.GetValue(s_percentLimit));
            Columns(hasChains: true); // names that are wrong are said before a file is opened
        }

        /// <summary>Which frames are shown.</summary>
        public StackMode Stacks { get; }

        public bool IsQuiet => _options.GetValue(s_quiet);

        /// <summary>Whether call chains have inlined functions: statistics do not tell of them, and none is in Python.</summary>
        public bool HasInlines => !IsForStats && Stacks != StackMode.Python && ReadingOptions.Inlines(_options);

        public Func<SourceLine, string> LineText => ReadingOptions.LineText(_options);

        public bool IsForStats => _options.GetValue(s_stats);

        /// <summary>False if stacks are cut short as the user wishes: where they would have ended is not known then.</summary>
        public bool HasWholeStacks => _maxStack == int.MaxValue;

        public bool IsCallGraphAskedFor => _options.GetResult(s_callGraph) is { Implicit: false };

        /// <summary>True if lines are ranked; -s and -F choose other columns for them.</summary>
        public bool IsByLine => _options.GetValue(s_byLine);

        public string? TimeSlice => _options.GetValue(ReadingOptions.Time);

        /// <summary>What to read, which for slices in percent depends on when the recording began and ended.</summary>
        public ConverterOptions ConverterOptions((ulong First, ulong Last)? sampleTime)
        {
            var (from, to) = Options.TimeSlice.Parse(TimeSlice, sampleTime);
            return new ConverterOptions
            {
                KeepCpu = _filter.Cpus is not null || Columns(hasChains: true).Order.Contains(HistogramColumn.Cpu),
                From = from,
                To = to,
                MaxStack = _maxStack,
            };
        }

        public ReportColumns Columns(bool hasChains)
        {
            if (IsByLine && _options.GetValue(s_sort) is null && _options.GetValue(s_fields) is null)
            {
                return ReportColumns.ByLine(hasChains && _options.GetValue(s_children));
            }

            var extra = new List<HistogramColumn>();
            if (_options.GetValue(s_showUtilization))
            {
                extra.AddRange([HistogramColumn.SelfKernel, HistogramColumn.SelfUser]);
            }

            if (_options.GetValue(s_showSamples))
            {
                extra.Add(HistogramColumn.Samples);
            }

            if (_options.GetValue(s_showPeriod))
            {
                extra.Add(HistogramColumn.Period);
            }

            return ReportColumns.Parse(
                _options.GetValue(s_sort),
                _options.GetValue(s_fields),
                hasChains && _options.GetValue(s_children),
                [.. extra]);
        }

        public HistogramOptions HistogramOptions(
            ReportColumns columns, bool hasChains, Func<int, string?> lineOf) => new()
        {
            Order = columns.Order,
            Children = hasChains && _options.GetValue(s_children),
            DeepestFirst = _callGraph.Style != CallGraphStyle.None,
            CallersFirst = _options.GetValue(s_inverted) || (_callGraph.CallersFirst ?? _options.GetValue(s_children)),
            CallGraphKey = _callGraph.Key,
            HideUnresolved = _options.GetValue(s_hideUnresolved),
            Filter = _filter,
            SourceLineOf = lineOf,
        };

        public ReportLayout Layout(ReportColumns columns, bool hasChains)
        {
            var (shown, constants) = columns.WithoutConstants(_filter);
            return new ReportLayout
            {
                Columns = shown,
                Constants = constants,
                Widths = _widths,
                Separator = _options.GetValue(s_separator),
                Quiet = IsQuiet,
                LongNames = _options.GetValue(s_verbose),
                RelativePercentages = _isRelative,
                PercentLimit = _percentLimit ?? 0,
                Style = hasChains && (!IsByLine || IsCallGraphAskedFor) ? _callGraph.Style : CallGraphStyle.None,
                Value = _callGraph.Value,
                CallGraphPercentLimit =
                    _callGraph.PercentLimit ?? _percentLimit ?? CallGraphArgument.DefaultPercentLimit,
                BranchLimit = _callGraph.BranchLimit,
                OmitFirstLink = _options.GetValue(s_fields) is null
                    && (_options.GetValue(s_sort)?.StartsWith("sym", StringComparison.Ordinal) ?? false),
                TimeSlice = TimeSlice,
                Colors = ColorOption.Read(_options, s_colors),
            };
        }

        /// <summary>An option's value, which must be one of the words; the first of them where it was not given.</summary>
        private string OneOf(Option<string?> option, params ReadOnlySpan<string> words)
        {
            string value = _options.GetValue(option) ?? words[0];
            return words.Contains(value)
                ? value
                : throw new UserErrorException(
                    $"{option.Name} {value}: expected {string.Join(" or ", words)}", OptionGrammar.UsageError);
        }
    }
}
