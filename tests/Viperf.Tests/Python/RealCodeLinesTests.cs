using Viperf.Formats.Python;
using Xunit;

namespace Viperf.Tests.Python;

/// <summary>Line tables of the machine's own interpreters, as those read them: <c>co_lines()</c>, <c>dis.findlinestarts</c>.</summary>
public class RealCodeLinesTests
{
    public static TheoryData<string> Pythons => InstalledPythons.All;

    [Theory]
    [MemberData(nameof(Pythons))]
    public void Lines_of_the_standard_library_are_those_that_the_interpreter_tells(string python)
    {
        var (minor, codes) = DumpedCode.Of(python);

        Assert.True(codes.Count > 1000);
        foreach (var code in codes)
        {
            List<CodeLineRange> ranges = [];
            bool isWhole = CodeLines.Read(minor, code.FirstLine, code.Table, (uint)code.Code.Length, ranges);

            Assert.True(isWhole && code.Lines.SequenceEqual(ranges), $"{code.File}:{code.FirstLine} {code.Name}: {Convert.ToHexString(code.Table)}");
        }
    }
}
