using Viperf.Core.Views;
using Viperf.Tests.Profiles;
using Xunit;

namespace Viperf.Tests.Views;

public class CallGraphTests
{
    private static readonly HistogramOptions s_callersFirst = new();
    private static readonly HistogramOptions s_calleesFirst = new() { CallersFirst = false };
    private static readonly CallGraphCut s_everything = new(CallGraphShape.Tree, 0, 0);

    [Fact]
    public void Callers_first_an_entry_shows_what_it_called()
    {
        Assert.Equal(
            "f g:5[h:3 i:2]",
            Graph("f", s_callersFirst, s_everything, b => b.Samples(3, "main;f;g;h").Samples(2, "main;f;g;i")));
    }

    [Fact]
    public void Callers_first_an_entrys_own_samples_show_their_whole_chain()
    {
        Assert.Equal(
            "main f:3 f g:2",
            Graph("f", s_callersFirst, s_everything, b => b.Samples(3, "main;f").Samples(2, "main;f;g")));
    }

    [Fact]
    public void Callees_first_an_entry_shows_who_called_it()
    {
        Assert.Equal(
            "f:6[a main:3 b main:2 main:1]",
            Graph("f", s_calleesFirst, s_everything, b => b
                .Samples(3, "main;a;f;x").Samples(2, "main;b;f").Samples(1, "main;f")));
    }

    [Fact]
    public void Callees_first_recursion_starts_at_the_innermost_call()
    {
        Assert.Equal(
            "f g f main:2",
            Graph("f", s_calleesFirst, s_everything, b => b.Samples(2, "main;f;g;f;x")));
    }

    [Fact]
    public void Callers_first_recursion_starts_at_the_outermost_call()
    {
        Assert.Equal(
            "f g f x:2",
            Graph("f", s_callersFirst, s_everything, b => b.Samples(2, "main;f;g;f;x")));
    }

    [Fact]
    public void An_entrys_own_samples_show_what_was_inlined_into_it()
    {
        static void Fill(ProfileBuilder b) => b.Samples(3, "main;f;(g)").Samples(2, "main;f@1;(g);k");

        Assert.Equal("main f g (inlined):3 f g (inlined) k:2", Graph("f", s_callersFirst, s_everything, Fill));
        Assert.Equal("g (inlined) f main:3 f main:2", Graph("f", s_calleesFirst, s_everything, Fill));
        Assert.Equal("g (inlined) f main:5", Graph("g", s_calleesFirst, s_everything, Fill));
    }

    [Fact]
    public void Links_fold_until_chains_part_or_end()
    {
        Assert.Equal(
            "a b:6(1)[c d:5]",
            Graph("a", s_callersFirst, s_everything, b => b.Samples(5, "a;b;c;d").Samples(1, "a;b")));
    }

    [Fact]
    public void Branches_under_the_least_weight_are_cut_and_still_count()
    {
        Assert.Equal(
            "a:10[b:9]",
            Graph("a", s_callersFirst, new CallGraphCut(CallGraphShape.Tree, 2, 0), b => b.Samples(9, "a;b").Samples(1, "a;c")));
    }

    [Fact]
    public void Relative_trees_are_cut_by_their_parents_weight()
    {
        Assert.Equal(
            "a:90[x:60 b:30[c:25]]",
            Graph("a", s_callersFirst, new CallGraphCut(CallGraphShape.RelativeTree, 0, 0.3), b => b
                .Samples(60, "a;x").Samples(25, "a;b;c").Samples(5, "a;b;d")));
    }

    [Fact]
    public void Chains_are_whole_and_sorted_by_their_own_weight()
    {
        Assert.Equal(
            "a b:3 a:2",
            Graph("a", s_callersFirst, new CallGraphCut(CallGraphShape.Chains, 2, 0), b => b
                .Samples(2, "a").Samples(3, "a;b").Samples(1, "a;b;c"), own: true));
    }

    [Fact]
    public void Addresses_keep_frames_of_one_function_apart_if_asked_for()
    {
        var options = s_callersFirst with { CallGraphKey = CallGraphKey.Address, SourceLineOf = _ => null };

        Assert.Equal("f:2 f:1", Graph("f", options, s_everything, b => b.Samples(2, "f@1").Samples(1, "f@2")));
        Assert.Equal("f:3", Graph("f", s_callersFirst, s_everything, b => b.Samples(2, "f@1").Samples(1, "f@2")));
    }

    [Fact]
    public void Branches_of_equal_weight_come_with_the_highest_address_first()
    {
        Assert.Equal(
            "a:3[x:1 y:1 z:1]",
            Graph("a", s_callersFirst, s_everything, b => b
                .Samples(1, "z").Samples(1, "y").Samples(1, "x").Samples(1, "a;x").Samples(1, "a;z").Samples(1, "a;y")));
    }

    /// <summary>A node as "links:total(own)[children]", own only where chains also go on.</summary>
    private static string Graph(
        string entry, HistogramOptions options, CallGraphCut cut, Action<ProfileBuilder> fill, bool own = false)
    {
        var builder = new ProfileBuilder();
        fill(builder);
        var histogram = Histogram.Build(builder.Profile, options)[0];
        return Text(histogram.CallGraphOf(histogram.Entries.Single(e => e.Function.Name == entry), cut));

        string Text(IReadOnlyList<CallGraphNode> nodes) => string.Join(' ', nodes.Select(node =>
            string.Join(' ', node.Links.Select(histogram.NameOfLink))
            + $":{(own ? node.OwnPeriod : node.TotalPeriod)}"
            + (node is { OwnPeriod: > 0, ChildrenPeriod: > 0, Children.Count: 1 } && !own ? $"({node.OwnPeriod})" : "")
            + (node.Children.Count > 0 ? $"[{Text(node.Children)}]" : "")));
    }
}
