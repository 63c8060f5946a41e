using System.Globalization;
using System.Text;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Report;

/// <summary><c>viperf annotate</c>, <c>report --by-line</c> and run's hottest lines, of programs whose lines' costs are known.</summary>
public sealed class AnnotateTests : IDisposable
{
    private const string Repetitions = "300";
    private readonly TempDirectory _directory = new();

    /// <summary>One of each kind of line table and of frames, and the system's, which is stripped.</summary>
    public static TheoryData<string> Versions => ["3.8.18", "3.11.7", "3.13.0", "system"];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Costs_are_on_the_lines_that_have_them(string version)
    {
        var program = Record(version, Workload.PathOf("annotated.py"), Repetitions);
        var file = Annotate("annotated.py");

        // what costs by itself, and what by what it calls
        foreach (string mark in (string[])[
            "three parts", "one part", "bottom", "decorated", "first argument", "second argument", "generator", "lambda", "class body"])
        {
            Assert.True(Marked(file, mark).SelfSamples > 0, mark);
        }

        foreach (string mark in (string[])["recursion", "wrapper", "call of the lambda", "call of recursion"])
        {
            Assert.True(Marked(file, mark).TotalSamples > Marked(file, mark).SelfSamples, mark);
        }

        // a sample counts once however deep the recursion
        Assert.InRange(
            Marked(file, "recursion").TotalSamples, Marked(file, "bottom").SelfSamples, Marked(file, "call of recursion").TotalSamples);

        // lines without code have nothing
        string[] noCode = ["", ")", "\"\"\"", "not of this function's indentation"];
        Assert.All(file.Where(line => noCode.Contains(line.Text.Trim())), line => Assert.Equal(0, line.TotalSamples));

        // what the program measured itself, within five standard errors
        double share = double.Parse(program.Output, CultureInfo.InvariantCulture);
        double a = Marked(file, "three parts").TotalSamples, n = a + Marked(file, "one part").TotalSamples;
        Assert.True(n > 100, $"{n} samples");
        Assert.InRange(a / n, share - 5 * Math.Sqrt(share * (1 - share) / n), share + 5 * Math.Sqrt(share * (1 - share) / n));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_function_is_shown_from_its_first_to_its_last_line_with_what_is_in_it(string version)
    {
        Record(version, Workload.PathOf("annotated.py"), Repetitions);

        var decorated = Annotate("decorated");
        Assert.Equal(["@traced", "def decorated(n):", "    return sum(range(n))  # decorated"], decorated.Select(line => line.Text));

        var many = Annotate("annotated.py:many_lines");
        Assert.Equal(("def many_lines(n):", "    )"), (many[0].Text, many[^1].Text));
        Assert.True(Marked(many, "second argument").SelfSamples > 0);

        // the lambda's time is that of its line in the function around it
        var outer = Annotate("outer");
        Assert.Equal(3, outer.Count);
        Assert.True(Marked(outer, "lambda").SelfSamples > 0);

        // who called, by line
        var bottom = ViperfBinary.RunIn(_directory, "annotate", "--callers", "recursive").Succeeded().Output;
        Assert.Matches(@"<- recursive \(annotated\.py:\d+\)", bottom);
        Assert.Matches(@"<- <module> \(annotated\.py:\d+\)", bottom);

        // the sums of instructions are their line's
        var lines = Annotate("--bytecode", "two");
        int at = lines.ToList().FindIndex(line => line.Text.EndsWith("# three parts", StringComparison.Ordinal));
        var instructions = lines.Skip(at + 1).TakeWhile(line => line.Line.Length == 0).ToList();
        Assert.NotEmpty(instructions);
        Assert.All(instructions, line => Assert.Matches(@"^\+\d*[02468]$", line.Text));
        Assert.Equal(lines[at].SelfSamples, instructions.Sum(line => line.SelfSamples));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Lines_are_ranked_and_run_tells_the_hottest(string version)
    {
        string program = _directory.Write("app.py", "def work(n):\n    total = 0\n    total += sum(range(n))\n    return total\n\n\nwork(30_000_000)\n");
        var run = ViperfBinary.RunIn(
            _directory, "run", "--python", "capture", "--interpreter", Interpreter.Of(version).Path, program).Succeeded();
        Assert.Matches(@"work +app\.py:1 +3 +\d+\.\d%", run.Error);
        Assert.Contains("viperf annotate -i perf.data FUNCTION", run.Error, StringComparison.Ordinal);

        string first = ViperfBinary.RunIn(_directory, "report", "--by-line").Succeeded().Lines.First(line => line[0] != '#');
        Assert.Matches(@"^ +\d+\.\d\d% +\d+\.\d\d%  \[\.\] work +app\.py:3 *$", first);

        // without a name: the function whose own code costs most
        Assert.StartsWith("# work (app.py:1): ", ViperfBinary.RunIn(_directory, "annotate").Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_of_other_encodings_and_line_ends_are_shown_and_missing_ones_are_said()
    {
        string program = _directory.File("größe.py");
        File.WriteAllBytes(program, Encoding.Latin1.GetBytes(
            "# -*- coding: latin-1 -*-\r\n\r\n\r\ndef größe(n):\r\n    return sum(range(n))  # Ärger\e[31m\r\n\r\n\r\ngröße(20_000_000)\r\n"));
        Record("3.11.7", program);

        var lines = Annotate("größe");
        Assert.Equal(["def größe(n):", "    return sum(range(n))  # Ärger?[31m"], lines.Select(line => line.Text));
        Assert.True(lines[1].SelfSamples > 0);

        File.SetLastWriteTimeUtc(program, DateTime.UtcNow.AddDays(1));
        Assert.Contains("was changed after the recording", ViperfBinary.RunIn(_directory, "annotate", "größe").Succeeded().Error, StringComparison.Ordinal);

        // it moves: numbers alone, until somebody says where it lies
        Directory.CreateDirectory(_directory.File("moved"));
        File.Move(program, _directory.File("moved/größe.py"));
        var gone = ViperfBinary.RunIn(_directory, "annotate", "größe").Succeeded();
        Assert.Contains("--source-dir", Assert.Single(gone.ErrorLines), StringComparison.Ordinal);
        Assert.Equal([("5", "")], AnnotatedLine.Read(gone.Output).Select(line => (line.Line, line.Text)));
        Assert.Equal(lines.Select(line => line.Text), Annotate("--source-dir", "moved", "größe").Select(line => line.Text));
    }

    [Fact]
    public void Names_that_are_not_clear_or_not_there_are_said_in_one_line()
    {
        Record("3.13.0", Workload.Calls, "20");
        Assert.Contains("alike are ackermann", Fail("akermann"), StringComparison.Ordinal);

        string twice = _directory.Write("twice.py", "class A:\n    def f(self): sum(range(9_000_000))\n\n\nclass B:\n    def f(self): sum(range(9_000_000))\n\n\nA().f()\nB().f()\n");
        Record("3.13.0", twice);
        Assert.Contains("f may be A.f (twice.py:2), B.f (twice.py:6): name one as FILE:LINE", Fail("f"), StringComparison.Ordinal);
        Assert.StartsWith("# B.f (twice.py:6): ", ViperfBinary.RunIn(_directory, "annotate", "twice.py:6").Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Trampolines_have_no_lines_which_is_said()
    {
        new Tool { File = ViperfBinary.Path, WorkingDirectory = _directory.Path }
            .Run("record", "-q", "--python", "agent", "--call-graph", "dwarf", "-F", "999", "--", Interpreter.Of("3.13.0").Path, Workload.Nested, "300000").Succeeded();
        Assert.Contains("--python capture", Fail("foo"), StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private static AnnotatedLine Marked(IEnumerable<AnnotatedLine> lines, string mark) =>
        Assert.Single(lines, line => line.Text.EndsWith($"# {mark}", StringComparison.Ordinal));

    private ToolResult Record(string version, params string[] program) => new Tool { File = ViperfBinary.Path, WorkingDirectory = _directory.Path }
        .Run(["record", "-q", "--python", "capture", "--call-graph", "dwarf,65528", "-F", "999", "--", Interpreter.Of(version).Path, .. program]).Succeeded();

    private IReadOnlyList<AnnotatedLine> Annotate(params string[] args) =>
        AnnotatedLine.Read(ViperfBinary.RunIn(_directory, ["annotate", .. args]).Succeeded().Output);

    private string Fail(string name)
    {
        var result = ViperfBinary.RunIn(_directory, "annotate", name);
        Assert.Equal(1, result.ExitCode);
        return Assert.Single(result.ErrorLines);
    }
}
