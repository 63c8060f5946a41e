using Viperf.Cli.Options;
using Viperf.Core;
using Xunit;

namespace Viperf.Tests.Options;

public class FilterListsTests
{
    [Fact]
    public void Ranges_are_numbers_in_a_row() =>
        Assert.Equal([0, 2, 3, 4], FilterLists.Numbers("0,2-4", "--cpu")!.Order());

    [Fact]
    public void No_option_is_no_filter()
    {
        Assert.Null(FilterLists.Numbers(null, "--pid"));
        Assert.Null(FilterLists.Names(null));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("4-2")]
    [InlineData("-3")]
    [InlineData("0-2147483647")]
    public void What_is_no_number_is_refused(string list) =>
        Assert.Throws<UserErrorException>(() => FilterLists.Numbers(list, "--pid"));
}
