using System.Text;
using Viperf.Cli.Text;
using Viperf.Core.Views;
using Viperf.Tests.Views;
using Xunit;

namespace Viperf.Tests.Text;

public class AnnotateTextTests
{
    private static readonly string[] s_source = [.. Enumerable.Range(1, 40).Select(line => $"line {line}")];
    private readonly SourceProfile _source = new();
    private readonly int _work;

    public AnnotateTextTests()
    {
        int main = _source.Function("main", firstLine: 30);
        _work = _source.Function("work", firstLine: 10);
        _source.Add(1_000_000_000, [_source.Frame(main, 31), _source.Frame(_work, 12, offset: 4)]);
        _source.Add(3_000_000_000, [_source.Frame(main, 32), _source.Frame(_work, 12, offset: 8)]);
        _source.Add(4_000_000_000, [_source.Frame(main, 32)]);
    }

    [Fact]
    public void A_function_has_all_its_lines_and_blank_cells_where_nothing_is() => Assert.Equal(
        """
        # work (app.py:10): 50.0% of 3 samples of cpu-clock, 50.0% in its own lines
          self  samples   total  samples  line
                                            10  line 10
                                            11  line 11
         50.0%        2   50.0%        2    12  line 12
                                            13  line 13

        """,
        Function(new AnnotateLayout()));

    [Fact]
    public void Callers_and_instructions_stand_below_their_line() => Assert.Equal(
        """
         50.0%        2   50.0%        2    12  line 12
         12.5%        1   12.5%        1        +4
         37.5%        1   37.5%        1        +8
                          37.5%        1        <- main (app.py:32)
                          12.5%        1        <- main (app.py:31)
        """,
        string.Join('\n', Function(new AnnotateLayout { Callers = true, Instructions = true }).Split('\n')[4..9]));

    [Fact]
    public void Of_a_file_what_has_no_samples_is_folded() => Assert.Equal(
        """
          self  samples   total  samples  line
                                             …  9 lines without samples
                                            10  line 10
                                            11  line 11
         50.0%        2   50.0%        2    12  line 12
                                            13  line 13
                                            14  line 14
                                             …  14 lines without samples
                                            29  line 29
                                            30  line 30
                          12.5%        1    31  line 31
         50.0%        1   87.5%        2    32  line 32
                                            33  line 33
                                            34  line 34
                                             …  6 lines without samples

        """,
        File(s_source, 40)[(1 + File(s_source, 40).IndexOf('\n', StringComparison.Ordinal))..]);

    [Fact]
    public void Without_a_source_lines_are_numbers() => Assert.Equal(
        """
         50.0%        2   50.0%        2    12
                          12.5%        1    31
         50.0%        1   87.5%        2    32

        """,
        string.Join('\n', File(null, 40).Split('\n')[2..]));

    [Fact]
    public void Lines_behind_the_end_of_the_source_are_numbers_too() =>
        Assert.Contains("87.5%        2    32\n", File(s_source[..20], 32), StringComparison.Ordinal);

    [Theory]
    [InlineData(46, "12  line …")]
    [InlineData(47, "12  line 12")]
    public void Lines_are_cut_to_the_terminal(int width, string end)
    {
        string text = Function(new AnnotateLayout { Width = width });
        Assert.EndsWith(end, text.Split('\n')[4], StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_are_there_where_they_are_wanted()
    {
        Assert.Contains("\e[1;31m 50.0%", Function(new AnnotateLayout { Colors = true }), StringComparison.Ordinal);
        Assert.DoesNotContain("\e", Function(new AnnotateLayout()), StringComparison.Ordinal);
    }

    private string Function(AnnotateLayout layout)
    {
        var target = SourceTarget.OfFunctions(_source.Places, [_work]);
        return Text(target, layout, s_source, (10, 13), new HashSet<int> { 10 });
    }

    private string File(string[]? source, int last)
    {
        var target = SourceTarget.OfFile(_source.Places, _source.Places.Functions[_work]);
        return Text(target, new AnnotateLayout(), source, (1, last), new HashSet<int> { 10, 30 });
    }

    private string Text(SourceTarget target, AnnotateLayout layout, string[]? source, (int First, int Last) range, HashSet<int> starts)
    {
        var stream = new MemoryStream();
        using var output = new Utf8Output(stream);
        var costs = LineCosts.Count(_source.Profile, 0, SampleFilter.All, _source.Places, target.Functions);
        new AnnotateText(output, layout).Write(target, costs, "cpu-clock", source, range, starts);
        output.Flush();
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
