using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Pipeline;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf archive</c>: puts the names that a recording needs into it.</summary>
internal static class ArchiveCommand
{
    private const string Name = "archive";

    private static readonly Option<string?> s_output = new("--output", "-o")
    {
        Description = "Write a copy instead (an older one becomes FILE.old), with call chains in place of copies of stacks",
        HelpName = "FILE",
    };

    private static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Say how large the names are" };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            Name,
            "Put the names of functions, files and lines into a recording, so that viperf shows it the same on any machine.",
            "[OPTIONS]",
            "-i perf.data",
            "-i app.data -o app.portable.data")
        {
            ReadingOptions.Input, s_output, s_verbose, ReadingOptions.Force,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        string input = options.GetValue(ReadingOptions.Input)!;
        string? output = options.GetValue(s_output);
        if (input == "-" || output == "-")
        {
            throw new UserErrorException("names go into a file: neither -i nor -o can be -", OptionGrammar.UsageError);
        }

        var warnings = new List<string>();
        int bytes;
        using (var progress = new Progress(Name, $"reading {input}"))
        {
            bytes = Archive.Run(input, output, warnings.Add, progress.Follow);
        }

        Messages.SayAll(Name, warnings);
        if (options.GetValue(s_verbose))
        {
            Messages.Say(Name, $"{output ?? input} has {bytes:N0} bytes of names");
        }

        return 0;
    }
}
