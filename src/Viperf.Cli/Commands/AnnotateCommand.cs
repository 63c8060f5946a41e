using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Sources;
using Viperf.Core.Views;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf annotate</c>: source, with what each line costs.</summary>
internal static class AnnotateCommand
{
    private const string Name = "annotate";

    /// <summary>Names listed at most, where one is not clear or not known.</summary>
    private const int MostNames = 8;
    private const int MostAlike = 4;

    /// <summary>perf 6.1's options of annotate that viperf lacks.</summary>
    private static readonly string[] s_refused =
    [
        "--dump-raw-trace", "-D", "--vmlinux", "-k", "--modules", "-m", "--print-line", "-l", "--full-paths", "-P",
        "--disassembler-style", "-M", "--source", "--asm-raw", "--stdio2", "--gtk", "--tui", "--group", "--objdump", "--prefix",
        "--prefix-strip", "--percent-type", "--percent-limit", "--show-total-period", "--skip-missing", "--itrace", "--symbol",
        "-s",
    ];

    private static readonly Argument<string?> s_target = new("FUNCTION|FILE")
    {
        Description = "A function (insert, Tree.insert, app.py:insert, json.encoder.JSONEncoder.encode), the one at a line (app.py:12), a "
            + "class, or a file (app.py, json.encoder); without it the function whose own code costs most",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly StacksOption s_stacks = new(StackMode.Python);
    private static readonly FilterOptions s_filters = new("-d");

    private static readonly Option<bool> s_callers = new("--callers")
    {
        Description = "Below each line who called the function there, by the line of the call",
    };

    private static readonly Option<bool> s_bytecode = new("--bytecode")
    {
        Description = "Below each line of Python its instructions, by their offsets in the function's bytecode",
    };

    private static readonly Option<string?> s_sourceFolder = new("--source-dir")
    {
        Description = "Look for sources in this directory first, by any end of their paths",
        HelpName = "DIR",
    };

    private static readonly Option<bool> s_stdio = new("--stdio") { Description = "Print text, as it does anyway" };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "Show no warnings" };
    private static readonly Option<string?> s_colors = ColorOption.Create();

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            Name,
            "Show source with what each line costs: self (the line itself) and total (with what it called).",
            "[OPTIONS] [FUNCTION|FILE]",
            "",
            "render",
            "app.py",
            "--callers json.encoder.JSONEncoder.encode")
        {
            s_target, ReadingOptions.Input, s_stacks.Option, s_callers, s_bytecode, s_sourceFolder,
        };
        s_filters.AddTo(command);
        foreach (var option in (ReadOnlySpan<Option>)[s_quiet, s_stdio, s_colors, ReadingOptions.Time, ReadingOptions.Force])
        {
            command.Options.Add(option);
        }

        ReadingOptions.AddSourceTo(command);
        ReadingOptions.AddSymbolsTo(command);
        OptionGrammar.Refuse(command, s_refused);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        StackMode? asked = options.GetValue(s_stacks.Option) is null ? null : s_stacks.Read(options);
        var filter = s_filters.Read(options);
        bool colors = ColorOption.Read(options, s_colors);
        var symbols = ReadingOptions.Symbols(options);
        var finder = new SourceFinder(ReadingOptions.Folder(options, s_sourceFolder), symbols.Root);
        using var recording = RecordingFile.Open(
            options.GetValue(ReadingOptions.Input)!, symbols, ReadingOptions.Names(options));
        Profile profile;
        CodePlaces places;
        using (new Progress(Name, recording))
        {
            var (from, to) = TimeSlice.Parse(options.GetValue(ReadingOptions.Time), recording.Reader.Features.SampleTime);
            bool native = asked != StackMode.Python;
            profile = recording.Load(
                new ConverterOptions { KeepCpu = filter.Cpus is not null, From = from, To = to },
                inlines: native && ReadingOptions.Inlines(options));
            places = recording.FindSourcePlaces(native);
        }

        if (profile.Samples.Count == 0)
        {
            throw new UserErrorException($"{recording.Path} has no samples");
        }

        var named = options.GetValue(s_target) is { } name ? Find(recording, places, asked, name) : null;
        bool isPython = named?.IsPython ?? recording.HasPythonFunctions();
        recording.Fold(asked ?? (isPython ? StackMode.Python : StackMode.Native));
        var target = named ?? SourceTarget.Hottest(profile, filter, places) ?? throw NoLines(recording.Path);
        var source = finder.TryRead(target.File, target.IsPython, out string? missing);
        if (!options.GetValue(s_quiet))
        {
            Messages.SayAll(Name, recording.Warnings.Concat(Remarks(recording, target, source, missing)));
        }

        using var output = Utf8Output.ToStandardOutput();
        Write(profile, places, filter, target, source, new AnnotateText(output, new AnnotateLayout
        {
            Width = Console.IsOutputRedirected ? int.MaxValue : Math.Max(Console.WindowWidth, 1),
            Colors = colors,
            Instructions = options.GetValue(s_bytecode),
            Callers = options.GetValue(s_callers),
        }));
        output.Flush();
        return 0;
    }

    private static void Write(
        Profile profile, CodePlaces places, SampleFilter filter, SourceTarget target, SourceText? source, AnnotateText text)
    {
        int? block = source is null ? null : target.Functions.Max(index => PythonBlock.LastLine(source.Lines, places.Functions[index].FirstLine));
        target = target.WithInner(places, target.IsPython ? block : null);
        var starts = target.Functions.Select(index => places.Functions[index].FirstLine).Where(static line => line > 0).ToHashSet();
        for (int index = 0; index < profile.Events.Count; index++)
        {
            var costs = LineCosts.Count(profile, index, filter, places, target.Functions);
            if (costs.TotalSamples == 0)
            {
                continue;
            }

            var lines = costs.Lines.Select(static line => line.Line).Where(static line => line > 0).DefaultIfEmpty(Math.Max(target.FirstLine, 1)).ToList();
            var range = target.IsWholeFile
                ? (1, Math.Max(source?.Lines.Count ?? 0, lines[^1]))
                : (target.FirstLine > 0 ? Math.Min(target.FirstLine, lines[0]) : lines[0], Math.Max(lines[^1], target.IsPython ? block ?? 0 : 0));
            text.Write(target, costs, profile.Events[index].Name, source?.Lines, range, starts);
        }
    }

    /// <summary>Finds the one thing that is meant.</summary>
    /// <exception cref="UserErrorException">There is none, there are several, or it has no lines.</exception>
    private static SourceTarget Find(RecordingFile recording, CodePlaces places, StackMode? asked, string name)
    {
        var python = new TargetSearch(places, isPython: true);
        var native = new TargetSearch(places, isPython: false);
        var found = python.Find(name);
        found = found.Count == 0 && asked != StackMode.Python ? native.Find(name) : found;
        if (found.Count == 0)
        {
            var alike = python.Suggest(name, MostAlike).Concat(native.Suggest(name, MostAlike)).Distinct().ToList();
            throw new UserErrorException(alike.Count == 0
                ? $"nothing in {recording.Path} is called {name}"
                : $"nothing in {recording.Path} is called {name}; alike are {string.Join(", ", alike)}");
        }

        if (found.Count > 1)
        {
            string more = found.Count > MostNames ? $" and {found.Count - MostNames} more" : "";
            throw new UserErrorException(
                $"{name} may be {string.Join(", ", found.Take(MostNames).Select(static one => one.Title))}{more}: name one as FILE:LINE");
        }

        return places.All.Any(place => place.Line > 0 && found[0].Functions.Contains(place.Function)) ? found[0] : throw NoLines(name);
    }

    private static UserErrorException NoLines(string name) =>
        new($"{name}: no lines of source are known (of Python they are with: viperf record --python capture COMMAND)");

    /// <summary>What is to be said of the source.</summary>
    private static IEnumerable<string> Remarks(RecordingFile recording, SourceTarget target, SourceText? source, string? missing)
    {
        if (source is null)
        {
            yield return $"no source: {missing} (name a directory that has it with --source-dir)";
        }
        else if (recording.Owner is not null && source.Written > File.GetLastWriteTimeUtc(recording.Path))
        {
            yield return $"{source.Path} was changed after the recording: lines may be others than they were";
        }
    }
}
