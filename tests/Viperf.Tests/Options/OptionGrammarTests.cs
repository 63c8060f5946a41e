using System.CommandLine;
using Viperf.Cli.Options;
using Viperf.Core;
using Xunit;

namespace Viperf.Tests.Options;

public class OptionGrammarTests
{
    [Theory]
    [InlineData("-F9999 x", "--freq=9999 -- x")]
    [InlineData("-F 9999 x", "--freq=9999 -- x")]
    [InlineData("--freq=max x", "--freq=max -- x")]
    [InlineData("--freq max x", "--freq=max -- x")]
    [InlineData("-gF99 x", "-g --freq=99 -- x")]
    [InlineData("-k1 -operf.data x", "--clockid=1 --output=perf.data -- x")]
    [InlineData("-o - x", "--output=- -- x")]
    [InlineData("-o -F x", "--output=-F -- x")]
    [InlineData("-F=99 x", "--freq==99 -- x")]
    public void Values_may_stick_to_short_options_or_follow_them(string typed, string tokens) =>
        Assert.Equal(tokens, Rewrite(Recorder(), typed));

    [Theory]
    [InlineData("--call=fp x", "--call-graph=fp -- x")]
    [InlineData("--fr 99 x", "--freq=99 -- x")]
    [InlineData("--no-inh x", "--no-inherit -- x")]
    public void A_long_name_may_be_cut_short_while_it_is_unique(string typed, string tokens) =>
        Assert.Equal(tokens, Rewrite(Recorder(), typed));

    [Fact]
    public void A_name_that_fits_two_options_is_refused_with_both_names()
    {
        var error = Assert.Throws<UserErrorException>(() => Rewrite(Recorder(), "--no-b x"));
        Assert.Equal(2, error.ExitCode);
        Assert.Equal("option --no-b is ambiguous: could be --no-buildid, --no-buildid-cache", error.Message);
    }

    [Fact]
    public void An_exact_name_wins_over_a_longer_one() =>
        Assert.Equal("--no-buildid", Rewrite(Recorder(), "--no-buildid"));

    [Theory]
    [InlineData("--no-verbose", "--verbose=false")]
    [InlineData("--inherit", "--no-inherit=false")]
    [InlineData("-i --inherit", "--no-inherit=false")]
    [InlineData("--inherit -i", "--no-inherit")]
    public void Switches_can_be_negated_and_the_last_one_counts(string typed, string tokens) =>
        Assert.Equal(tokens, Rewrite(Recorder(), typed));

    [Fact]
    public void A_single_value_that_is_given_twice_keeps_the_last() =>
        Assert.Equal("--freq=2 -- x", Rewrite(Recorder(), "-F1 -F 2 x"));

    [Fact]
    public void An_option_that_collects_values_keeps_them_all() =>
        Assert.Equal("--event=a --event=b", Rewrite(Recorder(), "-ea -e b"));

    [Theory]
    [InlineData("-g python -F 99 -o y", "-g -- python -F 99 -o y")]
    [InlineData("-g -- python -F 99 -- z", "-g -- python -F 99 -- z")]
    [InlineData("-- -g", "-- -g")]
    public void The_profiled_commands_own_options_are_left_alone(string typed, string tokens) =>
        Assert.Equal(tokens, Rewrite(Recorder(), typed));

    [Theory]
    [InlineData("-g -i f", "--call-graph --input=f")]
    [InlineData("-g caller -i f", "--call-graph=caller --input=f")]
    [InlineData("-gcaller -i f", "--call-graph=caller --input=f")]
    [InlineData("--call-graph=caller -i f", "--call-graph=caller --input=f")]
    [InlineData("-i f main -g", "--input=f --call-graph -- main")]
    public void A_value_that_may_be_left_out_is_not_taken_from_an_option(string typed, string tokens) =>
        Assert.Equal(tokens, Rewrite(Reporter(), typed));

