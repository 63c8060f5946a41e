using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core.Pipeline;
using Viperf.Formats.PerfData;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf evlist</c>: the events of a recording, as perf evlist prints them.</summary>
internal static class EvlistCommand
{
    private static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Show all that an event asks for" };
    private static readonly Option<bool> s_freq = new("--freq", "-F") { Description = "Show the sampling frequency or period" };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb("evlist", "List the events of a recording.", "[OPTIONS]", "-v", "-F -i perf.data")
        {
            ReadingOptions.Input, s_verbose, s_freq, ReadingOptions.Force,
        };
        OptionGrammar.Refuse(command, "--group", "-g", "--trace-fields");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        using var recording = RecordingFile.Open(options.GetValue(ReadingOptions.Input)!);
        using var output = Utf8Output.ToStandardOutput();
        bool verbose = options.GetValue(s_verbose);
        bool freq = options.GetValue(s_freq);
        foreach (var described in recording.Reader.Events)
        {
            output.Add(described.Name);
            if (verbose)
            {
                string separator = ": ";
                foreach (var (name, value) in AttrText.Fields(described.Attr))
                {
                    output.Add(separator).Add(name).Add(": "u8).Add(value);
                    separator = ", ";
                }
            }
            else if (freq)
            {
                bool isFrequency = (described.Attr.flags & AttrFlags.freq) != 0;
                output.Add(isFrequency ? ": sample_freq="u8 : ": sample_period="u8).AddDecimal(described.Attr.sample_period);
            }

            output.Add("\n"u8);
        }

        output.Flush();
        return 0;
    }
}
