using System.CommandLine;
using System.Runtime.InteropServices;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Cli.Web;
using Viperf.Core;
using Viperf.Core.Linux;
using Viperf.Core.Pipeline;
using Viperf.Core.Sources;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf view</c>: a recording as a page for a browser, served to this machine or written to a file.</summary>
internal static class ViewCommand
{
    private const string Name = "view";

    private static readonly Argument<string?> s_recording = new("FILE")
    {
        Description = "The recording to show, as with -i",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> s_html = new("--html")
    {
        Description = "Write the page to this file, which needs no viperf and no network (- for standard output), and end",
        HelpName = "OUT",
    };

    private static readonly Option<string?> s_sourceFolder = new("--source-dir")
    {
        Description = "Look for sources in this directory first, by any end of their paths",
        HelpName = "DIR",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            Name,
            "Show a recording in the browser: at an address on this machine until Ctrl-C, or as a file.",
            "[OPTIONS] [FILE]",
            "",
            "perf.data --open",
            "app.data --html app.html")
        {
            s_recording, ReadingOptions.Input, s_html, PageOptions.Open, PageOptions.Source, s_sourceFolder, ReadingOptions.Time,
        };
        ReadingOptions.AddSourceTo(command);
        ReadingOptions.AddSymbolsTo(command);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        StopSignals.StopIgnoring(); // before a browser is started
        string? html = options.GetValue(s_html);
        if (html == "-" && !Console.IsOutputRedirected)
        {
            throw new UserErrorException("a page is nothing for a terminal: name a file with --html", OptionGrammar.UsageError);
        }

        byte[] data = Read(options);
        if (html is null)
        {
            return Serve(data, options.GetValue(PageOptions.Open));
        }

        PageFile.Write(html, data, Name);

        if (html != "-")
        {
            string whole = Path.GetFullPath(html);
            Messages.Say(Name, $"wrote {TerminalLink.Of(html, TerminalLink.OfFile(whole), !Console.IsErrorRedirected)}");
            Open(options.GetValue(PageOptions.Open), whole);
        }

        return 0;
    }

    private static byte[] Read(ParseResult options)
    {
        var symbols = ReadingOptions.Symbols(options);
        var finder = options.GetValue(PageOptions.Source)
            ? new SourceFinder(ReadingOptions.Folder(options, s_sourceFolder), symbols.Root) : null;
        string path = options.GetValue(s_recording) ?? options.GetValue(ReadingOptions.Input)!;
        using var recording = RecordingFile.Open(path, symbols, ReadingOptions.Names(options));
        byte[] data;
        using (var progress = new Progress(Name, recording))
        {
            var (from, to) = TimeSlice.Parse(options.GetValue(ReadingOptions.Time), recording.Reader.Features.SampleTime);
            var profile = recording.Load(
                new ConverterOptions { KeepSeries = true, From = from, To = to }, ReadingOptions.Inlines(options));
            if (profile.Samples.Count == 0)
            {
                throw new UserErrorException($"{recording.Path} has no samples");
            }

            var places = recording.FindSourcePlaces(native: true);
            progress.Follow("making the page");
            data = ProfilePage.DataOf(recording, places, finder);
        }

        Messages.SayAll(Name, recording.Warnings);
        return data;
    }

    /// <summary>Serves the page until Ctrl-C.</summary>
    private static int Serve(byte[] data, bool open)
    {
        var page = new MemoryStream();
        ProfilePage.Empty().Write(data, page);
        using var server = new PageServer(page.ToArray());
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        Console.Out.WriteLine(TerminalLink.Of(server.Address.AbsoluteUri, server.Address, !Console.IsOutputRedirected));
        Messages.Say(Name, "the page is at this address, for this machine alone; Ctrl-C ends it");
        Open(open, server.Address.AbsoluteUri);
        server.RunAsync(stop.Token).GetAwaiter().GetResult();
        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static void Open(bool open, string page)
    {
        if (open && Browser.Open(page) is { } problem)
        {
            Messages.Say(Name, problem);
        }
    }
}