    [Theory]
    [InlineData("--bogus", "unknown option --bogus")]
    [InlineData("-gQ", "unknown option -Q (in -gQ)")]
    [InlineData("-F", "option -F requires a value")]
    [InlineData("--verbose=3", "option --verbose takes no value")]
    [InlineData("--output= x", "option --output: its value is empty")]
    public void Wrong_usage_is_named_in_one_line(string typed, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Rewrite(Recorder(), typed));
        Assert.Equal((2, message), (error.ExitCode, error.Message));
    }

    [Fact]
    public void An_argument_where_none_is_taken_is_refused_with_a_hint()
    {
        var reader = new Command("evlist") { new Option<string>("--input", "-i") };
        var error = Assert.Throws<UserErrorException>(() => Rewrite(reader, "-i f g"));
        Assert.Equal((2, "unexpected argument g (a recording is named with -i)"), (error.ExitCode, error.Message));
    }

    [Theory]
    [InlineData("--branch-any x")]
    [InlineData("--branch-a x")]
    [InlineData("--no-branch-any x")]
    public void An_option_of_perf_that_is_missing_is_refused_by_its_name(string typed)
    {
        var error = Assert.Throws<UserErrorException>(() => Rewrite(Recorder(), typed));
        Assert.Equal((2, "perf's option --branch-any is not supported by viperf"), (error.ExitCode, error.Message));
    }

    [Fact]
    public void All_that_follows_an_option_that_ends_the_options_belongs_to_the_program()
    {
        var run = new Command("run")
        {
            new TerminalOption("-m"),
            new Option<string>("--output", "-o"),
            new Argument<string[]>("args") { Arity = ArgumentArity.ZeroOrMore },
        };
        Assert.Equal("--output=f -m=json.tool -- --help -o x", Rewrite(run, "-o f -m json.tool --help -o x"));
    }

    [Fact]
    public void The_parser_understands_what_was_rewritten()
    {
        var freq = new Option<string>("--freq", "-F");
        var inherit = new Option<bool>("--no-inherit", "-i");
        var events = new Option<string[]>("--event", "-e");
        var command = new Argument<string[]>("command");
        var record = new Command("record") { freq, inherit, events, command };
        string[] tokens =
            [.. OptionGrammar.Normalize(record, ["-F=9:9", "-i", "--inherit", "-ecycles:u", "-e", "-", "a", "--", "@b", "--c"])];

        var parsed = record.Parse(tokens, new ParserConfiguration { ResponseFileTokenReplacer = null });

        Assert.Empty(parsed.Errors);
        Assert.Equal("=9:9", parsed.GetValue(freq));
        Assert.False(parsed.GetValue(inherit));
        Assert.Equal(["cycles:u", "-"], parsed.GetValue(events)!);
        Assert.Equal(["a", "--", "@b", "--c"], parsed.GetValue(command)!);
    }

    private static string Rewrite(Command command, string typed) =>
        string.Join(' ', OptionGrammar.Normalize(command, typed.Split(' ')));

    private static Command Recorder()
    {
        var command = new Command("record")
        {
            new Option<string>("--freq", "-F"),
            new Option<bool>("-g"),
            new Option<string>("--call-graph"),
            new Option<string>("--output", "-o"),
            new Option<int>("--clockid", "-k"),
            new Option<string[]>("--event", "-e"),
            new Option<bool>("--no-inherit", "-i"),
            new Option<bool>("--no-buildid"),
            new Option<bool>("--no-buildid-cache", "-N"),
            new Option<bool>("--verbose", "-v"),
            new Argument<string[]>("command") { Arity = ArgumentArity.ZeroOrMore },
        };
        OptionGrammar.Refuse(command, "--branch-any", "-b");
        return command;
    }

    private static Command Reporter() => new("report")
    {
        new Option<string>("--call-graph", "-g") { Arity = ArgumentArity.ZeroOrOne },
        new Option<string>("--input", "-i"),
        new Argument<string>("symbol") { Arity = ArgumentArity.ZeroOrOne },
    };
}
