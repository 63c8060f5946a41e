using Viperf.Cli.Options;
using Viperf.Core;
using Xunit;

namespace Viperf.Tests.Options;

public class CallGraphModeTests
{
    [Fact]
    public void An_option_that_is_not_given_says_nothing() => Assert.Null(CallGraphMode.Parse(null));

    [Theory]
    [InlineData("fp", 0)]
    [InlineData("fp,", 0)]
    [InlineData("dwarf", 8192)]
    [InlineData("dwarf,", 8192)]
    [InlineData("dwarf,16384", 16384)]
    [InlineData("dwarf,,16384", 16384)]
    [InlineData("dwarf,16384,3", 16384)]
    [InlineData("dwarf,1", 8)]
    [InlineData("dwarf,100", 104)]
    [InlineData("dwarf,65521", 65528)]
    [InlineData("dwarf,65528", 65528)]
    [InlineData("dwarf,0x2000", 8192)]
    [InlineData("dwarf,020", 16)]
    public void Sizes_are_read_and_rounded_as_perf_does(string text, int stackDump)
    {
        var mode = CallGraphMode.Parse(text)!;

        Assert.Equal(stackDump, mode.StackDump);
        Assert.Null(mode.MaxStack);
    }

    [Theory]
    [InlineData("fp,3", 3)]
    [InlineData("fp,0", 0)]
    [InlineData("fp,4294967296", null)]
    public void Frames_are_limited_below_the_kernels_own_limit(string text, int? maxStack) =>
        Assert.Equal(maxStack, CallGraphMode.Parse(text)!.MaxStack);

    [Theory]
    [InlineData("dwarf,0", "Incorrect stack dump size (max 65528): 0")]
    [InlineData("dwarf,65529", "Incorrect stack dump size (max 65528): 65529")]
    [InlineData("dwarf,18446744073709551615", "Incorrect stack dump size")]
    [InlineData("dwarf,-1", "Incorrect stack dump size")]
    [InlineData("dwarf,8k", "Incorrect stack dump size")]
    [InlineData("dwarf,0x", "Incorrect stack dump size")]
    [InlineData("dwarf,08", "Incorrect stack dump size")]
    [InlineData("lbr", "branches")]
    [InlineData("dwar", "Unknown --call-graph option value: dwar")]
    [InlineData("DWARF", "Unknown --call-graph option value: DWARF")]
    [InlineData(",", "Unknown --call-graph option value: ,")]
    [InlineData("fp,x", "no number of frames")]
    public void Others_are_wrong_usage(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => CallGraphMode.Parse(text));

        Assert.Equal(2, error.ExitCode);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
