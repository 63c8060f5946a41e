using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>What a program sees of itself is the same with trampolines as without.</summary>
public class BehaviourTests
{
    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Frames_traces_signals_modules_and_descriptors_are_as_without(string version)
    {
        using var tmp = AgentTmp.For(version);
        string program = AgentTmp.Program("behaviour.py");

        var without = tmp.Without(program).Succeeded();
        var perfMap = tmp.With("perf", program).Succeeded();
        var jitDump = tmp.With("perf_jit", program).Succeeded();

        Assert.Equal(without.Output, perfMap.Output);
        Assert.Equal(without.Output, jitDump.Output);
        Assert.Equal("", without.Error + perfMap.Error + jitDump.Error);
        Assert.Contains("hooks None", without.Output, StringComparison.Ordinal);
        Assert.Contains("py::generator:behaviour.py", AgentTmp.NamesOf(Assert.Single(tmp.Maps)));
        Assert.Contains("py::generator:"u8, File.ReadAllBytes(Assert.Single(tmp.Dumps)));
    }

    [Fact]
    public void The_systems_interpreter_behaves_as_without()
    {
        using var tmp = AgentTmp.OfSystem();
        string program = AgentTmp.Program("behaviour.py");

        var without = tmp.Without(program).Succeeded();
        var with = tmp.With("perf", program).Succeeded();

        Assert.Equal(without.Output, with.Output);
        Assert.Equal("", with.Error);
        Assert.Contains("py::generator:behaviour.py", AgentTmp.NamesOf(Assert.Single(tmp.Maps)));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Another_librarys_evaluator_is_called_below_ours_and_above_it(string version)
    {
        using var library = new CLibrary();
        string hook = library.Compile("hook.c", "hook.so", "-shared", "-fPIC");
        using var tmp = AgentTmp.For(version);

        var result = tmp.Without(AgentTmp.Program("foreign_hook.py"), hook).Succeeded();

        Assert.Equal("done\n", result.Output);
        Assert.Equal("", result.Error);
    }
}
