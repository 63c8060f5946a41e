using System.Diagnostics;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Record;

/// <summary>How the recorder treats processes: its own command, others, and signals.</summary>
public sealed class RecordProcessTests : IDisposable
{
    /// <summary>Works until somebody ends it; says when it has begun.</summary>
    private const string Busy = "print('ready', flush=True)\nwhile True: sum(range(1000))";

    private readonly TempDirectory _directory = new();

    private string Data => _directory.File("perf.data");

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("kill -9 $$", 137)]
    [InlineData("true", 0)]
    public void The_exit_status_is_the_commands(string script, int status)
    {
        var result = ViperfBinary.RunIn(_directory, "record", "-q", "sh", "-c", script);

        Assert.Equal(status, result.ExitCode);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public void The_program_finds_its_signals_descriptors_and_limits_as_without_viperf()
    {
        string[] program =
        [
            Interpreter.OfSystem().Path, "-c",
            "import os; s=open('/proc/self/status').read(); print(s[s.index('SigPnd'):s.index('CapInh')],"
            + " sorted(os.listdir('/proc/self/fd')), open('/proc/self/limits').read(), os.environ.get('PATH'))",
        ];

        string without = new Tool { File = "nice" }.Run(program).Succeeded().Output;
        string with = new Tool { File = "nice", WorkingDirectory = _directory.Path }
            .Run([ViperfBinary.Path, "record", "-q", .. program]).Succeeded().Output;

        Assert.Equal(without, with);
    }

    [Fact]
    public void A_terminal_gets_the_messages_and_no_control_codes()
    {
        string python = Interpreter.OfSystem().Path;
        const string underTerminal = "import pty, sys; pty.spawn(sys.argv[1:])";

        var result = new Tool { File = python, WorkingDirectory = _directory.Path }
            .Run("-c", underTerminal, ViperfBinary.Path, "record", "true").Succeeded();

        Assert.Contains("[ viperf record: Captured", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Output);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void A_signal_ends_the_recording_and_the_file_is_whole(string signal)
    {
        using var recorder = Start("record", Interpreter.OfSystem().Path, "-c", Busy);
        recorder.StandardOutput.ReadLine();
        Signal(signal, recorder.Id);
        var result = Tool.Finish(recorder);

        Assert.Equal(128 + 15, result.ExitCode);
        Assert.Contains("samples, 0 lost) ]", result.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Equal("", PerfTool.Run("evlist", "-i", Data).Succeeded().Error);
    }

    [Fact]
    public void What_a_killed_recorder_leaves_has_samples()
    {
        using var recorder = Start("record", "-F", "9999", "-m", "1", Interpreter.OfSystem().Path, "-c", Busy);
        recorder.StandardOutput.ReadLine();
        long begun = new FileInfo(Data).Length;
        Assert.True(SpinWait.SpinUntil(() => new FileInfo(Data).Length > begun + 4096, TimeSpan.FromMinutes(1)));
        using var program = Process.GetProcessById(ChildOf(recorder.Id));
        recorder.Kill();
        recorder.WaitForExit();
        program.Kill();

        var script = ViperfBinary.Run("script", "-i", Data).Succeeded();

        Assert.Contains("cpu-clock", script.Output, StringComparison.Ordinal);
        Assert.Single(script.ErrorLines);
    }

    [Fact]
    public void A_running_process_is_recorded_with_the_names_of_its_files_until_it_ends()
    {
        using var target = new Tool { File = Interpreter.OfSystem().Path }.Start("-c", Busy);
        target.StandardOutput.ReadLine();
        using var recorder = Start("record", "-p", target.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Data) && new FileInfo(Data).Length > 20_000, TimeSpan.FromMinutes(1)));
        target.Kill();

        var result = Tool.Finish(recorder);
        string script = PerfTool.Run("script", "-i", Data, "-F", "comm,pid,ip,sym,dso").Succeeded().Output;

        Assert.Equal(0, result.ExitCode);
        Assert.Matches($@"python3 +{target.Id} ", script);
        Assert.Contains("/bin/python3", script, StringComparison.Ordinal);
        Assert.Matches(@"MMAP2 .*\[.*<[0-9a-f]{40}>\].*/bin/python3", PerfTool.Run("script", "--show-mmap-events", "-i", Data).Output);
    }

    [Theory]
    [InlineData(127, "cannot run no-such-program: No such file or directory", "no-such-program")]
    [InlineData(126, "cannot run /etc/passwd: Permission denied", "/etc/passwd")]
    [InlineData(1, "event 'nosuch' is not known", "-e", "nosuch", "true")]
    [InlineData(1, "modifier 'q' is not known", "-e", "instructions:q", "true")]
    [InlineData(1, @"Maximum frequency rate \([\d,]+ Hz\) exceeded", "-F", "1000000000", "true")]
    [InlineData(1, "cannot write no/such/file: there is no such directory", "-o", "no/such/file", "true")]
    [InlineData(1, "process 99999999 is gone", "-p", "99999999")]
    [InlineData(1, "CPU 9999 is not in use", "-C", "9999", "true")]
    [InlineData(1, "smaller value of -m/--mmap_pages", "-m", "100G", "true")]
    [InlineData(2, "nothing to record")]
    [InlineData(2, "no ring size", "-m", "1x", "true")]
    [InlineData(2, "--call-graph lbr", "--call-graph", "lbr", "true")]
    [InlineData(2, "callchain: Unknown --call-graph option value: dwar", "--call-graph=dwar", "true")]
    [InlineData(2, @"callchain: Incorrect stack dump size \(max 65528\): 65529", "-g", "--call-graph", "dwarf,65529", "true")]
    [InlineData(2, "--unwind later: give live, post or none", "--unwind", "later", "--call-graph", "dwarf", "true")]
    [InlineData(2, "nothing to unwind without --call-graph dwarf", "-g", "--unwind=post", "true")]
    [InlineData(2, "perf's option -b is not supported", "-b", "true")]
    [InlineData(2, "clock 'sundial' is not known", "-k", "sundial", "true")]
    public void Bad_input_costs_one_line_and_leaves_nothing(int status, string pattern, params string[] args)
    {
        var result = ViperfBinary.RunIn(_directory, ["record", .. args]);

        Assert.Equal(status, result.ExitCode);
        Assert.Matches("^viperf record: .*(" + pattern + ")", Assert.Single(result.ErrorLines));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void A_command_that_does_not_start_leaves_the_older_file_as_it_was()
    {
        _directory.Write("perf.data", "older");

        Assert.Equal(127, ViperfBinary.RunIn(_directory, "record", "no-such-program").ExitCode);

        Assert.Equal("older", File.ReadAllText(Data));
        Assert.False(File.Exists(Data + ".old"));
    }

    public void Dispose() => _directory.Dispose();

    private Process Start(params string[] args) =>
        new Tool { File = ViperfBinary.Path, WorkingDirectory = _directory.Path }.Start(args);

    private static void Signal(string signal, int pid) =>
        new Tool { File = "kill" }.Run($"-{signal}", pid.ToString(System.Globalization.CultureInfo.InvariantCulture)).Succeeded();

    private static int ChildOf(int pid) => int.Parse(
        File.ReadAllText($"/proc/{pid}/task/{pid}/children").Trim(), System.Globalization.CultureInfo.InvariantCulture);
}
