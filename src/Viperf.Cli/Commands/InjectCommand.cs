using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core.Pipeline;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf inject</c>: a copy of a recording, with what was not known when it was made.</summary>
internal static class InjectCommand
{
    private const string Name = "inject";

    /// <summary>The options of inject that perf 6.1 or 7.2 has and viperf lacks.</summary>
    private static readonly string[] s_refused =
    [
        "--build-ids", "-b", "--mmap2-buildids", "-B", "--vmlinux", "-k", "--sched-stat", "-s", "--aslr", "--buildid-all",
        "--guest-data", "--guestmount", "--ignore-vmlinux", "--itrace", "--kallsyms", "--known-build-ids",
        "--mmap2-buildid-all", "--strip", "--unwind-style", "--vm-time-correlation",
    ];

    private static readonly Option<bool> s_jit = new("--jit", "-j")
    {
        Description = "Name the code that runtimes generated, from their jitdumps: write it to files and map them",
    };

    private static readonly Option<bool> s_convertCallchain = new("--convert-callchain")
    {
        Description = "Unwind the copies of stacks that --call-graph dwarf recorded: samples get call chains in their place",
    };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "The file to write (an older one becomes FILE.old); - for standard output (the default)",
        HelpName = "FILE",
        DefaultValueFactory = _ => "-",
    };

    private static readonly Option<string?> s_jitDirectory = new("--jit-dir")
    {
        Description = "Where the files of generated code go (default: the output's directory); keep them with the recording",
        HelpName = "DIR",
    };

    private static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Say what was read and written" };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            Name,
            "Copy a recording and add what was not known when it was made, for perf and other readers.",
            "[OPTIONS]",
            "--jit -i perf.data -o perf.jit.data",
            "--jit --convert-callchain -i perf.data -o perf.jit.data",
            "--jit --jit-dir jit -i perf.data | perf report -i -")
        {
            s_jit, s_convertCallchain, ReadingOptions.Input, s_output, s_jitDirectory, s_verbose, ReadingOptions.Force,
        };
        OptionGrammar.Refuse(command, s_refused);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        var warnings = new List<string>();
        bool verbose = options.GetValue(s_verbose);
        using (var progress = verbose ? null : new Progress(Name, "reading")) // lines that say what is done would meet it
        {
            Injection.Run(new InjectOptions
            {
                InputPath = options.GetValue(ReadingOptions.Input)!,
                OutputPath = options.GetValue(s_output)!,
                Jit = options.GetValue(s_jit),
                ConvertCallchains = options.GetValue(s_convertCallchain),
                JitDirectory = options.GetValue(s_jitDirectory),
                Warn = warnings.Add,
                Opened = progress is null ? null : progress.Follow,
                Detail = verbose ? message => Messages.Say(Name, message) : null,
            });
        }

        Messages.SayAll(Name, warnings);
        return 0;
    }
}
