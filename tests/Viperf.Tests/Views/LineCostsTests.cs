using Viperf.Core.Views;
using Xunit;

namespace Viperf.Tests.Views;

public class LineCostsTests
{
    private readonly SourceProfile _source = new();

    [Fact]
    public void Self_is_the_leaf_and_total_is_anywhere()
    {
        int main = _source.Function("main"), work = _source.Function("work");
        _source.Add(7, [_source.Frame(main, 10), _source.Frame(work, 2)]);
        _source.Add(3, [_source.Frame(main, 10)]);
        _source.Add(2, [_source.Frame(main, 11), _source.Frame(-1, 0)]);

        var costs = Count(main, work);

        Assert.Equal(
            [(2, new Cost(7, 1, 7, 1)), (10, new Cost(3, 1, 10, 2)), (11, new Cost(0, 0, 2, 1))],
            costs.Lines.Select(line => (line.Line, line.Cost)));
        Assert.Equal((12UL, 3UL), (costs.TotalPeriod, costs.TotalSamples));
        Assert.Equal(new Cost(10, 2, 12, 3), costs.All);
    }

    [Fact]
    public void Recursion_counts_a_sample_once()
    {
        int fib = _source.Function("fib");
        _source.Add(5, [_source.Frame(fib, 2), _source.Frame(fib, 3), _source.Frame(fib, 2), _source.Frame(fib, 2)]);

        var costs = Count(fib);

        Assert.Equal([(2, new Cost(5, 1, 5, 1)), (3, new Cost(0, 0, 5, 1))], costs.Lines.Select(line => (line.Line, line.Cost)));
        Assert.Equal([("fib", 5UL), ("fib", 5UL)], costs.Lines[0].Callers.Select(caller => (caller.Name, caller.Cost.TotalPeriod)));
        Assert.Equal(["app.py:2", "app.py:3"], costs.Lines[0].Callers.Select(caller => caller.Place));
        Assert.Equal(new Cost(5, 1, 5, 1), costs.All);
    }

    [Fact]
    public void Two_functions_on_one_line_count_once_for_it()
    {
        int outer = _source.Function("outer", firstLine: 1), lambda = _source.Function("outer.<locals>.<lambda>", firstLine: 2);
        _source.Add(4, [_source.Frame(outer, 2), _source.Frame(lambda, 2)]);

        Assert.Equal([(2, new Cost(4, 1, 4, 1))], Count(outer, lambda).Lines.Select(line => (line.Line, line.Cost)));
        Assert.Equal([(2, new Cost(0, 0, 4, 1))], Count(outer).Lines.Select(line => (line.Line, line.Cost)));
    }

    [Fact]
    public void Callers_are_told_apart_by_the_line_of_the_call()
    {
        int main = _source.Function("main"), work = _source.Function("work");
        _source.Add(1, [_source.Frame(main, 10), _source.Frame(work, 2)]);
        _source.Add(5, [_source.Frame(main, 11), _source.Frame(work, 2)]);
        _source.Add(3, [_source.Frame(-1, 0), _source.Frame(work, 2)]);
        _source.Add(9, [_source.Frame(work, 2)]);

        Assert.Equal(
            [new CallerCost("main", "app.py:11", new(5, 1, 5, 1)), new("malloc", "", new(3, 1, 3, 1)), new("main", "app.py:10", new(1, 1, 1, 1))],
            Assert.Single(Count(work).Lines).Callers);
    }

    [Fact]
    public void Instructions_of_a_line_are_in_their_order()
    {
        int work = _source.Function("work");
        _source.Add(1, [_source.Frame(work, 2, offset: 12)]);
        _source.Add(2, [_source.Frame(work, 2, offset: 4), _source.Frame(-1, 0)]);
        _source.Add(3, [_source.Frame(work, 0, offset: 6)]);

        var lines = Count(work).Lines;

        Assert.Equal([0, 2], lines.Select(line => line.Line));
        Assert.Equal(
            [(4U, new Cost(0, 0, 2, 1)), (12U, new Cost(1, 1, 1, 1))],
            lines[1].Instructions.Select(instruction => (instruction.Offset, instruction.Cost)));
    }

    [Fact]
    public void Filters_leave_samples_out_of_lines_and_not_out_of_totals()
    {
        int work = _source.Function("work");
        _source.Add(1, [_source.Frame(work, 2)]);
        _source.Add(2, [_source.Frame(work, 2)], tid: 2);
        _source.Add(4, [_source.Frame(work, 2)], eventIndex: 1);

        var costs = LineCosts.Count(
            _source.Profile, 0, new SampleFilter { Tids = new HashSet<int> { 2 } }, _source.Places, new HashSet<int> { work });

        Assert.Equal((3UL, 2UL), (costs.TotalPeriod, costs.TotalSamples));
        Assert.Equal(new Cost(2, 1, 2, 1), Assert.Single(costs.Lines).Cost);
        Assert.Equal(4UL, LineCosts.Count(_source.Profile, 1, SampleFilter.All, _source.Places, new HashSet<int> { work }).TotalPeriod);
    }

    [Fact]
    public void Functions_that_no_sample_met_cost_nothing()
    {
        int work = _source.Function("work");
        _source.Add(1, []);
        var costs = Count(work);
        Assert.Empty(costs.Lines);
        Assert.Equal((default, 1UL), (costs.All, costs.TotalSamples));
    }

    [Fact]
    public void The_hottest_function_is_the_one_with_most_of_its_own()
    {
        int main = _source.Function("main", firstLine: 1), work = _source.Function("work", firstLine: 5);
        _source.Add(7, [_source.Frame(main, 10), _source.Frame(work, 6)]);
        _source.Add(3, [_source.Frame(main, 10)]);

        Assert.Equal("work (app.py:5)", SourceTarget.Hottest(_source.Profile, SampleFilter.All, _source.Places)?.Title);
        Assert.Null(SourceTarget.Hottest(_source.Profile, new SampleFilter { Tids = new HashSet<int> { 9 } }, _source.Places));
    }

    private LineCosts Count(params int[] functions) =>
        LineCosts.Count(_source.Profile, 0, SampleFilter.All, _source.Places, functions.ToHashSet());
}
