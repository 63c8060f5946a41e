using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>Processes that fork, become another program, or end at once: whose file has what.</summary>
public class ForkTests
{
    /// <summary>Every version with every kind of file.</summary>
    public static TheoryData<string, string> AllWithBackends
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string version in Interpreter.PyenvVersions)
            {
                rows.Add(version, "perf");
                rows.Add(version, "perf_jit");
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(AllWithBackends))]
    public void A_child_has_its_own_names_and_those_inherited_and_its_parent_has_none_of_them(string version, string backend)
    {
        using var tmp = AgentTmp.For(version);
        var result = tmp.Without("-W", "ignore::DeprecationWarning", AgentTmp.Program("forks.py"), backend).Succeeded();
        Assert.Equal("done\n", result.Output);
        Assert.Equal("", result.Error);
    }
}
