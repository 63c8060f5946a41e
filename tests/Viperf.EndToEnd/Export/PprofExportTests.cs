using System.Globalization;
using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Export;

/// <summary><c>go tool pprof</c> reads what <c>export --format pprof</c> writes.</summary>
public sealed partial class PprofExportTests(ExportedRecordings recordings) : IClassFixture<ExportedRecordings>
{
    [Theory]
    [MemberData(nameof(ExportedRecordings.All), MemberType = typeof(ExportedRecordings))]
    public void Totals_are_the_recordings(string name)
    {
        var recording = recordings.Of(name);

        string raw = Pprof("-raw", recordings.Export(name, "pprof"));

        var values = SampleLine().Matches(raw)
            .Select(static match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(static value => long.Parse(value, CultureInfo.InvariantCulture)).ToArray())
            .ToList();
        Assert.Equal(recording.Samples, values.Sum(static sample => sample[0]));
        Assert.Equal(recording.Period, values.Sum(static sample => sample[^1]));
        Assert.Contains(name == ExportedRecordings.Wall ? "wall/nanoseconds[dflt]" : "cpu/nanoseconds[dflt]", raw, StringComparison.Ordinal);
        Assert.Contains("command: ", raw, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_have_their_time_and_threads_are_told_apart()
    {
        string file = recordings.Export(ExportedRecordings.Threads, "pprof", "--stacks", "python");

        string top = Pprof("-top", "-lines", file);
        string tags = Pprof("-tags", file);

        foreach (string function in (string[])["red", "green", "blue"])
        {
            Assert.Matches($@"(?m)ms\s+\d+\.\d+% +{function} .*/threads\.py:\d+$", top);
        }

        Assert.Equal(4, Regex.Matches(tags, @"(?s) tid: (.*?)\n\n").Select(static block => block.Groups[1].Value.Split('\n').Length - 1).Max());
    }

    [Fact]
    public void Waits_take_no_CPU_time()
    {
        string file = recordings.Export(ExportedRecordings.Wall, "pprof");

        Assert.Matches(@"(?m)^ +[1-9].*% +\[blocked: ", Pprof("-top", file));
        Assert.DoesNotMatch(@"(?m)^ +[1-9].*% +\[blocked: ", Pprof("-top", "-sample_index=cpu", file));
    }

    [Fact]
    public void Names_are_text_whatever_is_in_them()
    {
        string top = Pprof("-top", "-nodecount=1000", recordings.Export(ExportedRecordings.Hostile, "pprof", "--stacks", "python"));

        Assert.Contains("</script><img src=x onerror=alert(1)>", top, StringComparison.Ordinal);
        Assert.Contains(" <module>\n", top, StringComparison.Ordinal);
        Assert.Contains("semi;colon", top, StringComparison.Ordinal);
        Assert.Contains("=cmd()", top, StringComparison.Ordinal);
    }

    private static string Pprof(params string[] arguments)
    {
        Assert.SkipUnless(Tool.IsOnPath("go"), "go is not installed");
        return new Tool { File = "go" }.Run(["tool", "pprof", .. arguments]).Succeeded().Output;
    }

    /// <summary>Values, and the locations behind them.</summary>
    [GeneratedRegex(@"^ *((?:\d+ +)*\d+): [\d ]*$", RegexOptions.Multiline)]
    private static partial Regex SampleLine();
}
