using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>The program's recursion limit decides how deep calls go, and what stops them is an error, never a crash.</summary>
public class RecursionTests
{
    /// <summary>The versions in which calls from Python to Python take no C stack without trampolines.</summary>
    public static TheoryData<string> WithoutStack => ["3.11.7", "3.12.1", "3.13.0"];

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void The_limit_that_Python_has_stops_calls_as_deep_as_without(string version)
    {
        string[] without = Depths(version, null), with = Depths(version, "perf");

        Assert.Equal(18, without.Length);
        Assert.Equal(without.Length, with.Length);
        for (int i = 0; i < with.Length; i++)
        {
            if (version == "3.12.1" && with[i] != without[i])
            {
                // It counts calls through C besides, to a lower limit. What a trampoline takes of that it gives back at
                // once, so such calls may go deeper, to the program's own limit.
                Assert.InRange(int.Parse(with[i]), int.Parse(without[i]) + 1, 999);
                Assert.True(int.Parse(without[i]) < 900, $"{i}: plain calls stop at {with[i]}, not at {without[i]}");
            }
            else
            {
                Assert.Equal(without[i], with[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_raised_limit_is_reached(string version)
    {
        using var tmp = AgentTmp.For(version);
        string program = AgentTmp.Program("recursion.py");
        Assert.Equal(tmp.Without(program, "raised").Succeeded().Output, tmp.With("perf", program, "raised").Succeeded().Output);
    }

    [Theory]
    [MemberData(nameof(WithoutStack))]
    public void A_limit_that_the_stack_cannot_hold_ends_in_an_error(string version)
    {
        using var tmp = AgentTmp.For(version);
        Assert.Equal("done\n", tmp.With("perf", AgentTmp.Program("recursion.py"), "endless").Succeeded().Output);
    }

    private static string[] Depths(string version, string? backend)
    {
        using var tmp = AgentTmp.For(version);
        string[] args = [AgentTmp.Program("recursion.py"), "default"];
        var result = backend is null ? tmp.Without(args) : tmp.With(backend, args);
        return result.Succeeded().Output.Split([' ', ',', '[', ']', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }
}
