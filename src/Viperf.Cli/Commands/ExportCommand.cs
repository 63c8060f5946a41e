using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Export;
using Viperf.Core.Linux;
using Viperf.Core.Pipeline;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf export</c>: a recording in the format of another tool.</summary>
internal static class ExportCommand
{
    private const string Name = "export";

    private static readonly Option<string?> s_format = new("--format")
    {
        Description = string.Join("; ", Exporter.All.Select(static one => $"{one.Name}: {one.Description}")),
        HelpName = "FORMAT",
    };

    private static readonly Option<string?> s_output = new("--output", "-o")
    {
        Description = "Where to (default the recording's name with the format's ending; - for standard output; compressed if it ends with .gz)",
        HelpName = "FILE",
    };

    private static readonly Option<string?> s_event = EventOption.Create();

    private static readonly StacksOption s_stacks = new(StackMode.Mixed);

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            Name,
            "Write a recording in the format of another tool.",
            "--format FORMAT [OPTIONS]",
            "--format collapsed -o - | flamegraph.pl > flame.svg",
            "--format speedscope -i perf.data")
        {
            s_format, ReadingOptions.Input, s_output, s_stacks.Option, s_event, ReadingOptions.Time,
        };
        ReadingOptions.AddSourceTo(command);
        ReadingOptions.AddSymbolsTo(command);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        var exporter = ExporterOf(options.GetValue(s_format));
        var stacks = s_stacks.Read(options);
        string input = options.GetValue(ReadingOptions.Input)!;
        string output = options.GetValue(s_output) ?? (input == "-" ? "-" : Path.ChangeExtension(input, exporter.Extension));
        bool toStandardOutput = output == "-";
        if (toStandardOutput && !exporter.IsText && !Console.IsOutputRedirected)
        {
            throw new UserErrorException($"{exporter.Name} is nothing for a terminal: name a file with -o", OptionGrammar.UsageError);
        }

        if (!toStandardOutput && input != "-" && WholeFile.IsSame(output, input))
        {
            throw new UserErrorException($"{output} is the recording itself: name another file with -o", OptionGrammar.UsageError);
        }

        using var recording = RecordingFile.Open(input, ReadingOptions.Symbols(options), ReadingOptions.Names(options));
        ExportSource source;
        using (new Progress(Name, recording))
        {
            var (from, to) = TimeSlice.Parse(options.GetValue(ReadingOptions.Time), recording.Reader.Features.SampleTime);
            recording.Load(
                new ConverterOptions { KeepSeries = exporter.NeedsSeries, KeepCpu = exporter.NeedsCpu, From = from, To = to },
                inlines: stacks != StackMode.Python && ReadingOptions.Inlines(options));
            var places = recording.FindSourcePlaces(native: stacks != StackMode.Python);
            recording.Fold(stacks);
            source = new ExportSource(
                recording.Profile, EventOption.Find(recording, options.GetValue(s_event)), places, recording.Facts);
        }

        Messages.SayAll(Name, recording.Warnings);
        using (new Progress(Name, $"writing {output}"))
        {
            if (toStandardOutput)
            {
                using var stream = new StandardOutputStream();
                exporter.Write(source, stream);
            }
            else
            {
                ExportFile.Write(output, stream => exporter.Write(source, stream), exporter.Extension.EndsWith(".gz", StringComparison.Ordinal));
            }
        }

        if (!toStandardOutput)
        {
            Messages.Say(Name, $"wrote {output}");
        }

        return 0;
    }

    private static Exporter ExporterOf(string? name) =>
        Exporter.All.FirstOrDefault(one => one.Name == name) ?? throw new UserErrorException(
            $"--format {name}: give one of {string.Join(", ", Exporter.All.Select(static one => one.Name))}".Replace(" :", ":", StringComparison.Ordinal),
            OptionGrammar.UsageError);
}
