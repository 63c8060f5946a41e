using System.CommandLine;
using System.CommandLine.Help;
using Viperf.Cli.Commands;
using Viperf.Cli.Text;

namespace Viperf.Cli;

/// <summary>The program's commands. Only the one that is asked for is built: a start takes milliseconds.</summary>
internal static class Verbs
{
    /// <summary>How to build each command, by its name, in the order in which the help lists them.</summary>
    public static readonly OrderedDictionary<string, Func<Command>> All = new()
    {
        ["run"] = RunCommand.Create,
        ["record"] = RecordCommand.Create,
        ["report"] = ReportCommand.Create,
        ["view"] = ViewCommand.Create,
        ["annotate"] = AnnotateCommand.Create,
        ["export"] = ExportCommand.Create,
        ["script"] = ScriptCommand.Create,
        ["evlist"] = EvlistCommand.Create,
        ["inject"] = InjectCommand.Create,
        ["archive"] = ArchiveCommand.Create,
        ["buildid-cache"] = BuildIdCacheCommand.Create,
        ["doctor"] = DoctorCommand.Create,
    };

    /// <summary>The root with the named commands below it.</summary>
    public static RootCommand RootOf(IEnumerable<string> names)
    {
        var root = new RootCommand(
            "A Linux profiler for Python: records Python, native and kernel stacks into a perf.data file, "
            + "and shows where time goes.");
        foreach (string name in names)
        {
            root.Subcommands.Add(All[name]());
        }

        root.Options.OfType<HelpOption>().Single().Action = new HelpText();
        return root;
    }
}
