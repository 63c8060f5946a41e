using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Capture;

/// <summary><c>--mode wall</c> and <c>--mode gil</c>: time in which threads do not run.</summary>
[Collection(nameof(MachineOfItsOwn))]
public class ClockTests
{
    /// <summary>What a thread's samples may differ by from the time that it measures itself: it begins and ends between looks.</summary>
    private const double Margin = 0.1;

    private const string GilWait = "[GIL wait]";
    private const string CpuWait = "[waiting for a CPU]";

    private static readonly string s_standing = CaptureRun.Program("standing.py");
    private static readonly string s_gil = CaptureRun.Program("gil.py");

    /// <summary>In which system calls the threads of standing.py stand, and in which function if that is not their own.</summary>
    private static readonly Dictionary<string, (string[] Calls, string Function)> s_stands = new()
    {
        ["sleeper"] = (["clock_nanosleep", "select", "pselect6"], "sleeper"),
        ["reader"] = (["read"], "reader"),
        ["locker"] = (["futex"], "locker"),
        ["selecter"] = (["select", "pselect6"], "selecter"),
        ["receiver"] = (["recvfrom"], "receiver"),
        ["looper"] = (["epoll_wait", "epoll_pwait"], "select"),
    };

    public static TheoryData<string> Versions => ["3.8.18", "3.11.7", "3.13.0", "system"];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Threads_that_stand_still_have_their_time_where_they_stand(string version) =>
        AssertStanding(TimedRun.Record(Interpreter.Of(version).Path, "wall", s_standing, "1.5"));

    [Theory]
    [MemberData(nameof(Versions))]
    public void Functions_are_known_though_threads_go_on_while_they_are_looked_at(string version)
    {
        var run = TimedRun.Record(Interpreter.Of(version).Path, "wall", CaptureRun.Program("short_stands.py"));

        var stands = run.Samples.Where(sample => s_stands["sleeper"].Calls.Any(call => sample.Leaf == $"[blocked: {call}]")).ToList();
        string[] names = [.. stands.Select(sample => sample.Python?.Function ?? "none").Distinct()];
        Assert.InRange(names.Length, 50, 200);
        Assert.DoesNotContain(names, name => !name.StartsWith("stand", StringComparison.Ordinal));
    }

    [Fact]
    public void An_ordinary_user_may_look_at_his_own_threads()
    {
        using var user = OrdinaryUser.Become();
        File.Copy(s_standing, user.Directory.File("standing.py"));
        AssertStanding(TimedRun.Record(arguments => user.Run(arguments), Interpreter.OfSystem().Path, "wall", ["standing.py", "1.5"]));
    }

