using System.Globalization;
using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Record;

/// <summary>What a recording of a launched program holds, as perf reads it.</summary>
public sealed partial class RecordTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Data => _directory.File("perf.data");

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void Perf_reads_every_sample_of_a_recorded_program(string version)
    {
        string python = Interpreter.Pyenv(version).Path;

        var result = Record("-F", "9999", "-g", python, Workload.Calls, "300").Succeeded();
        var times = PerfTool.Run("script", "-i", Data, "-F", "comm,tid,time,event,ip,sym,dso").Succeeded();

        var (samples, lost) = Closing(result);
        Assert.True(samples > 0);
        Assert.Equal(0, lost);
        Assert.Equal(samples, times.Output.Split('\n').Count(line => line.Length > 0 && line[0] != '\t' && line.Contains("cpu-clock:", StringComparison.Ordinal)));
        Assert.Contains("_PyEval_EvalFrameDefault", times.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_header_tells_of_machine_command_and_times()
    {
        Record("-F", "99", "true").Succeeded();

        string header = PerfTool.Run("report", "--header-only", "-i", Data).Succeeded().Output;

        Assert.Contains($"# hostname : {File.ReadAllText("/proc/sys/kernel/hostname").Trim()}\n", header, StringComparison.Ordinal);
        Assert.Contains($"# os release : {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}\n", header, StringComparison.Ordinal);
        Assert.Matches(@"# cmdline : \S*viperf record ", header);
        Assert.Matches(@"# nrcpus online : [1-9]", header);
        Assert.Matches(@"# total memory : \d+ kB", header);
        Assert.Matches(@"# event : name = cpu-clock, ", header);
        Assert.Contains("# CPU_TOPOLOGY info available", header, StringComparison.Ordinal);
    }

    [Fact]
    public void The_clock_that_was_asked_for_is_in_the_file()
    {
        Record("-k", "mono", "true").Succeeded();

        Assert.Contains("# clockid: monotonic (1)", PerfTool.Run("report", "--header-only", "-i", Data).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_events_each_have_their_samples()
    {
        Record("-e", "cpu-clock:u,page-faults", "-e", "context-switches", "-F", "999", Interpreter.OfSystem().Path, "-c", "pass").Succeeded();

        string evlist = PerfTool.Run("evlist", "-i", Data).Succeeded().Output;
        string script = PerfTool.Run("script", "-i", Data, "-F", "event").Succeeded().Output;

        Assert.Equal("cpu-clock:u\npage-faults\ncontext-switches\n", evlist.Replace("# Tip", "", StringComparison.Ordinal));
        Assert.Contains("cpu-clock:u:", script, StringComparison.Ordinal);
        Assert.Contains("page-faults:", script, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pipe_form_is_perfs_and_the_programs_output_stays_out_of_it()
    {
        string file = _directory.File("pipe.data");
        new Tool { File = "sh" }.Run("-c", $"'{ViperfBinary.Path}' record -q -o - sh -c 'echo of the program' > '{file}'").Succeeded();

        var text = PerfTool.Run("script", "-i", file).Succeeded();

        Assert.Contains("cpu-clock:", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_and_children_are_recorded_unless_inheritance_is_off()
    {
        string[] program = ["sh", "-c", $"{Interpreter.OfSystem().Path} -c 'sum(range(10**6))'; true"];

        Record(["-F", "999", .. program]).Succeeded();
        string with = PerfTool.Run("script", "-i", Data, "-F", "comm").Output;
        Record(["-F", "999", "-i", .. program]).Succeeded();
        string without = PerfTool.Run("script", "-i", Data, "-F", "comm").Output;

        Assert.Contains("python3", with, StringComparison.Ordinal);
        Assert.DoesNotContain("python3", without, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_delay_mappings_come_from_the_beginning_and_samples_do_not()
    {
        var result = Record("-D", "-1", Interpreter.OfSystem().Path, "-c", "pass").Succeeded();

        Assert.Equal(0, Closing(result).Samples);
        Assert.Contains("python3", PerfTool.Run("script", "--show-mmap-events", "-i", Data).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void All_cpus_can_be_recorded_while_a_command_runs()
    {
        Record("-a", "-F", "999", Interpreter.OfSystem().Path, "-c", "sum(range(10**6))").Succeeded();

        string script = PerfTool.Run("script", "-i", Data, "-F", "comm,cpu").Succeeded().Output;

        Assert.Matches(@"python3 +\[\d+\]", script);
    }

    [Fact]
    public void An_older_file_becomes_old()
    {
        Record("-q", "true").Succeeded();
        byte[] first = File.ReadAllBytes(Data);
        Record("-q", "true").Succeeded();

        Assert.Equal(first, File.ReadAllBytes(Data + ".old"));
    }

    [Fact]
    public void An_ordinary_user_records_user_space()
    {
        using var user = OrdinaryUser.Become();
        Assert.SkipUnless(File.ReadAllText("/proc/sys/kernel/perf_event_paranoid").Trim() == "2", "perf_event_paranoid is not 2");

        user.Run("record", "-F", "999", "-g", Interpreter.OfSystem().Path, "-c", "sum(range(10**6))").Succeeded();

        string data = user.Directory.File("perf.data");
        Assert.Equal("cpu-clock:u\n", PerfTool.Run("evlist", "-f", "-i", data).Succeeded().Output);
        var refused = user.Run("record", "-m", "64M", "true");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("try again with a smaller value of -m/--mmap_pages", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private ToolResult Record(params string[] args) => ViperfBinary.RunIn(_directory, ["record", .. args]);

    private static (int Samples, int Lost) Closing(ToolResult result)
    {
        var match = ClosingLine().Match(result.ErrorLines[^1]);
        Assert.True(match.Success, result.Error);
        return (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^\[ viperf record: Captured and wrote \d+\.\d{3} MB perf\.data \((\d+) samples, (\d+) lost\) \]$")]
    private static partial Regex ClosingLine();
}
