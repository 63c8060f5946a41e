using System.Text;
using Viperf.Cli.Text;
using Viperf.Core.Profiles;
using Viperf.Core.Views;
using Viperf.Formats.PerfData;
using Viperf.Tests.Profiles;
using Xunit;

namespace Viperf.Tests.Text;

public class StackTextTests
{
    [Fact]
    public void Complete_stacks_need_few_words() => Assert.Equal(
        "all 1,200 complete", Summary(new ProfileBuilder().CallChains().Samples(1200, "_start;main").Samples(1, "[k]g")));

    [Fact]
    public void Nothing_is_said_where_no_stack_is_a_users() =>
        Assert.Null(Summary(new ProfileBuilder().CallChains().Samples(1, "[k]g")));

    [Fact]
    public void The_most_frequent_reason_is_said_with_its_remedy_and_nothing_is_rounded_up() => Assert.Equal(
        "99.9% of 100,010 complete; 6 no frame pointers in lib and others: record with --call-graph dwarf,65528; "
        + "4 for other reasons, see report --stats",
        Summary(new ProfileBuilder().CallChains().Samples(100_000, "_start;main").Samples(4, "lib!f").Samples(2, "f").Samples(4, "0x12")));

    [Theory]
    [InlineData(StackEnd.CutByDump, 8192, 0, "record with --call-graph dwarf,65528")]
    [InlineData(StackEnd.CutByDump, 65528, 0, "no dump is larger; with frame pointers in the interpreter and a high kernel.perf_event_max_stack none is needed, and -O2 makes smaller frames than -O0")]
    [InlineData(StackEnd.CutByKernel, 0, 0, "sysctl kernel.perf_event_max_stack=1024, or record with --call-graph dwarf,65528")]
    [InlineData(StackEnd.CutByKernel, 0, 5, "record with more frames than --call-graph fp,5")]
    [InlineData(StackEnd.Overload, 8192, 0, "record with a lower -F, a smaller dump or a larger -m")]
    public void The_remedy_fits_the_recording(StackEnd end, uint stackDump, int maxStack, string remedy) =>
        Assert.EndsWith(": " + remedy, Summary(new ProfileBuilder().CallChains(stackDump, maxStack).Samples(1, "f", end: end)));

    [Theory]
    [MemberData(nameof(Ends))]
    public void Every_reason_has_words_and_a_remedy(StackEnd end)
    {
        var reasons = Enum.GetValues<StackEnd>().Select(other => StackText.Reason(other, isGuessed: true, null));
        Assert.Single(reasons, StackText.Reason(end, isGuessed: true, null));
        Assert.NotEqual("none", StackText.Remedy(new StackGroup(end, true, null, 1), new ProfileEvent("cpu-clock", true)));
    }

    public static TheoryData<StackEnd> Ends => [.. Enum.GetValues<StackEnd>().Where(end => end != StackEnd.Unknown)];

    [Fact]
    public void The_table_has_a_line_for_every_module_and_a_remedy_for_every_reason()
    {
        var profile = new ProfileBuilder().CallChains(stackDump: 8192)
            .Samples(6, "main;f", end: StackEnd.Complete)
            .Samples(2, "lib!main;f", end: StackEnd.NoUnwindInfo)
            .Samples(1, "main;f", end: StackEnd.CutByDump, isGuessed: true)
            .Samples(1, "main;f", end: StackEnd.NoUnwindInfo)
            .Samples(1, "[k]g")
            .Profile;

        Assert.Equal(
            """

            cpu-clock stacks:
                     6   60.0%  complete
                     2   20.0%  no unwind information in lib
                     1   10.0%  no unwind information in app
                                -> install its debug symbols, or build it without -fno-asynchronous-unwind-tables
                     1   10.0%  cut by the dump's size, with a guessed caller
                                -> record with --call-graph dwarf,65528
                     1          more have no user's stack: the kernel's threads, programs that start or end

            """.ReplaceLineEndings("\n"),
            Text(output => new StatsText(output).WriteStacks(StackQuality.Of(profile))));
    }

    [Fact]
    public void Records_are_counted_in_perfs_words()
    {
        ulong[] records = new ulong[128];
        records[(int)RecordType.PERF_RECORD_COMM] = 1;
        records[(int)RecordType.PERF_RECORD_SAMPLE] = 18;
        records[(int)RecordType.PERF_RECORD_HEADER_FEATURE] = 1;

        Assert.Equal(
            """

            Aggregated stats:
                       TOTAL events:         20
                        COMM events:          1  ( 5.0%)
                      SAMPLE events:         18  (90.0%)
                     FEATURE events:          1  ( 5.0%)

            """.ReplaceLineEndings("\n"),
            Text(output => new StatsText(output).WriteRecords(records)));
    }

    private static string? Summary(ProfileBuilder builder) => StackText.Summary(StackQuality.Of(builder.Profile));

    private static string Text(Action<Utf8Output> write)
    {
        using var stream = new MemoryStream();
        using var output = new Utf8Output(stream);
        write(output);
        output.Flush();
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
