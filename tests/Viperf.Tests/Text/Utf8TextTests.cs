using System.Text;
using Viperf.Cli.Text;
using Xunit;

namespace Viperf.Tests.Text;

public class Utf8TextTests
{
    [Fact]
    public void Numbers_are_filled_up_on_the_left()
    {
        string text = Text(o => o.AddDecimal(7UL, 3, (byte)'0').AddDecimal(-12, 6).AddHex(0xbeef, 8).AddDecimal(1UL << 63));

        Assert.Equal("007   -12    beef9223372036854775808", text);
    }

    [Fact]
    public void Control_characters_of_names_cannot_reach_a_terminal() =>
        Assert.Equal("a?[31mb??ü\n", Text(o => o.Add("a\u001b[31mb\n\u007fü").Add("\n"u8)));

    [Fact]
    public void A_name_longer_than_its_column_is_not_cut() => Assert.Equal("abcdef", Text(o => o.AddRight("abcdef", 3)));

    private static string Text(Action<Utf8Text> add)
    {
        var text = new Utf8Text();
        add(text);
        return Encoding.UTF8.GetString(text.Take());
    }
}
