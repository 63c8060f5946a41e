using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>VIPERF in the environment of an interpreter that has the package installed.</summary>
public class StartupTests
{
    private const string Version = "3.11.7";

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void It_switches_trampolines_on_in_every_process(string version)
    {
        using var tmp = AgentTmp.For(version);
        InstalledPackage.Into(tmp);
        tmp.Directory.Write(
            "perftest.py",
            """
            import subprocess, sys
            def foo(): subprocess.run([sys.executable, "-c", "def of_child(): pass\nof_child()"], check=True)
            foo()
            """);

        Assert.Equal(new ToolResult(0, "", ""), InstalledPackage.Run(tmp, ["VIPERF=perf"], "/tmp/perftest.py"));
        Assert.Equal(new ToolResult(0, "", ""), InstalledPackage.Run(tmp, ["VIPERF=perf_jit"], "/tmp/perftest.py"));

        Assert.Single(tmp.Maps, map => AgentTmp.NamesOf(map).Contains("py::foo:perftest.py"));
        Assert.Single(tmp.Maps, map => AgentTmp.NamesOf(map).Contains("py::of_child:<string>"));
        Assert.Single(tmp.Dumps, dump => File.ReadAllText(dump).Contains("py::foo:/tmp/perftest.py", StringComparison.Ordinal));
        Assert.Single(tmp.Dumps, dump => File.ReadAllText(dump).Contains("py::of_child:<string>", StringComparison.Ordinal));
    }

    [Fact]
    public void Unset_or_empty_it_imports_nothing()
    {
        using var tmp = AgentTmp.For(Version);
        InstalledPackage.Into(tmp);
        string[] program = ["-c", "import sys; print([m for m in sys.modules if m.startswith('viperf')])"];

        Assert.Equal("[]\n", InstalledPackage.Run(tmp, [], program).Succeeded().Output);
        Assert.Equal("[]\n", InstalledPackage.Run(tmp, ["VIPERF="], program).Succeeded().Output);
    }

    [Theory]
    [InlineData("yes", "viperf: VIPERF is 'yes': give perf or perf_jit; no trampolines")]
    [InlineData("Perf", "viperf: VIPERF is 'Perf': give perf or perf_jit; no trampolines")]
    [InlineData("ä", @"viperf: VIPERF is '\xe4': give perf or perf_jit; no trampolines")]
    public void A_value_that_is_no_backend_costs_one_line(string value, string line)
    {
        using var tmp = AgentTmp.For(Version);
        InstalledPackage.Into(tmp);

        var result = InstalledPackage.Run(tmp, ["PYTHONUTF8=1", $"VIPERF={value}"], "-c", "print('runs')");

        Assert.Equal(new ToolResult(0, "runs\n", $"{line}\n"), result);
        Assert.Empty(tmp.Maps);
    }

    [Fact]
    public void A_failure_costs_one_line_and_nothing_where_nobody_could_read_it()
    {
        using var tmp = AgentTmp.For(Version);
        InstalledPackage.Into(tmp);
        File.Delete(InstalledPackage.PathIn(tmp, "_agent.abi3.so"));
        string[] program = [tmp.Python, "-c", "print('runs')"];

        var result = tmp.With([.. InstalledPackage.Variables, "VIPERF=perf"], program[1..]);
        var closed = tmp.Start([.. InstalledPackage.Variables, "VIPERF=perf"], "/bin/sh", ["-c", "exec \"$@\" 2>&-", "sh", .. program]);
        var full = tmp.Start([.. InstalledPackage.Variables, "VIPERF=perf"], "/bin/sh", ["-c", "exec \"$@\" 2>/dev/full", "sh", .. program]);

        Assert.Equal(("runs\n", 0), (result.Output, result.ExitCode));
        Assert.Matches(
            "^viperf: no trampolines: viperf's agent is not there, /tmp/user/.*/viperf/_agent.abi3.so: pip install --force-reinstall viperf$",
            Assert.Single(result.ErrorLines));
        Assert.Equal(new ToolResult(0, "runs\n", ""), closed);
        Assert.Equal(new ToolResult(0, "runs\n", ""), full);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void With_an_agent_that_is_preloaded_too_nothing_happens_twice(string version)
    {
        using var tmp = AgentTmp.For(version);
        InstalledPackage.Into(tmp);
        tmp.Directory.Write(
            "perftest.py",
            """
            import sys
            def foo(): pass
            foo()
            print([m for m in sys.modules if m.startswith("viperf")])
            import viperf
            def bar(): pass
            viperf.activate_stack_trampoline("perf")
            bar()
            viperf.deactivate_stack_trampoline()
            def unseen(): pass
            unseen()
            """);

        var result = InstalledPackage.Run(tmp, ["VIPERF=perf", $"LD_PRELOAD={AgentTmp.Library}"], "/tmp/perftest.py");

        Assert.Equal(new ToolResult(0, "[]\n", ""), result);
        string[] names = AgentTmp.NamesOf(Assert.Single(tmp.Maps));
        Assert.Single(names, "py::foo:perftest.py");
        Assert.Single(names, "py::bar:perftest.py");
        Assert.Single(names, "viperf::evaluator");
        Assert.DoesNotContain("py::unseen:perftest.py", names);
    }

    [Theory]
    [MemberData(nameof(Interpreter.WithPerfSupport), MemberType = typeof(Interpreter))]
    public void CPythons_own_trampolines_stay_where_they_were_asked_for_too(string version)
    {
        using var tmp = AgentTmp.For(version);
        InstalledPackage.Into(tmp);

        var result = InstalledPackage.Run(tmp, ["VIPERF=perf"], "-X", "perf", "-c", "import sys; print(sys.is_stack_trampoline_active())");

        Assert.Equal(new ToolResult(0, "True\n", ""), result);
    }
}