    [Fact]
    public void Where_perf_events_are_refused_it_is_the_same()
    {
        using var refused = new RefusedPerf();
        AssertStanding(TimedRun.Record(
            arguments => refused.Run(RefusedPerf.NotPermitted, arguments), Interpreter.Pyenv("3.13.0").Path, "wall", [s_standing, "1.5"]));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Two_busy_threads_share_the_lock(string version)
    {
        var run = TimedRun.Record(Interpreter.Of(version).Path, "gil", s_gil, "1.5", "first", "second");
        double[] has = [0, 0], waited = [0, 0];
        foreach (var (i, name) in ((string[])["first", "second"]).Index())
        {
            var thread = run.Threads[name];
            waited[i] = run.SecondsOf(thread, sample => sample.Leaf == GilWait) / thread.Seconds;
            has[i] = run.SecondsOf(thread, sample => sample.Leaf is not GilWait and not CpuWait) / thread.Seconds;
            double all = run.SecondsOf(thread, _ => true) / thread.Seconds; // other programs may have the CPUs meanwhile
            Assert.InRange(all, 1 - (2 * Margin), 1 + Margin);
            Assert.True(
                run.SecondsOf(thread, sample => sample.Leaf == GilWait && sample.Python?.Function == name) / thread.Seconds > 0.8 * waited[i],
                $"{name} waits elsewhere");
        }

        Assert.InRange(has[0] / has.Sum(), 0.25, 0.75);
        Assert.InRange(waited[0] / waited.Sum(), 0.25, 0.75);
        Assert.InRange(has.Sum(), 0, 1 + Margin); // never both at a time
        double notWaiting = run.Threads.Values.Sum(thread => run.SecondsOf(thread, sample => sample.Leaf != GilWait) / thread.Seconds);
        Assert.InRange(notWaiting, 1 - (2 * Margin), 2); // one of them always has it, or waits for a CPU
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_thread_has_the_lock_while_its_call_keeps_it_and_not_while_its_call_lets_go(string version)
    {
        var run = TimedRun.Record(Interpreter.Of(version).Path, "gil", s_gil, "1.5", "holder", "hasher");
        var holder = run.Threads["holder"];
        double asleep = run.SecondsOf(
            holder, sample => sample.Leaf is "[blocked: clock_nanosleep]" or "[blocked: nanosleep]" && sample.Python?.Function == "holder");
        Assert.InRange(asleep / holder.Seconds, 1 - (2 * Margin), 1 + Margin);

        var hasher = run.Threads["hasher"];
        double has = run.SecondsOf(hasher, sample => sample.Leaf is not GilWait and not CpuWait);
        Assert.InRange(has / hasher.Seconds, 0, Margin);
    }

    [Fact]
    public void Forked_and_executed_processes_and_the_answer_of_run_show_it_too()
    {
        using var directory = new TempDirectory();
        directory.Write("family.py", """
            import os, subprocess, sys, time
            def parent_waits(pid):
                os.waitpid(pid, 0)
            def child_sleeps():
                time.sleep(0.6)
            pid = os.fork()
            if pid == 0:
                child_sleeps()
                os._exit(0)
            parent_waits(pid)
            subprocess.run([sys.executable, "-c", "import time\ndef other_sleeps():\n    time.sleep(0.6)\nother_sleeps()"])
            """);
        var result = ViperfBinary.RunIn(
            directory, "run", "--mode", "wall", "--interpreter", Interpreter.Pyenv("3.13.0").Path, "family.py").Succeeded();
        foreach (string function in (string[])["parent_waits", "child_sleeps", "other_sleeps"])
        {
            string line = Assert.Single(result.Error.Split('\n'), line => line.Contains(function, StringComparison.Ordinal));
            Assert.True(double.Parse(line.Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) > 0.5, line);
        }

        Assert.Contains("blocked", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--mode wall: give --call-graph dwarf", "record", "--mode", "wall", "--", "true")]
    [InlineData("--mode walk: give cpu, wall or gil", "record", "--mode", "walk", "--", "true")]
    [InlineData("--mode gil: the event can only be cpu-clock", "record", "--mode", "gil", "--call-graph", "dwarf", "-e", "page-faults", "--", "true")]
    [InlineData("--mode wall and gil need --python capture, not agent", "run", "--mode", "wall", "--python", "agent", "-c", "pass")]
    public void What_cannot_be_is_refused_in_one_line(string message, params string[] arguments)
    {
        using var directory = new TempDirectory();
        var result = ViperfBinary.RunIn(directory, arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static void AssertStanding(TimedRun run)
    {
        Assert.Equal(s_stands.Count + 1, run.Threads.Count);
        foreach (var (name, thread) in run.Threads)
        {
            double all = run.SecondsOf(thread, _ => true);
            Assert.True(all / thread.Seconds is > 1 - Margin and < 1 + Margin, $"{name}: {all} s of {thread.Seconds}");
            if (!s_stands.TryGetValue(name, out var stands))
            {
                Assert.True(run.SecondsOf(thread, sample => sample.Python?.Function == name) > 0.8 * all, $"{name} was busy elsewhere");
                continue;
            }

            double there = run.SecondsOf(thread, sample =>
                stands.Calls.Any(call => sample.Leaf == $"[blocked: {call}]") && sample.Python is { } frame && frame.Function == stands.Function
                && (thread.Line == 0 || frame.Line == thread.Line));
            Assert.True(there > 0.85 * all, $"{name}: {there} s of {all}");
            Assert.Equal(0, thread.Woken); // nobody has disturbed it
        }
    }
}
