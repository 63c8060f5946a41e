using Viperf.Core;
using Viperf.Core.Recording;
using Xunit;

namespace Viperf.Tests.Recording;

public class ClockNamesTests
{
    [Theory]
    [InlineData("monotonic", 1)]
    [InlineData("mono", 1)]
    [InlineData("CLOCK_MONOTONIC_RAW", 4)]
    [InlineData("raw", 4)]
    [InlineData("real", 0)]
    [InlineData("boot", 7)]
    [InlineData("tai", 11)]
    [InlineData("1", 1)]
    public void Clocks_have_perfs_names_and_their_numbers(string text, int id) => Assert.Equal(id, ClockNames.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("clock")]
    [InlineData("-1")]
    public void Others_are_wrong_usage(string text) =>
        Assert.Equal(2, Assert.Throws<UserErrorException>(() => ClockNames.Parse(text)).ExitCode);
}
