using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Symbols;

namespace Viperf.Cli.Commands;

/// <summary><c>viperf buildid-cache</c>: what perf's build-id cache holds, as perf buildid-cache changes it.</summary>
internal static class BuildIdCacheCommand
{
    private const string Name = "buildid-cache";

    private static readonly Option<string?> s_add = Files("--add", "-a", "Add these files");
    private static readonly Option<string?> s_remove = Files("--remove", "-r", "Remove these files, of the build-ids that they have now");
    private static readonly Option<string?> s_purge = Files("--purge", "-p", "Remove these files, of whichever build-id");
    private static readonly Option<string?> s_update = Files("--update", "-u", "Add these files again, whether they are there or not");
    private static readonly Option<bool> s_purgeAll = new("--purge-all", "-P") { Description = "Remove everything" };
    private static readonly Option<bool> s_list = new("--list", "-l") { Description = "List what is there: build-ids and paths" };
    private static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Say what was done" };
    private static readonly Option<bool> s_force = new("--force", "-f") { Description = "Accepted as perf's" };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            Name,
            "Keep files by their build-ids, so that recordings can be read when the files have changed or are gone.",
            "[OPTIONS]",
            "--add /usr/bin/python3.11",
            "--list",
            "--remove /usr/bin/python3.11")
        {
            s_add, s_remove, s_purge, s_update, s_purgeAll, s_list, s_verbose, s_force,
        };
        OptionGrammar.Refuse(command, "--kcore", "-k", "--missing", "-M", "--debuginfod", "--target-ns");
        command.SetAction(Run);
        return command;
    }

    private static Option<string?> Files(string name, string alias, string description) =>
        new(name, alias) { Description = description, HelpName = "FILE,..." };

    private static int Run(ParseResult options)
    {
        var cache = BuildIdCache.OfUser();
        bool hasWork = options.GetValue(s_list);
        if (hasWork)
        {
            using var output = Utf8Output.ToStandardOutput();
            foreach (var (buildId, path) in cache.List())
            {
                output.Add(buildId).Add(" "u8).Add(path).Add("\n"u8);
            }

            output.Flush();
        }

        bool isVerbose = options.GetValue(s_verbose);
        void Each(Option<string?> option, Func<string, string?> act, string done)
        {
            foreach (string file in (options.GetValue(option) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                hasWork = true;
                string? problem = act(file);
                if (problem is not null || isVerbose)
                {
                    Messages.Say(Name, problem ?? $"{done} {file}");
                }
            }
        }

        Each(s_add, file => cache.Add(file) ? null : isVerbose ? $"{file} is already in the cache" : null, "added");
        Each(s_remove, file => cache.Remove(file) ? null : $"{file} wasn't in the cache", "removed");
        Each(s_purge, file => cache.Purge(file) != 0 ? null : $"{file} wasn't in the cache", "purged");
        Each(
            s_update,
            file =>
            {
                cache.Remove(file);
                cache.Add(file);
                return null;
            },
            "updated");
        if (options.GetValue(s_purgeAll))
        {
            hasWork = true;
            int removed = cache.PurgeAll();
            if (isVerbose)
            {
                Messages.Say(Name, $"removed {removed} files from {cache.Directory}");
            }
        }

        return hasWork
            ? 0
            : throw new UserErrorException($"say what to do: --add, --remove, --purge, --update, --purge-all or --list (the cache is {cache.Directory})", OptionGrammar.UsageError);
    }
}
