using Viperf.Core.Export.Pstats;
using Xunit;

namespace Viperf.Tests.Export;

public class PstatsFormatTests
{
    private readonly SampledProfile _made = new();

    [Fact]
    public void Times_are_of_functions_and_of_their_calls_by_each_caller()
    {
        int main = _made.Python("main"), f = _made.Python("f"), g = _made.Python("g");
        _made.Add([main, f, g]).Add([main, g]).Add([main, f]).Add([main, f]);

        var rows = Rows();

        Assert.Equal(["f 3 2 3", "g 2 2 2", "main 4 0 4"], rows.Select(static row => row.Text));
        Assert.Equal(["main 3 2 3"], rows[0].Calls);
        Assert.Equal(["f 1 1 1", "main 1 1 1"], rows[1].Calls);
        Assert.Empty(rows[2].Calls);
    }

    [Fact]
    public void What_recurs_on_a_stack_counts_once()
    {
        int main = _made.Python("main"), f = _made.Python("f"), f3 = _made.Python("f", line: 3), g = _made.Python("g");
        _made.Add([main, f, f3, f, f]).Add([main, f, g, f, g]);

        var rows = Rows();

        Assert.Equal(["f 2 1 2", "g 1 1 1", "main 2 0 2"], rows.Select(static row => row.Text));
        Assert.Equal(["f 1 1 1", "g 1 0 1", "main 2 0 2"], rows[0].Calls);
        Assert.Equal(["f 1 1 1"], rows[1].Calls);
    }

    [Fact]
    public void Functions_without_source_are_named_like_built_in_ones()
    {
        _made.Add([_made.Python("main"), _made.Native("malloc")]).Add([]);

        Assert.Equal(
            [new("/srv/app.py", 1, "main"), new("~", 0, "<[unknown]>"), new("~", 0, "<malloc (libfoo.so)>")],
            new FunctionTimes(_made.Source()).Functions.Select(static row => row.Function));
    }

    [Fact]
    public void Own_times_are_all_time_whatever_names_are()
    {
        _made.AddHostile();

        var source = _made.Source();
        var functions = new FunctionTimes(source).Functions.ToList();

        Assert.Equal(source.TotalPeriod, functions.Aggregate(0UL, static (sum, row) => sum + row.Sums.Own));
        Assert.Equal(source.TotalPeriod, Assert.Single(functions, static row => row.Function.Name == "<module>").Sums.Total);
        Assert.NotEmpty(_made.Written(PstatsFormat.Write));
    }

    [Theory]
    [InlineData(0UL, "6900000000")]
    [InlineData(0x7fffffffUL, "69ffffff7f")]
    [InlineData(0x80000000UL, "6c03000000000000000200")]
    [InlineData(ulong.MaxValue, "6c05000000ff7fff7fff7fff7f0f00")]
    public void Integers_are_as_marshal_dumps_them(ulong value, string bytes) => Assert.Equal(bytes, Marshalled(writer => writer.Write(value)));

    [Fact]
    public void Other_values_are_as_marshal_dumps_them()
    {
        Assert.Equal("67000000000000f83f", Marshalled(static writer => writer.Write(1.5)));
        Assert.Equal("7503000000c3a961", Marshalled(static writer => writer.Write("éa")));
        Assert.Equal("75d0070000" + string.Concat(Enumerable.Repeat("78", 2000)), Marshalled(static writer => writer.Write(new string('x', 2000))));
        Assert.Equal("7b280000000030", Marshalled(static writer =>
        {
            writer.BeginDictionary();
            writer.BeginTuple(0);
            writer.EndDictionary();
        }));
    }

    private static string Marshalled(Action<MarshalWriter> write)
    {
        var bytes = new MemoryStream();
        write(new MarshalWriter(bytes));
        return Convert.ToHexStringLower(bytes.ToArray());
    }

    private List<(string Text, IEnumerable<string> Calls)> Rows() => [.. new FunctionTimes(_made.Source()).Functions.Select(
        static row => (Line(row.Function, row.Sums), row.Calls.Select(static call => Line(call.Caller, call.Sums))))];

    private static string Line(PstatsFunction function, PstatsSums sums) =>
        $"{function.Name} {sums.Samples} {sums.Own / SampledProfile.Millisecond} {sums.Total / SampledProfile.Millisecond}";
}
