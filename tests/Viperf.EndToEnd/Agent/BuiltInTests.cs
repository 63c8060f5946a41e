using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>CPython's own trampolines, through the package's API.</summary>
public class BuiltInTests
{
    /// <summary>Rows for a theory over the versions that have none.</summary>
    public static TheoryData<string> Without => [.. Interpreter.PyenvVersions.Except(Interpreter.PerfVersions)];

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void They_are_switched_on_told_of_and_switched_off_as_the_agents_are(string version)
    {
        using var tmp = AgentTmp.For(version);
        tmp.Directory.Write(
            "perftest.py",
            """
            import sys, viperf
            def seen(): pass
            def unseen(): pass
            viperf.activate_stack_trampoline("perf", implementation="builtin")
            viperf.activate_stack_trampoline("perf", implementation="builtin")
            assert sys.is_stack_trampoline_active() and viperf.is_stack_trampoline_active()
            seen()
            viperf.deactivate_stack_trampoline()
            assert not sys.is_stack_trampoline_active() and not viperf.is_stack_trampoline_active()
            unseen()
            """);

        Assert.Equal(new ToolResult(0, "", ""), tmp.With([], "/tmp/perftest.py"));

        Assert.Contains("py::seen:/tmp/perftest.py", tmp.Map);
        Assert.DoesNotContain("py::unseen:", tmp.Map);
    }

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void Neither_replaces_the_other_while_it_is_active(string version)
    {
        using var tmp = AgentTmp.For(version);
        tmp.Directory.Write(
            "perftest.py",
            """
            import sys, viperf
            for first, second in ("agent", "builtin"), ("builtin", "agent"):
                viperf.activate_stack_trampoline("perf", implementation=first)
                for activate in viperf.activate_stack_trampoline, viperf.trampolines:
                    try:
                        with activate("perf", implementation=second):
                            raise AssertionError(second)
                    except RuntimeError as problem:
                        print(problem)
                assert sys.is_stack_trampoline_active() == (first == "builtin")
                assert viperf.is_stack_trampoline_active()
                viperf.deactivate_stack_trampoline()
                assert not viperf.is_stack_trampoline_active()
            """);

        string[] said = tmp.With([], "/tmp/perftest.py").Succeeded().Lines;

        const string AgentIsActive = "viperf's trampolines are active: call deactivate_stack_trampoline() first";
        const string BuiltInIsActive = "the interpreter's own trampolines are active (-X perf, or sys.activate_stack_trampoline)";
        Assert.Equal([AgentIsActive, AgentIsActive, BuiltInIsActive, BuiltInIsActive], said);
    }

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void The_context_manager_brings_them_back(string version)
    {
        using var tmp = AgentTmp.For(version);
        tmp.Directory.Write(
            "perftest.py",
            """
            import sys, viperf
            with viperf.trampolines(implementation="builtin"):
                assert sys.is_stack_trampoline_active()
                with viperf.trampolines(implementation="builtin"):
                    assert sys.is_stack_trampoline_active()
                assert sys.is_stack_trampoline_active()
                with viperf.trampolines(implementation="builtin"):
                    viperf.deactivate_stack_trampoline()
                    viperf.activate_stack_trampoline("perf")
                assert sys.is_stack_trampoline_active()
            assert not viperf.is_stack_trampoline_active()
            """);

        Assert.Equal(new ToolResult(0, "", ""), tmp.With([], "/tmp/perftest.py"));
    }

    [Theory]
    [MemberData(nameof(Without))]
    public void Where_there_are_none_that_is_said(string version)
    {
        using var tmp = AgentTmp.For(version);

        var result = tmp.With([], "-c", "import viperf; viperf.activate_stack_trampoline('perf', implementation='builtin')");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            $"RuntimeError: Python {Version.Parse(version).ToString(2)} has no trampolines of its own, which came with CPython 3.12: "
                + "use implementation='agent'",
            result.ErrorLines[^1]);
    }

    [Fact]
    public void An_implementation_that_is_none_is_refused()
    {
        using var tmp = AgentTmp.For("3.13.0");

        var result = tmp.With([], "-c", "import viperf; viperf.activate_stack_trampoline('perf', implementation='own')");

        Assert.Equal("ValueError: invalid implementation: own", result.ErrorLines[^1]);
    }
}
