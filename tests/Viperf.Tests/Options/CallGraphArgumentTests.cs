using Viperf.Cli.Options;
using Viperf.Cli.Text;
using Viperf.Core;
using Viperf.Core.Views;
using Xunit;

namespace Viperf.Tests.Options;

public class CallGraphArgumentTests
{
    [Fact]
    public void Nothing_said_is_perfs_default()
    {
        var argument = CallGraphArgument.Parse(null);

        Assert.Equal((CallGraphStyle.Graph, CallGraphKey.Function, CallGraphValue.Percent), (argument.Style, argument.Key, argument.Value));
        Assert.Null(argument.PercentLimit);
        Assert.Null(argument.CallersFirst);
    }

    [Fact]
    public void Everything_perfs_help_names_is_understood()
    {
        var argument = CallGraphArgument.Parse("fractal,0.5,10,callee,address,period");

        Assert.Equal((CallGraphStyle.Fractal, CallGraphKey.Address, CallGraphValue.Period), (argument.Style, argument.Key, argument.Value));
        Assert.Equal((0.5, 10, false), (argument.PercentLimit, argument.BranchLimit, argument.CallersFirst));
    }

    [Fact]
    public void Words_stand_in_any_order_and_may_be_cut_short()
    {
        var argument = CallGraphArgument.Parse("count,caller,fo,2");

        Assert.Equal((CallGraphStyle.Folded, CallGraphValue.Count, true, 2.0),
            (argument.Style, argument.Value, argument.CallersFirst, argument.PercentLimit));
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("graph,-1")]
    [InlineData("graph,1,x")]
    [InlineData("graph,1,2,3.5")]
    public void What_is_none_of_it_is_refused(string text) =>
        Assert.Contains("is none of", Assert.Throws<UserErrorException>(() => CallGraphArgument.Parse(text)).Message);
}
