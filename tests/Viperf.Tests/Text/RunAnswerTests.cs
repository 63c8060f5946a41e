using Spectre.Console;
using Viperf.Cli.Text;
using Viperf.Core.Pipeline;
using Viperf.Core.Views;
using Viperf.Tests.Pipeline;
using Viperf.Tests.Profiles;
using Xunit;

namespace Viperf.Tests.Text;

public class RunAnswerTests
{
    private const string LongFile = "/srv/programs/of/mine/with/many/packages/package/module.py";

    private static readonly string[] s_longStack =
        [$"py::Class.method_with_a_long_name.<locals>.<genexpr>:{LongFile}", "py::main:a.py"];

    [Fact]
    public void Names_and_files_are_whole_where_there_is_room() => Assert.Equal(
        [
            "    self          total         function                                          file",
            "  0.00 s  75.0%  0.00 s  75.0%  Class.method_with_a_long_name.<locals>.<genexpr>  " + LongFile,
            "  0.00 s  25.0%  0.00 s  25.0%  main                                              a.py",
        ],
        Lines(width: 160));

    [Fact]
    public void In_a_narrow_terminal_names_lose_their_end_and_files_their_start() => Assert.Equal(
        [
            "    self          total         function                file",
            "  0.00 s  75.0%  0.00 s  75.0%  Class.method_with_a_l…  …ges/package/module.py",
            "  0.00 s  25.0%  0.00 s  25.0%  main                    a.py",
        ],
        Lines(width: 78));

    [Fact]
    public void A_line_is_left_for_the_terminal_to_wrap()
    {
        var (answer, output) = Create(width: 20);
        answer.WriteLine("for all of it: viperf report -g -i perf.data\e[31m");
        Assert.Equal("for all of it: viperf report -g -i perf.data?[31m\n", output.ToString());
    }

    private static IEnumerable<string> Lines(int width)
    {
        var (answer, output) = Create(width);
        var profile = new ProfileBuilder().Samples(3, s_longStack[0]).Samples(1, s_longStack[1]).Profile;
        Folding.Fold(profile, StackMode.Python);
        answer.WriteFunctions(HotFunctions.OfPython(profile));
        return output.ToString().TrimEnd('\n').Split('\n').Select(line => line.TrimEnd());
    }

    private static (RunAnswer Answer, StringWriter Output) Create(int width)
    {
        var output = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;
        return (new RunAnswer(console), output);
    }
}
