using Viperf.Core.Views;
using Viperf.Tests.Profiles;
using Xunit;

namespace Viperf.Tests.Views;

public class HistogramTests
{
    private static readonly HistogramOptions s_bySymbol = new()
    {
        Order = [HistogramColumn.Children, HistogramColumn.Self, HistogramColumn.Symbol],
    };

    [Fact]
    public void Callers_are_charged_with_what_they_call_and_leaves_with_their_own()
    {
        var histogram = Histogram(s_bySymbol, builder => builder.Samples(3, "main;f;g").Samples(1, "main;f"));

        Assert.Equal(["main 4/0", "f 4/1", "g 3/3"], Lines(histogram));
        Assert.Equal(4UL, histogram.TotalPeriod);
    }

    [Fact]
    public void Recursion_counts_once_for_a_sample()
    {
        var histogram = Histogram(s_bySymbol, builder => builder
            .Samples(2, "main;f;f;f")
            .Samples(5, "main;f;g;f;h"));

        Assert.Equal(["main 7/0", "f 7/2", "h 5/5", "g 5/0"], Lines(histogram));
    }

    [Fact]
    public void Without_children_only_leaves_have_entries()
    {
        var options = s_bySymbol with { Children = false, CallersFirst = false };
        var histogram = Histogram(options, builder => builder.Samples(3, "main;f;g").Samples(1, "main;f"));

        Assert.Equal(["g 3/3", "f 1/1"], Lines(histogram));
    }

    [Fact]
    public void Addresses_of_one_function_are_one_entry()
    {
        var histogram = Histogram(s_bySymbol, builder => builder.Samples(1, "main@1;f@2").Samples(1, "main@5;f@9"));

        Assert.Equal(["f 2/2", "main 2/0"], Lines(histogram));
    }

    [Fact]
    public void Of_entries_that_weigh_the_same_leaves_come_first_then_callers_then_names()
    {
        var histogram = Histogram(s_bySymbol, builder => builder.Samples(1, "z;y;x").Samples(1, "c").Samples(1, "b"));

        Assert.Equal(["x 1/1", "z 1/0", "y 1/0", "b 1/1", "c 1/1"], Lines(histogram));
    }

    [Theory]
    [InlineData(HistogramColumn.Comm, "a:3", "b:1")]
    [InlineData(HistogramColumn.Thread, "a:2", "a:1", "b:1")]
    [InlineData(HistogramColumn.Process, "a:3", "b:1")]
    [InlineData(HistogramColumn.Cpu, "cpu0:2", "cpu1:2")]
    public void Every_key_tells_entries_apart(HistogramColumn key, params string[] expected)
    {
        var histogram = Histogram(new HistogramOptions { Order = [HistogramColumn.Self, key] }, builder => builder
            .Samples(2, "f", comm: "a", pid: 10, tid: 10, cpu: 0)
            .Samples(1, "g", comm: "a", pid: 10, tid: 11, cpu: 1)
            .Samples(1, "f", comm: "b", pid: 20, tid: 20, cpu: 1));

        Assert.Equal(expected, histogram.Entries.Select(entry =>
            $"{(key == HistogramColumn.Cpu ? $"cpu{entry.Cpu}" : entry.Comm)}:{entry.SelfPeriod}"));
    }

    [Fact]
    public void Lines_of_source_tell_entries_apart()
    {
        var options = new HistogramOptions
        {
            Order = [HistogramColumn.Self, HistogramColumn.SourceLine],
            SourceLineOf = frame => frame == 0 ? "f.c:1" : null,
        };
        var histogram = Histogram(options, builder => builder.Samples(2, "f").Samples(1, "f@7").Samples(1, "0x10"));

        Assert.Equal(["f.c:1", "??:0", "f+7"], histogram.Entries.Select(entry => entry.SourceLine));
    }

    [Fact]
    public void A_filter_hides_samples_and_leaves_the_totals()
    {
        var options = s_bySymbol with { Filter = new SampleFilter { Symbols = new HashSet<string> { "g" } } };
        var histogram = Histogram(options, builder => builder.Samples(3, "main;g").Samples(1, "main;h"));

        Assert.Equal(["g 3/3", "main 3/0"], Lines(histogram));
        Assert.Equal((4UL, 3UL), (histogram.TotalPeriod, histogram.ShownPeriod));
    }

