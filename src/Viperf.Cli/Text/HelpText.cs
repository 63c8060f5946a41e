using System.CommandLine;
using System.CommandLine.Invocation;

namespace Viperf.Cli.Text;

/// <summary>
/// The text of <c>--help</c>. Not System.CommandLine's own: that shows options behind a command's arguments, where
/// perf's grammar does not take them, and has no examples.
/// </summary>
internal sealed class HelpText : SynchronousCommandLineAction
{
    /// <summary>Names wider than this have their text on the line below.</summary>
    private const int WidestName = 32;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is Verb verb)
        {
            WriteVerb(verb, output);
        }
        else
        {
            WriteRoot(parseResult.RootCommandResult.Command, output);
        }

        return 0;
    }

    private static void WriteRoot(Command root, TextWriter output)
    {
        string program = ProgramName.Current;
        output.WriteLine($"Usage: {program} COMMAND [OPTIONS] [ARGUMENTS]\n");
        Paragraph.Write(root.Description!, output);
        output.WriteLine("\nCommands:");
        WriteTable([.. root.Subcommands.Select(command => ($"  {command.Name}", command.Description!))], output);
        output.WriteLine($"\n{program} COMMAND --help explains one of them; {program} --version says which version this is.");
    }

    private static void WriteVerb(Verb verb, TextWriter output)
    {
        string start = $"{ProgramName.Current} {verb.Name}";
        output.WriteLine($"Usage: {start} {verb.Usage}\n");
        Paragraph.Write(verb.Description!, output);
        output.WriteLine("\nOptions:");
        var options = verb.Options.Where(option => !option.Hidden).Select(option => (NamesOf(option), option.Description!));
        WriteTable([.. options, ("  -h, --help", "Show this")], output);
        output.WriteLine("\nExamples:");
        foreach (string example in verb.Examples)
        {
            output.WriteLine($"  {start} {example}");
        }
    }

    /// <summary>An option's names, the short one first, and its value.</summary>
    private static string NamesOf(Option option)
    {
        var names = option.Aliases.Prepend(option.Name).OrderBy(name => name.StartsWith("--", StringComparison.Ordinal)).ToArray();
        string indent = names[0].StartsWith("--", StringComparison.Ordinal) ? "      " : "  ";
        string value = option.HelpName is null ? ""
            : option.Arity.MinimumNumberOfValues == 0 ? $" [{option.HelpName}]"
            : $" {option.HelpName}";
        return $"{indent}{string.Join(", ", names)}{value}";
    }

    private static void WriteTable(List<(string Name, string Text)> rows, TextWriter output)
    {
        int width = rows.Select(row => row.Name.Length).Where(length => length <= WidestName).Max() + 2;
        foreach (var (name, text) in rows)
        {
            output.Write(name.Length < width ? name.PadRight(width) : $"{name}\n{new string(' ', width)}");
            Paragraph.Write(text, output, width);
        }
    }
}
