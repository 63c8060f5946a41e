using System.Globalization;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Export;

/// <summary>Python's <c>pstats</c> reads what <c>export --format pstats</c> writes.</summary>
public sealed class PstatsExportTests(ExportedRecordings recordings) : IClassFixture<ExportedRecordings>
{
    /// <summary>Prints all time, the longest of any function, and by how much a call's own time is longer than its function's at most.</summary>
    private const string Sums = """
        import pstats, sys
        stats = pstats.Stats(sys.argv[1])
        rows = stats.stats.values()
        print(stats.total_tt)
        print(max(row[3] for row in rows))
        print(max(sum(call[2] for call in row[4].values()) - row[2] for row in rows))
        """;

    public static TheoryData<string, string> RecordingsAndVersions
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string name in (string[])[ExportedRecordings.Calls, ExportedRecordings.Threads, ExportedRecordings.Wall, ExportedRecordings.Hostile])
            {
                rows.Add(name, "3.8.18");
                rows.Add(name, "3.13.0");
                rows.Add(name, "system");
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(RecordingsAndVersions))]
    public void Own_times_are_all_of_the_recordings(string name, string version)
    {
        string file = recordings.Export(name, "pstats");

        double[] sums = [.. Interpreter.Of(version).Run("-c", Sums, file).Succeeded().Lines.Select(
            static line => double.Parse(line, CultureInfo.InvariantCulture))];

        Assert.Equal(recordings.Of(name).Seconds, sums[0], 1e-6);
        Assert.InRange(sums[1], 0, recordings.Of(name).Seconds + 1e-6);
        Assert.InRange(sums[2], -recordings.Of(name).Seconds, 1e-6);
    }

    [Fact]
    public void Functions_and_their_callers_are_printed()
    {
        const string Print = """
            import pstats, sys
            stats = pstats.Stats(sys.argv[1]).strip_dirs().sort_stats("cumtime")
            stats.print_stats(10)
            stats.print_callers("prepend")
            """;
        string printed = Interpreter.OfSystem().Run(
            "-c", Print, recordings.Export(ExportedRecordings.Calls, "pstats", "--stacks", "python")).Succeeded().Output;

        Assert.Matches(@"calls\.py:\d+\(<module>\)", printed);
        Assert.Matches(@"calls\.py:\d+\(prepend\) +<- .*\n?.*calls\.py:\d+\(", printed);
    }

    [Fact]
    public void Names_are_text_whatever_is_in_them()
    {
        string file = recordings.Export(ExportedRecordings.Hostile, "pstats", "--stacks", "python");

        string names = Interpreter.OfSystem().Run(
            "-c", "import pstats, sys; print(sorted(key[2] for key in pstats.Stats(sys.argv[1]).stats))", file).Succeeded().Output;

        Assert.Contains("'</script><img src=x onerror=alert(1)>'", names, StringComparison.Ordinal);
        Assert.Contains("'comma,comma'", names, StringComparison.Ordinal);
    }
}