    [Fact]
    public void Filters_by_module_thread_and_process_look_at_the_leaf_and_its_thread()
    {
        static ulong Shown(SampleFilter filter) => Histogram(s_bySymbol with { Filter = filter }, builder => builder
            .Samples(1, "main;lib!f", comm: "a", pid: 1, tid: 2)
            .Samples(2, "main", comm: "b", pid: 3, tid: 4)
            .Samples(4, "main;0x77", comm: "b", pid: 3, tid: 5)).ShownPeriod;

        Assert.Equal(1UL, Shown(new SampleFilter { Dsos = new HashSet<string> { "lib" } }));
        Assert.Equal(2UL, Shown(new SampleFilter { Dsos = new HashSet<string> { "/bin/app" } }));
        Assert.Equal(0UL, Shown(new SampleFilter { Dsos = new HashSet<string> { "[unknown]" } }));
        Assert.Equal(6UL, Shown(new SampleFilter { Comms = new HashSet<string> { "b" } }));
        Assert.Equal(1UL, Shown(new SampleFilter { Pids = new HashSet<int> { 1 } }));
        Assert.Equal(4UL, Shown(new SampleFilter { Tids = new HashSet<int> { 5 } }));
    }

    [Fact]
    public void Hidden_unresolved_frames_are_as_if_never_recorded()
    {
        var options = s_bySymbol with { HideUnresolved = true };
        var histogram = Histogram(options, builder => builder.Samples(3, "main;0x10;g").Samples(1, "main;0x10"));

        Assert.Equal(["g 3/3", "main 3/0"], Lines(histogram));
        Assert.Equal(3UL, histogram.TotalPeriod);
    }

    [Fact]
    public void What_an_inlined_leaf_spends_is_charged_to_the_function_whose_code_it_is()
    {
        var histogram = Histogram(s_bySymbol, builder => builder
            .Samples(3, "main;f;(g)")
            .Samples(2, "main;f@1;(g);(h)")
            .Samples(1, "main;f"));

        Assert.Equal(["f 6/6", "main 6/0", "g 5/0", "h 2/0"], Lines(histogram));
        Assert.All(histogram.Entries, entry => Assert.Equal(entry.Function.Name is "g" or "h", entry.Function.IsInlined));
    }

    [Fact]
    public void What_an_inlined_function_calls_is_charged_to_it_and_its_caller()
    {
        var histogram = Histogram(s_bySymbol, builder => builder.Samples(4, "main;f;(g);k").Samples(1, "main;f@1;(g)"));

        Assert.Equal(["f 5/1", "g 5/0", "k 4/4", "main 5/0"], Lines(histogram).Order());
    }

    [Fact]
    public void A_function_that_was_inlined_here_and_called_there_is_two_entries()
    {
        var histogram = Histogram(s_bySymbol, builder => builder
            .Samples(1, "main;f;(g)").Samples(2, "main;h;(g)").Samples(4, "main;g"));

        Assert.Equal(["main 7/0", "g 4/4", "g 3/0", "h 2/2", "f 1/1"], Lines(histogram));
    }

    [Fact]
    public void Without_children_inlined_functions_have_no_entries()
    {
        var options = s_bySymbol with { Children = false, CallersFirst = false };
        var histogram = Histogram(options, builder => builder.Samples(3, "main;f;(g)").Samples(1, "main;h@1;(g)"));

        Assert.Equal(["f 3/3", "h 1/1"], Lines(histogram));
    }

    [Fact]
    public void Filters_and_hidden_frames_look_at_the_function_whose_code_it_is()
    {
        static IEnumerable<string> Shown(string? symbol, bool hideUnresolved) => Lines(Histogram(
            s_bySymbol with
            {
                HideUnresolved = hideUnresolved,
                Filter = symbol is null ? new SampleFilter() : new SampleFilter { Symbols = new HashSet<string> { symbol } },
            },
            builder => builder.Samples(3, "main;f;(g)").Samples(1, "main;0x10;(g)")));

        Assert.Equal(["f 3/3", "main 3/0", "g 3/0"], Shown("f", hideUnresolved: false));
        Assert.Empty(Shown("g", hideUnresolved: false));
        Assert.Equal(["f 3/3", "main 3/0", "g 3/0"], Shown(null, hideUnresolved: true));
    }

    [Fact]
    public void Every_event_has_its_own_histogram()
    {
        var builder = new ProfileBuilder().Samples(1, "f").Event("page-faults").Samples(2, "g");
        var histograms = Core.Views.Histogram.Build(builder.Profile, s_bySymbol);

        Assert.Equal(["f 1/1"], Lines(histograms[0]));
        Assert.Equal(["g 2/2"], Lines(histograms[1]));
    }

    private static Histogram Histogram(HistogramOptions options, Action<ProfileBuilder> fill)
    {
        var builder = new ProfileBuilder();
        fill(builder);
        return Core.Views.Histogram.Build(builder.Profile, options)[0];
    }

    private static IEnumerable<string> Lines(Histogram histogram) => histogram.Entries.Select(entry =>
        $"{(entry.Function.IsNamed ? entry.Function.Name : $"0x{entry.Function.Start:x}")} {entry.ChildrenPeriod}/{entry.SelfPeriod}");
}
