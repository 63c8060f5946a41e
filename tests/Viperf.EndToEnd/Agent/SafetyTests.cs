using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>Switching on and off, threads, interpreters within a process: nothing crashes, and nothing piles up.</summary>
public class SafetyTests
{
    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Thousands_of_switches_cost_no_memory_no_file_and_no_second_name(string version)
    {
        using var tmp = AgentTmp.For(version);

        var result = tmp.Without(AgentTmp.Program("toggles.py"), "1500").Succeeded();

        Assert.Equal("done\n", result.Output);
        Assert.Equal("", result.Error);
        string[] names = AgentTmp.NamesOf(Assert.Single(tmp.Maps));
        Assert.Single(names, "py::twice:toggles.py");
        Assert.Single(names, "py::numbers:toggles.py");
        Assert.Contains(names, name => name.StartsWith("py::", StringComparison.Ordinal) && name.EndsWith("late:toggles.py", StringComparison.Ordinal));
        Assert.Single(tmp.Dumps);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Threads_switch_on_and_off_while_others_run(string version)
    {
        using var tmp = AgentTmp.For(version);
        var result = tmp.With("perf", AgentTmp.Program("toggling_threads.py"), "150").Succeeded();
        Assert.Equal("done\n", result.Output);
        Assert.Equal("", result.Error);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_program_ends_well_while_daemon_threads_run(string version)
    {
        using var tmp = AgentTmp.For(version);

        // CPython stops such threads wherever they are, before 3.14 by unwinding their stacks: some exits in many go wrong
        // where it cannot. 3.9 and 3.10 themselves crash now and then when a thread wakes that late, as it looks into the
        // interpreter's state, which is freed: there the threads must not wake.
        string mode = version.StartsWith("3.9.", StringComparison.Ordinal) || version.StartsWith("3.10.", StringComparison.Ordinal)
            ? "blocked"
            : "busy";
        var result = tmp.Start(
            ["VIPERF=perf", $"LD_PRELOAD={AgentTmp.Library}"], "/bin/sh", "-c",
            "for exit in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do \"$0\" \"$@\" || echo \"status $?\"; done",
            tmp.Python, AgentTmp.Program("daemons.py"), mode).Succeeded();

        Assert.Equal("", result.Output);
        Assert.Equal("", result.Error);
        Assert.Equal(20, tmp.Maps.Length);
        Assert.All(tmp.Maps, map => Assert.Contains("py::spin:daemons.py", AgentTmp.NamesOf(map)));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Subinterpreters_begin_without_and_are_switched_by_themselves(string version)
    {
        using var tmp = AgentTmp.For(version);

        var result = tmp.Without(AgentTmp.Program("subinterpreters.py"), "12").Succeeded();

        Assert.Equal("done\n", result.Output);
        Assert.Equal("", result.Error);
        string[] names = AgentTmp.NamesOf(Assert.Single(tmp.Maps));
        Assert.Contains("py::in_main:subinterpreters.py", names);
        Assert.Contains("py::sub_0:<string>", names);
        Assert.Contains("py::sub_10:<string>", names);
        Assert.DoesNotContain("py::sub_3:<string>", names); // its trampolines are the jitdump's
        Assert.DoesNotContain("py::sub_without:<string>", names);
        Assert.DoesNotContain("py::sub_late:<string>", names);
        Assert.Contains("py::sub_3:<string>"u8, File.ReadAllBytes(Assert.Single(tmp.Dumps)));
    }

    [Fact]
    public void More_interpreters_than_the_agent_knows_at_a_time_come_and_go()
    {
        using var tmp = AgentTmp.For("3.9.18");
        var result = tmp.Without(AgentTmp.Program("subinterpreters.py"), "80").Succeeded();
        Assert.Equal("done\n", result.Output);
        Assert.Contains("py::sub_78:<string>", AgentTmp.NamesOf(Assert.Single(tmp.Maps)));
    }

    [Theory]
    [MemberData(nameof(OwnLocks))]
    public void Interpreters_with_locks_of_their_own_run_side_by_side(string version, string first)
    {
        using var tmp = AgentTmp.For(version);

        var result = tmp.Without(AgentTmp.Program("own_locks.py"), "4", first).Succeeded();

        Assert.Equal("done\n", result.Output);
        Assert.Equal("", result.Error);
        string[] names = AgentTmp.NamesOf(Assert.Single(tmp.Maps));
        Assert.Contains("py::own_1_0_3:<string>", names);
        Assert.Equal(first == "active", names.Contains("py::work:own_locks.py"));
    }

    /// <summary>Versions that have such interpreters; the main one with trampolines, and without.</summary>
    public static TheoryData<string, string> OwnLocks => new()
    {
        { "3.12.1", "active" }, { "3.12.1", "inactive" }, { "3.13.0", "active" }, { "3.13.0", "inactive" },
    };
}
