using Viperf.Cli.Options;
using Viperf.Core;
using Viperf.Core.Views;
using Xunit;

namespace Viperf.Tests.Options;

public class ReportColumnsTests
{
    [Theory]
    [InlineData(null, null, true, "Children,Self,Command,Shared Object,Symbol")]
    [InlineData(null, null, false, "Overhead,Command,Shared Object,Symbol")]
    [InlineData("sym", null, true, "Children,Self,Symbol")]
    [InlineData("+cpu", null, false, "Overhead,Command,Shared Object,Symbol,CPU")]
    [InlineData("dso,overhead", null, false, "Overhead,Shared Object")]
    [InlineData(null, "overhead,sym", true, "Overhead,Symbol")]
    [InlineData(null, "overhead_children,overhead", true, "Children,Overhead")]
    [InlineData(null, "+period", true, "Children,Self,Period,Command,Shared Object,Symbol")]
    [InlineData("comm", "overhead,sym", true, "Overhead,Symbol,Command")]
    [InlineData("pid,tid,tgid", null, false, "Overhead,    Pid:Command,   Tgid:Command")]
    public void Columns_follow_perfs_rules(string? sort, string? fields, bool children, string expected) =>
        Assert.Equal(expected, string.Join(',', ReportColumns.Parse(sort, fields, children).Shown.Select(column => column.Title)));

    [Fact]
    public void Entries_sort_by_the_keys_of_s_before_the_columns_of_F() =>
        Assert.Equal(
            [HistogramColumn.Comm, HistogramColumn.Self, HistogramColumn.Symbol],
            ReportColumns.Parse("comm", "overhead,sym", children: true).Order);

    [Fact]
    public void Columns_that_other_options_ask_for_stand_before_the_keys() =>
        Assert.Equal(
            ["Overhead", "Samples", "Command"],
            ReportColumns.Parse("comm", null, children: false, HistogramColumn.Samples).Shown.Select(column => column.Title));

    [Theory]
    [InlineData("bogus", null, "-s bogus: unknown key 'bogus'")]
    [InlineData(null, "comm,bogus", "-F comm,bogus: unknown key 'bogus'")]
    public void An_unknown_name_is_refused(string? sort, string? fields, string says) => Assert.StartsWith(
        says, Assert.Throws<UserErrorException>(() => ReportColumns.Parse(sort, fields, children: true)).Message);

    [Fact]
    public void A_column_that_a_filter_leaves_one_value_goes_into_a_comment()
    {
        var columns = ReportColumns.Parse(null, null, children: false);

        var (shown, constants) = columns.WithoutConstants(new SampleFilter { Dsos = new HashSet<string> { "lib" } });
        Assert.Equal(["Overhead", "Command", "Symbol"], shown.Select(column => column.Title));
        Assert.Equal([("dso", "lib")], constants);

        (shown, _) = columns.WithoutConstants(new SampleFilter { Dsos = new HashSet<string> { "lib", "app" } });
        Assert.Equal(4, shown.Count);
    }
}
