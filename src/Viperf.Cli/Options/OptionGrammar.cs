using System.CommandLine;
using System.CommandLine.Help;
using Viperf.Core;

namespace Viperf.Cli.Options;

/// <summary>
/// perf's option grammar. Rewrites what a user typed into tokens that System.CommandLine reads in one way only:
/// full long names, every value attached with <c>=</c>, all options first, then <c>--</c> and the other arguments.
/// </summary>
/// <remarks>
/// What perf's grammar has beyond that of System.CommandLine: values stuck to short options and to clusters of them
/// (<c>-gF99</c>), long names cut short as long as they are unique, <c>--no-</c> before the name of any switch (and
/// its removal from a name that has it), the last one of two counts, and, for commands that start a program, an end
/// of options at the first argument that is none.
/// </remarks>
internal static class OptionGrammar
{
    /// <summary>The exit status of wrong usage.</summary>
    public const int UsageError = 2;

    /// <summary>
    /// Declares options that perf's command has and viperf's lacks, so that they are refused by name; the help does
    /// not show them.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="names">Names with their dashes, long and short.</param>
    public static void Refuse(Command command, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            command.Options.Add(new RefusedOption(name));
        }
    }

    /// <summary>Rewrites the arguments behind a command's name.</summary>
    /// <param name="command">
    /// The command whose options say which names there are, which take a value (<see cref="Option.Arity"/>) and which
    /// are switches (<see cref="bool"/>). If it has an argument of several values, these are a command line of its
    /// own, and the first argument that is no option ends the options.
    /// </param>
    /// <param name="args">The arguments as typed, without the command's name.</param>
    /// <returns>Tokens for the parser of System.CommandLine.</returns>
    /// <exception cref="UserErrorException">An unknown, ambiguous or refused option, or a missing value.</exception>
    public static IReadOnlyList<string> Normalize(Command command, IReadOnlyList<string> args) =>
        new Rewriter(command, args).Run();

    /// <summary>Whether the option is a switch, which takes no value.</summary>
    private static bool IsSwitch(Option option) =>
        option.ValueType == typeof(bool) || option is HelpOption or RefusedOption
        || option.Arity.MaximumNumberOfValues == 0;

    private static bool IsLong(string name) => name.StartsWith("--", StringComparison.Ordinal);

    /// <summary>What a spelling stands for.</summary>
    /// <param name="Option">The option.</param>
    /// <param name="Negated">Whether the spelling switches it off.</param>
    private readonly record struct Meaning(Option Option, bool Negated);

    private sealed class Rewriter
    {
        private readonly IReadOnlyList<string> _args;
        private readonly bool _takesArguments;
        private readonly bool _endsAtFirstArgument;
        private readonly Dictionary<char, Option> _short = [];
        private readonly Dictionary<string, Meaning> _long = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Meaning> _negations = new(StringComparer.Ordinal);
        private readonly List<(Option Option, string Token)> _options = [];
        private readonly List<string> _arguments = [];
        private int _next;

        public Rewriter(Command command, IReadOnlyList<string> args)
        {
            _args = args;
            _takesArguments = command.Arguments.Count > 0;
            _endsAtFirstArgument = command.Arguments.Any(argument => argument.Arity.MaximumNumberOfValues > 1);
            var inherited = command.Parents.OfType<Command>().SelectMany(parent => parent.Options)
                .Where(option => option.Recursive);
            foreach (var option in command.Options.Concat(inherited))
            {
                foreach (string name in option.Aliases.Prepend(option.Name))
                {
                    AddName(option, name);
                }
            }
        }

        public List<string> Run()
        {
            while (_next < _args.Count)
            {
                string arg = _args[_next++];
                if (arg == "--")
                {
                    TakeTheRest();
                }
                else if (IsLong(arg))
                {
                    ReadLong(arg);
                }
                else if (arg is ['-', _, ..])
                {
                    ReadCluster(arg);
                }
                else
                {
                    _arguments.Add(arg);
                    if (_endsAtFirstArgument)
                    {
                        TakeTheRest();
                    }
                }
            }

            if (_arguments.Count > 0 && !_takesArguments)
            {
                throw new UserErrorException(
                    $"unexpected argument {_arguments[0]} (a recording is named with -i)", UsageError);
            }

            List<string> tokens = [.. _options.Select(option => option.Token)];
            if (_arguments.Count > 0)
            {
                tokens.Add("--");
                tokens.AddRange(_arguments);
            }

            return tokens;
        }

        private static string OffSpelling(string name) =>
            name.StartsWith("--no-", StringComparison.Ordinal) ? $"--{name[5..]}" : $"--no-{name[2..]}";

        private void AddName(Option option, string name)
        {
            if (IsLong(name))
            {
                _long[name] = new(option, Negated: false);
                if (IsSwitch(option) && option is not HelpOption)
                {
                    _negations[OffSpelling(name)] = new(option, Negated: true);
                }
            }
            else if (name is ['-', var letter])
            {
                _short[letter] = option;
            }
        }

        private void TakeTheRest()
        {
            while (_next < _args.Count)
            {
                _arguments.Add(_args[_next++]);
            }
        }

        private void ReadLong(string arg)
        {
            int equals = arg.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? arg : arg[..equals];
            string? attached = equals < 0 ? null : arg[(equals + 1)..];
            var (option, negated) = Resolve(name);
            if (IsSwitch(option))
            {
                if (attached is not null)
                {
                    throw new UserErrorException($"option {name} takes no value", UsageError);
                }

                Add(option, name, negated ? "false" : null);
            }
            else
            {
                Add(option, name, attached ?? DetachedValue(option, name));
            }
        }

        private void ReadCluster(string arg)
        {
            for (int i = 1; i < arg.Length; i++)
            {
                string name = $"-{arg[i]}";
                if (!_short.TryGetValue(arg[i], out var option))
                {
                    string place = arg.Length > 2 ? $" (in {arg})" : "";
                    throw new UserErrorException($"unknown option {name}{place}", UsageError);
                }

                if (!IsSwitch(option))
                {
                    Add(option, name, i + 1 < arg.Length ? arg[(i + 1)..] : DetachedValue(option, name));
                    return;
                }

                Add(option, name, null);
            }
        }

        /// <summary>
        /// The next argument, as the option's value. A value that must be there is taken whatever it looks like; one
        /// that may be left out is not taken from something that looks like an option, as with perf report's -g.
        /// </summary>
        private string? DetachedValue(Option option, string name)
        {
            bool needed = option.Arity.MinimumNumberOfValues > 0;
            if (_next < _args.Count && (needed || !_args[_next].StartsWith('-')))
            {
                return _args[_next++];
            }

            return needed ? throw new UserErrorException($"option {name} requires a value", UsageError) : null;
        }

        private void Add(Option option, string typed, string? value)
        {
            if (option is RefusedOption)
            {
                throw new UserErrorException($"perf's option {option.Name} is not supported by viperf", UsageError);
            }

            if (value is "")
            {
                throw new UserErrorException($"option {typed}: its value is empty", UsageError);
            }

            // A switch that is given twice and a single value that is given twice: the last one counts. Options that
            // collect values, or count how often they are given, keep them all.
            if (option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 1)
            {
                _options.RemoveAll(earlier => earlier.Option == option);
            }

            string name = option.Aliases.Prepend(option.Name).FirstOrDefault(IsLong) ?? option.Name;
            _options.Add((option, value is null ? name : $"{name}={value}"));
            if (option is TerminalOption)
            {
                TakeTheRest();
            }
        }

        private Meaning Resolve(string name)
        {
            if (_long.TryGetValue(name, out var meaning) || _negations.TryGetValue(name, out meaning))
            {
                return meaning;
            }

            // Names that are declared come before the negations that they imply, or --in would be torn between
            // --input and the --inherit that undoes --no-inherit.
            foreach (var spellings in (ReadOnlySpan<Dictionary<string, Meaning>>)[_long, _negations])
            {
                var candidates = spellings.Where(entry => entry.Key.StartsWith(name, StringComparison.Ordinal))
                    .OrderBy(entry => entry.Key, StringComparer.Ordinal)
                    .DistinctBy(entry => entry.Value)
                    .ToArray();
                if (candidates.Length == 1)
                {
                    return candidates[0].Value;
                }

                if (candidates.Length > 1)
                {
                    string names = string.Join(", ", candidates.Select(entry => entry.Key));
                    throw new UserErrorException($"option {name} is ambiguous: could be {names}", UsageError);
                }
            }

            throw new UserErrorException($"unknown option {name}", UsageError);
        }
    }

    /// <summary>An option that perf has and viperf lacks.</summary>
    private sealed class RefusedOption : Option<bool>
    {
        public RefusedOption(string name)
            : base(name) => Hidden = true;
    }
}
