using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Capture;

/// <summary>Programs that execute, fork and spawn while they are captured: nobody dies of a signal, all end as ever.</summary>
public class ProcessTests
{
    [Fact]
    public void Timers_of_a_process_that_lives_on_end_with_the_recording()
    {
        Assert.SkipUnless(File.Exists("/proc/self/timers"), "the kernel does not tell of timers");
        using var user = OrdinaryUser.Become();
        user.Directory.Write("daemon.py", """
            import os, time
            def burn(seconds):
                end = time.process_time() + seconds
                while time.process_time() < end:
                    pass
            def timers():
                with open("/proc/self/timers") as file:
                    return file.read().count("signal:")
            if os.fork():
                burn(0.1)
                os._exit(0)
            burn(0.01)
            with open("before", "w") as file:
                file.write(str(timers()))
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in 0, 1, 2:
                os.dup2(null, descriptor)
            while not os.path.exists("ended"):
                time.sleep(0.01)
            burn(0.1)
            with open("timers", "w") as file:
                file.write(str(timers()))
            os.rename("timers", "after")
            """);
        user.Run(
            "record", "--python", "capture", "--call-graph", "dwarf", "-o", "perf.data", "--", Interpreter.OfSystem().Path, "daemon.py").Succeeded();
        user.Directory.Write("ended", "");
        string after = user.Directory.File("after");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(after), TimeSpan.FromMinutes(1)));
        Assert.Equal(("1", "0"), (File.ReadAllText(user.Directory.File("before")), File.ReadAllText(after)));
    }

    /// <summary>Every version, alone and with other threads.</summary>
    public static TheoryData<string, string> Execs => [.. Interpreter.PyenvVersions.SelectMany(version =>
        new (string, string)[] { (version, "alone"), (version, "threads") })];

    [Theory]
    [MemberData(nameof(Execs))]
    public void A_program_that_executes_others_is_not_ended_by_a_signal_on_the_way(string version, string mode)
    {
        using var run = new CaptureRun();
        run.RunsAsEver("end", version, "execs.py", "20", mode, "/bin/echo", "end");
        Assert.NotEqual(0, run.ProcessesIn("py::spin"));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Forked_children_are_captured_and_end_as_ever(string version)
    {
        using var run = new CaptureRun();
        run.RunsAsEver("done", version, "forks.py", "3");
        Assert.InRange(run.ProcessesIn("py::childs_work"), 10, 1000);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Children_that_share_their_parents_memory_get_no_signals(string version)
    {
        using var run = new CaptureRun();
        run.RunsAsEver("[3, 4]", version, "spawns.py", "8");
    }

    [Theory]
    [InlineData("files")]
    [InlineData("environment")]
    [InlineData("limits")]
    [InlineData("memory")]
    [InlineData("user")]
    [InlineData("root")]
    public void A_program_that_gives_up_what_a_recording_needs_goes_on(string what)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess || what is not "user" and not "root", "only root can");
        using var run = new CaptureRun();
        using var root = new TempDirectory();
        run.RunsAsEver("done", "3.13.0", "sandbox.py", what, root.Path);
    }

    [Theory]
    [InlineData("STOP", 3)]
    [InlineData("KILL", 137)]
    public void A_recorder_that_is_stopped_or_dies_takes_nobody_along(string signal, int status)
    {
        using var run = new CaptureRun();
        var result = run.Run("3.13.0", "recorder.py", signal);
        Assert.Equal(("done\n", status), (result.Output, result.ExitCode));
    }

    [Fact]
    public void A_process_with_a_tracer_is_not_captured_and_the_user_hears_of_it()
    {
        using var run = new CaptureRun();
        var result = run.Run("3.13.0", "traced.py");
        Assert.Equal("7\nTrue 0 0\n", result.Output);
        Assert.Contains("which traces it", result.Error, StringComparison.Ordinal);
    }
}
