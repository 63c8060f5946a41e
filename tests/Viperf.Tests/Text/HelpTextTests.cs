using System.CommandLine;
using System.CommandLine.Help;
using Viperf.Cli;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Xunit;

namespace Viperf.Tests.Text;

public class HelpTextTests
{
    [Fact]
    public void Names_stand_below_one_another_and_long_texts_go_on_below_themselves()
    {
        var verb = new Verb("bake", "Bake a cake.", "[OPTIONS] FLOUR", "-o cake")
        {
            new Option<string>("--output", "-o") { Description = "Where the cake goes", HelpName = "PLATE" },
            new Option<bool>("--slowly")
            {
                Description = "Takes an hour more, which is worth it for whoever has an hour more and does not mind the smell",
            },
            new Option<string>("-x") { Description = "A temperature", HelpName = "N", Arity = ArgumentArity.ZeroOrOne },
        };
        OptionGrammar.Refuse(verb, "--burn");

        Assert.Equal(
            """
            Usage: viperf bake [OPTIONS] FLOUR

            Bake a cake.

            Options:
              -o, --output PLATE  Where the cake goes
                  --slowly        Takes an hour more, which is worth it for whoever has an hour more and does not mind the
                                  smell
              -x [N]              A temperature
              -h, --help          Show this

            Examples:
              viperf bake -o cake

            """,
            Help(verb, "bake", "--help"));
    }

    [Fact]
    public void Without_a_command_it_lists_the_commands()
    {
        string help = Help(new Verb("bake", "Bake a cake.", ""), "--help");

        Assert.StartsWith("Usage: viperf COMMAND ", help);
        Assert.Contains("\nCommands:\n  bake  Bake a cake.\n", help);
    }

    private static string Help(Verb verb, params string[] args)
    {
        var root = new RootCommand("Bakes.") { verb };
        root.Options.OfType<HelpOption>().Single().Action = new HelpText();
        using var output = new StringWriter();
        root.Parse(args).Invoke(new InvocationConfiguration { Output = output });
        return output.ToString();
    }
}
