using Viperf.Cli.Options;
using Viperf.Core;
using Xunit;

namespace Viperf.Tests.Options;

public class TimeSliceTests
{
    [Theory]
    [InlineData("141.723627,142", 141_723_627_000UL, 142_000_000_000UL)]
    [InlineData(",0.000000001", 0UL, 1UL)]
    [InlineData("7,", 7_000_000_000UL, ulong.MaxValue)]
    [InlineData("7", 7_000_000_000UL, ulong.MaxValue)]
    [InlineData(null, 0UL, ulong.MaxValue)]
    public void Seconds_become_nanoseconds(string? text, ulong from, ulong to) =>
        Assert.Equal((from, to), TimeSlice.Parse(text));

    [Theory]
    [InlineData("a,b")]
    [InlineData("1.0000000001,2")]
    [InlineData("99999999999999999999,")]
    [InlineData("18446744074,")]
    [InlineData("2,1")]
    [InlineData("-1,2")]
    public void What_is_no_slice_is_refused_as_usage(string text) =>
        Assert.Equal(2, Assert.Throws<UserErrorException>(() => TimeSlice.Parse(text)).ExitCode);
}
