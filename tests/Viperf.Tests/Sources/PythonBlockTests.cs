using Viperf.Core.Sources;
using Xunit;

namespace Viperf.Tests.Sources;

public class PythonBlockTests
{
    private const string Source = """"
        def plain(a):
            b = a

        # a comment that ends nothing
            return b


        @decorator(
            1,
        )
        @other
        def decorated(
            a,
        ):
            """A text
        at the left ( [
        """
            return '(', "\"(", a \
        + 1

        class Body:
            x = 1

            async def method(self): return 1

            def last(self):
                pass
        f = lambda a: (
            a +
            1)
        g = 2
        """";

    private static readonly string[] s_lines = Source.Split('\n');

    [Theory]
    [InlineData("def plain", "    return b")]
    [InlineData("@decorator", "+ 1")]
    [InlineData("@other", "+ 1")]
    [InlineData("def decorated", "+ 1")]
    [InlineData("class Body", "        pass")]
    [InlineData("    async def", "    async def method(self): return 1")]
    [InlineData("    def last", "        pass")]
    [InlineData("f = lambda", "    1)")]
    [InlineData("g = 2", "g = 2")]
    public void A_definition_ends_with_its_block(string first, string last)
    {
        int line = Array.FindIndex(s_lines, text => text.StartsWith(first, StringComparison.Ordinal)) + 1;
        Assert.Equal(last, s_lines[PythonBlock.LastLine(s_lines, line) - 1]);
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("def f(", 1, 1)]
    [InlineData("def f():\n  '''", 1, 2)]
    [InlineData("def f():\n\tpass\n        pass\nx", 1, 3)]
    [InlineData("@a\n@b", 1, 2)]
    [InlineData("x", 7, 1)]
    [InlineData("x", 0, 0)]
    public void Anything_has_an_end(string source, int first, int last) =>
        Assert.Equal(last, PythonBlock.LastLine(source.Split('\n'), first));
}
