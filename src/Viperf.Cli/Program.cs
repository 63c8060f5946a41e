using System.CommandLine;
using Viperf.Cli;
using Viperf.Cli.Options;
using Viperf.Core;
using Viperf.Core.Linux;
using Viperf.Core.Symbols;
using Viperf.Formats.Bytes;

Console.SetError(new StandardError());

// What a shell shows for a program that SIGPIPE ended (128 + 13): the runtime ignores the signal and gets EPIPE, which is
// no error either, but the end of a reader such as head.
const int BrokenPipeStatus = 141;

string verb = "";
try
{
    // perf's option for all its commands, which stands before the command's name.
    if (args is ["--buildid-dir", var cacheDirectory, ..])
    {
        Environment.SetEnvironmentVariable(BuildIdCache.Variable, cacheDirectory);
        args = args[2..];
    }

    string[] rest;
    switch (args)
    {
        case ["--version" or "-v" or "version"]:
            Console.Out.WriteLine(ProgramName.VersionLine);
            return 0;
        case [] or ["--help" or "-h" or "help"]:
            return Verbs.RootOf(Verbs.All.Keys).Parse(["--help"]).Invoke();
        case ["help", var name, ..]:
            (verb, rest) = (name, ["--help"]);
            break;
        default:
            (verb, rest) = (args[0], args[1..]);
            break;
    }

    if (!Verbs.All.ContainsKey(verb))
    {
        string unknown = verb;
        verb = "";
        throw new UserErrorException(
            $"{(unknown.StartsWith('-') ? "unknown option" : "unknown command")} {unknown} (see {ProgramName.Current} --help)",
            OptionGrammar.UsageError);
    }

    var root = Verbs.RootOf([verb]);
    var command = root.Subcommands[0];
    // Only what Normalize wrote is parsed: no response files, no clusters, no second grammar.
    var parsed = root.Parse(
        [verb, .. OptionGrammar.Normalize(command, rest)],
        new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
    if (parsed.Errors.Count > 0)
    {
        throw new UserErrorException(
            parsed.Errors[0].Message.ReplaceLineEndings(" ").TrimEnd('.'), OptionGrammar.UsageError);
    }

    // Signals are the commands' business: record passes them on, and none waits for a time limit.
    return parsed.Invoke(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (UserErrorException error)
{
    return Fail(error.Message, error.ExitCode);
}
catch (IOException error) when (error.HResult == Errno.EPIPE)
{
    return BrokenPipeStatus;
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException or ParseException)
{
    return Fail(error.Message, 1);
}

int Fail(string message, int exitCode)
{
    Messages.Say(verb, message);
    return exitCode;
}
