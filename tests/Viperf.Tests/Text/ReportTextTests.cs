using System.Text;
using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core.Views;
using Viperf.Tests.Profiles;
using Xunit;

namespace Viperf.Tests.Text;

public class ReportTextTests
{
    private static readonly ReportColumns s_leaves = ReportColumns.Parse("sym", null, children: false);
    private static readonly ReportLayout s_layout = new() { Columns = s_leaves.Shown, Quiet = true, CallGraphPercentLimit = 0.5 };

    [Fact]
    public void The_whole_text_is_perfs()
    {
        var columns = ReportColumns.Parse(null, null, children: true);
        string text = Report(
            s_layout with { Columns = columns.Shown, Quiet = false, Style = CallGraphStyle.Graph },
            new HistogramOptions { Order = columns.Order },
            builder => builder.Samples(3, "main;f;[k]g").Samples(1, "main;f;0x1234"));

        Assert.Equal(
            """
            #
            # Total Lost Samples: 0
            #
            # Samples: 4  of event 'cpu-clock'
            # Event count (approx.): 4
            #
            # Children      Self  Command  Shared Object      Symbol                
            # ........  ........  .......  .................  ......................
            #
               100.00%     0.00%  app      app                [.] main
                        |
                        ---main
                           f
                           |          
                           |--75.00%--g
                           |          
                            --25.00%--0x1234

               100.00%     0.00%  app      app                [.] f
                        |
                        ---f
                           |          
                           |--75.00%--g
                           |          
                            --25.00%--0x1234

                75.00%    75.00%  app      [kernel.kallsyms]  [k] g
                        |
                        ---main
                           f
                           g

                25.00%    25.00%  app      [unknown]          [.] 0x0000000000001234
                        |
                        ---main
                           f
                           0x1234




            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public void Fractal_graphs_end_with_the_rest_that_was_cut_off()
    {
        string text = Report(
            s_layout with { Style = CallGraphStyle.Fractal, CallGraphPercentLimit = 20 },
            new HistogramOptions { Order = s_leaves.Order, Children = false, CallersFirst = false },
            builder => builder.Samples(9, "a;f").Samples(1, "b;f"));

        Assert.Equal(
            """
               100.00%  [.] f
                        |
                        ---f
                           |          
                           |--90.00%--a
                            --10.00%--[...]




            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public void How_many_stacks_are_complete_stands_in_the_heading()
    {
        var profile = new ProfileBuilder().CallChains().Samples(2, "_start;f").Profile;
        using var stream = new MemoryStream();
        using var output = new Utf8Output(stream);
        new ReportText(output, s_layout with { Quiet = false }).Write(
            profile, Histogram.Build(profile, Leaves), [StackQuality.Of(profile)]);
        output.Flush();

        Assert.Contains(
            "# Event count (approx.): 2\n# Stacks: all 2 complete\n#\n# Overhead", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Theory]
    [InlineData("Flat", "Percent", "           66.67%\n                f\n                a\n\n           33.33%\n                f\n                b\n\n")]
    [InlineData("Folded", "Count", "2 f;a\n1 f;b\n")]
    [InlineData("Folded", "Period", "2 f;a\n1 f;b\n")]
    public void Chains_stand_alone(string style, string value, string expected)
    {
        string text = Report(
            s_layout with { Style = Enum.Parse<CallGraphStyle>(style), Value = Enum.Parse<CallGraphValue>(value) },
            new HistogramOptions { Order = s_leaves.Order, Children = false, CallersFirst = false },
            builder => builder.Samples(2, "a;f").Samples(1, "b;f"));

        Assert.Equal($"   100.00%  [.] f\n{expected}\n\n", text);
    }

    [Fact]
    public void A_separator_takes_the_paddings_place_and_is_kept_out_of_names()
    {
        string text = Report(s_layout with { Separator = ",", Quiet = false }, Leaves, builder => builder.Samples(1, "f(a,b)"));

        Assert.EndsWith("# Overhead,Symbol\n100.00%,[.] f(a.b)\n\n\n", text);
    }

    [Fact]
    public void Entries_under_the_limit_are_left_out_and_still_widen_columns()
    {
        string text = Report(
            s_layout with { PercentLimit = 10, Quiet = false }, Leaves, builder => builder.Samples(99, "f").Samples(1, "long_name"));

        Assert.EndsWith("# Overhead  Symbol       \n# ........  .............\n#\n    99.00%  [.] f\n\n\n", text);
    }

    [Fact]
    public void Percentages_are_of_what_is_shown_if_asked_for()
    {
        var options = Leaves with { Filter = new SampleFilter { Symbols = new HashSet<string> { "f" } } };

        Assert.StartsWith("    25.00%  [.] f\n", Report(s_layout, options, Fill));
        Assert.StartsWith("   100.00%  [.] f\n", Report(s_layout with { RelativePercentages = true }, options, Fill));

        static void Fill(ProfileBuilder builder) => builder.Samples(1, "f").Samples(3, "g");
    }

    [Fact]
    public void Names_cannot_command_a_terminal() =>
        Assert.StartsWith("   100.00%  [.] f?[2J\n", Report(s_layout, Leaves, builder => builder.Samples(1, "f\e[2J")));

    [Theory]
    [InlineData(1000, "# Samples: 1000  of")]
    [InlineData(1001, "# Samples: 1K of")]
    [InlineData(14999, "# Samples: 14K of")]
    public void Large_numbers_of_samples_are_cut_as_perf_cuts_them(int samples, string expected) =>
        Assert.Contains(expected, Report(s_layout with { Quiet = false }, Leaves, builder => builder.Samples(samples, "f")));

    private static HistogramOptions Leaves => new() { Order = s_leaves.Order, Children = false, CallersFirst = false };

    private static string Report(ReportLayout layout, HistogramOptions options, Action<ProfileBuilder> fill)
    {
        var builder = new ProfileBuilder();
        fill(builder);
        using var stream = new MemoryStream();
        using var output = new Utf8Output(stream);
        new ReportText(output, layout).Write(builder.Profile, Histogram.Build(builder.Profile, options));
        output.Flush();
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
