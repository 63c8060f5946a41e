using Viperf.EndToEnd.Agent;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Capture;

/// <summary>Signals, calls that they interrupt, threads and stacks of captured programs are what they are without capture.</summary>
public class SignalTests
{
    /// <summary>Every version with every way to end.</summary>
    public static TheoryData<string, string> Ends => [.. Interpreter.PyenvVersions.SelectMany(version =>
        new (string, string)[] { (version, "raise"), (version, "_exit"), (version, "exec"), (version, "sleeping") })];

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void An_alarm_ends_a_call_that_waits(string version)
    {
        using var run = new CaptureRun();
        run.RunsAsEver("360 of 360", version, "interrupted.py", "60", "0");
    }

    [Theory]
    [InlineData("3.8.18")]
    [InlineData("3.11.7")]
    [InlineData("3.13.0")]
    public void An_alarm_ends_the_main_threads_call_whichever_thread_takes_it(string version)
    {
        using var run = new CaptureRun();
        run.RunsAsEver("120 of 120", version, "interrupted.py", "20", "2");
    }

    [Theory]
    [InlineData("3.8.18")]
    [InlineData("3.13.0")]
    public void No_call_is_interrupted_that_would_not_be(string version)
    {
        using var run = new CaptureRun();
        run.RunsAsEver("0 of 280", version, "eintr.py", "40");
    }

    [Theory]
    [InlineData("3.8.18", "handler")]
    [InlineData("3.13.0", "handler")]
    [InlineData("3.11.7", "interrupts")]
    [InlineData("3.9.18", "ignored")]
    [InlineData("3.13.0", "ignored")]
    [InlineData("3.8.18", "faulthandler")]
    [InlineData("3.13.0", "faulthandler")]
    [InlineData("3.12.1", "c")]
    public void A_program_has_its_own_traps(string version, string how)
    {
        using var run = new CaptureRun();
        run.RunsAsEver("done", version, "traps.py", how);
    }

    [Fact]
    public void A_trap_that_a_program_does_not_expect_ends_it()
    {
        using var run = new CaptureRun();
        Assert.Equal(133, run.Run("3.13.0", "traps.py", "default").ExitCode);
    }

    [Fact]
    public void Traps_that_were_ignored_before_are_ignored()
    {
        using var run = new CaptureRun();
        var result = run.Start(
            "/bin/sh", "-c", "trap '' TRAP; exec \"$@\"", "sh", Interpreter.Pyenv("3.13.0").Path,
            CaptureRun.Program("traps.py"), "inherited");
        Assert.Equal(("done\n", 0), (result.Output, result.ExitCode));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Threads_that_block_the_signal_wait_for_their_own_only(string version)
    {
        using var run = new CaptureRun();
        string said = run.RunsAsEver("done", version, "blocked.py");
        Assert.Equal(1, run.ProcessesIn("py::while_open"));
        Assert.Matches(@"of [\d,]+ samples some have no Python functions, or not all of theirs: [\d,]+ whose thread blocked the signal", said);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Small_deep_and_foreign_stacks_hold(string version)
    {
        using var compiled = new CLibrary();
        string library = compiled.Compile("../capture/stacks.c", "stacks.so", "-shared", "-fPIC", "-pthread");
        using var run = new CaptureRun();
        run.RunsAsEver("done", version, "stacks.py", library);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_thousand_threads_and_several_interpreters_run(string version)
    {
        using var run = new CaptureRun();
        run.RunsAsEver("done", version, "many.py", "1000");
        run.RunsAsEver("done", version, "interpreters.py");
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_program_ends_with_its_own_status(string version, string how)
    {
        using var run = new CaptureRun();
        var result = run.Run(version, "ends.py", how);
        Assert.Equal(("done\n", 3), (result.Output, result.ExitCode));
    }
}
