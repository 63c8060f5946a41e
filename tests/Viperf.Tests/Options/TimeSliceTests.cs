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

    [Theory]
    [InlineData("10%-20%", 1100UL, 1200UL)]
    [InlineData("0%-100%", 1000UL, 2000UL)]
    [InlineData("10%/2", 1100UL, 1200UL)]
    public void Parts_are_reckoned_from_the_first_and_the_last_sample(string text, ulong from, ulong to) =>
        Assert.Equal((from, to), TimeSlice.Parse(text, (1000, 2000)));

    [Theory]
    [InlineData("20%-10%")]
    [InlineData("10%-110%")]
    [InlineData("10%/0")]
    [InlineData("10%/11")]
    [InlineData("10%")]
    [InlineData("x%-y%")]
    public void What_is_no_part_is_refused_as_usage(string text) =>
        Assert.Equal(2, Assert.Throws<UserErrorException>(() => TimeSlice.Parse(text, (1000, 2000))).ExitCode);

    [Fact]
    public void A_part_of_a_recording_that_does_not_say_its_times_is_refused() =>
        Assert.Contains("does not say", Assert.Throws<UserErrorException>(() => TimeSlice.Parse("10%-20%")).Message);
}
