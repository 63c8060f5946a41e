using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Script;

public class ScriptTests
{
    public static MatrixTheoryData<string, string> Recordings => new(
        Interpreter.PerfVersions, [Workload.Nested, Workload.Calls, Workload.Threads, Workload.Processes, Workload.Native]);

    [Theory]
    [MemberData(nameof(Recordings))]
    public void A_file_of_perf_reads_as_perf_reads_it(string version, string program)
    {
        using var directory = new TempDirectory();
        string file = directory.File("perf.data");
        PerfTool.Run("record", "-N", "-F", "9999", "-g", "-o", file, Interpreter.Pyenv(version).Path, "-Xperf", program).Succeeded();

        AssertAgreement(file);
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void A_file_of_viperf_reads_as_perf_reads_it(string version, string program)
    {
        using var directory = new TempDirectory();
        string file = directory.File("perf.data");
        ViperfBinary.Run("record", "-F", "9999", "-g", "-o", file, Interpreter.Pyenv(version).Path, "-Xperf", program).Succeeded();

        AssertAgreement(file);
    }

    [Theory]
    [InlineData("-F", "comm,pid,tid,time,event")]
    [InlineData("-F", "tid,time,period")]
    [InlineData("-F", "ip")]
    [InlineData("-F", "-ip,-sym,-dso,-symoff", "--ns")]
    [InlineData("-F", "+pid,-ip,-sym,-dso,-symoff")]
    [InlineData("-F", "comm,time,ip", "-G")]
    [InlineData("-F", "time,event", "--reltime")]
    [InlineData("-F", "time,event", "--deltatime")]
    [InlineData("-F", "tid,time", "--comms", "perf-exec")]
    public void Columns_are_perfs_to_the_letter(params string[] options)
    {
        using var directory = new TempDirectory();
        string file = RecordNested(directory);

        Assert.Equal(
            PerfTool.Run(["script", "-i", file, .. options]).Succeeded().Output,
            ViperfBinary.Run(["script", "--no-inline", "-i", file, .. options]).Succeeded().Output);
    }

    [Fact]
    public void Several_events_and_no_call_chains_read_as_perf_reads_them()
    {
        using var directory = new TempDirectory();
        string file = directory.File("perf.data");
        PerfTool.Run("record", "-N", "-e", "cpu-clock,page-faults", "-o", file, "ls", "/").Succeeded();

        string[] fields = ["script", "-i", file, "-F", "comm,tid,time,period,event,ip"];
        Assert.Equal(PerfTool.Run(fields).Succeeded().Output, ViperfBinary.Run(fields).Succeeded().Output);
    }

    [Fact]
    public void The_pipe_form_reads_as_the_file_does()
    {
        using var directory = new TempDirectory();
        string pipe = directory.File("pipe.data");
        new Tool { File = "/bin/sh" }.Run("-c", $"'{PerfTool.Path}' record -N -g -F 999 -o - ls / > '{pipe}'").Succeeded();

        var ours = new Tool { File = "/bin/sh" }.Run("-c", $"'{ViperfBinary.Path}' script -i - < '{pipe}'").Succeeded();
        var theirs = new Tool { File = "/bin/sh" }.Run("-c", $"'{PerfTool.Path}' script -i - < '{pipe}'").Succeeded();

        Assert.Equal(
            ScriptSample.Parse(theirs.Output).Select(s => s.Head), ScriptSample.Parse(ours.Output).Select(s => s.Head));
        Assert.Equal("", ours.Error);
    }

    [Fact]
    public void A_reader_that_has_seen_enough_ends_it_quietly()
    {
        using var directory = new TempDirectory();
        string file = RecordNested(directory);

        var result = new Tool { File = "/bin/sh" }.Run("-c", $"'{ViperfBinary.Path}' script -i '{file}' | head -1");

        Assert.Single(result.Lines);
        Assert.Equal("", result.Error);
    }

    [Theory]
    [InlineData("nowhere.data", 1, "no such file")]
    [InlineData("text.data", 1, "text.data")]
    public void What_is_no_recording_costs_one_line(string name, int status, string says)
    {
        using var directory = new TempDirectory();
        directory.Write("text.data", "this is not a recording, only some text that is long enough for a header\n");

        var result = ViperfBinary.RunIn(directory, "script", "-i", name);

        Assert.Equal(status, result.ExitCode);
        Assert.Contains(says, Assert.Single(result.ErrorLines));
        Assert.Equal("", result.Output);
    }

    [Theory]
    [InlineData("bogus", "unknown field 'bogus'")]
    [InlineData("brstack", "'brstack' is not supported")]
    [InlineData("comm,sym", "need the field ip")]
    public void A_wrong_column_is_refused_by_name(string fields, string says)
    {
        using var directory = new TempDirectory();
        string file = RecordNested(directory);

        var result = ViperfBinary.Run("script", "-i", file, "-F", fields);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(says, Assert.Single(result.ErrorLines));
    }

    private static string RecordNested(TempDirectory directory)
    {
        string file = directory.File("perf.data");
        PerfTool.Run(
            "record", "-N", "-F", "999", "-g", "-o", file, Interpreter.OfSystem().Path, Workload.Nested, "300000").Succeeded();
        return file;
    }

    /// <summary>
    /// Samples, times, commands and addresses are the same; so is the leaf's symbol, stubs apart, but for one sample in
    /// 200: perf takes other ones of two symbols at one address.
    /// </summary>
    private static void AssertAgreement(string file)
    {
        var theirs = ScriptSample.Parse(PerfTool.Run("script", "-i", file).Succeeded().Output);
        // perf 6.1 shows inlined functions in stacks that it unwinds, not in those that the kernel walks.
        var result = ViperfBinary.Run("script", "--no-inline", "-i", file).Succeeded();
        var ours = ScriptSample.Parse(result.Output);

        Assert.Equal("", result.Error);
        Assert.NotEmpty(ours);
        Assert.Equal(theirs.Select(s => s.Head), ours.Select(s => s.Head));
        Assert.All(theirs.Zip(ours), pair =>
        {
            // A torn stack may hold a value in the range of the kernel's markers; perf then drops the whole chain.
            if (pair.First.Frames.Count > 0 || !pair.Second.Frames.Any(f => f.IsLikeMarker))
            {
                Assert.Equal(pair.First.Frames.Select(f => f.Address), pair.Second.Frames.Select(f => f.Address));
            }
        });
        int different = theirs.Zip(ours).Count(pair =>
            pair.First.Leaf != pair.Second.Leaf && !IsStub(pair.First.Leaf, pair.Second.Leaf) && pair.First.Frames.Count > 0);
        Assert.True(different * 200 <= ours.Count, $"{different} leaves of {ours.Count} differ");

        // Python's functions: perf also names stale stack words that point at a function's start, which no call
        // returns to; interpreters without frame pointers leave many.
        var python = theirs.SelectMany(s => s.Frames).Where(f => f is { IsStart: false } && f.IsPython);
        Assert.Subset(ours.SelectMany(s => s.Frames).Where(f => f.IsPython).ToHashSet(), python.ToHashSet());
    }

    /// <summary>perf finds no names, or empty ones, for the stubs of some libraries.</summary>
    private static bool IsStub(string theirs, string ours) =>
        (theirs == "[unknown]" && ours.EndsWith("@plt", StringComparison.Ordinal)) || theirs is "@plt" or ".plt";
}
