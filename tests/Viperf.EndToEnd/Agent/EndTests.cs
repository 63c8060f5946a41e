using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>However a process ends, its files have all that ran before.</summary>
public class EndTests
{
    /// <summary>Every version with every end, and the exit status that is its own.</summary>
    public static TheoryData<string, string, int> Ends
    {
        get
        {
            var rows = new TheoryData<string, string, int>();
            foreach (string version in Interpreter.PyenvVersions)
            {
                rows.Add(version, "_exit", 0);
                rows.Add(version, "kill", 137);
                rows.Add(version, "abort", 134);
                rows.Add(version, "closed", 0);
                rows.Add(version, "fatal", 1);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void No_function_is_missing(string version, string end, int status)
    {
        using var tmp = AgentTmp.For(version);
        foreach (string backend in (string[])["perf", "perf_jit"])
        {
            var result = tmp.Start(
                [$"VIPERF={backend}", $"LD_PRELOAD={AgentTmp.Library}"], "/bin/sh", "-c", "ulimit -c 0; \"$@\"; exit $?",
                "sh", tmp.Python, AgentTmp.Program("ends.py"), end);
            Assert.Equal(status, result.ExitCode);
        }

        HasAll(MapOf(tmp));
        HasAll(DumpOf(tmp));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_process_that_becomes_another_program_goes_on_with_its_files(string version)
    {
        using var tmp = AgentTmp.For(version);

        tmp.With("perf", AgentTmp.Program("ends.py"), "exec").Succeeded();
        tmp.With("perf_jit", AgentTmp.Program("ends.py"), "exec").Succeeded();

        foreach (string[] names in (string[][])[MapOf(tmp), DumpOf(tmp)])
        {
            HasAll(names);
            int before = Array.IndexOf(names, "py::before_exec:ends.py");
            Assert.InRange(before, 0, Array.IndexOf(names, "py::after_exec:ends.py"));
        }
    }

    private static string[] MapOf(AgentTmp tmp) => AgentTmp.NamesOf(Assert.Single(tmp.Maps));

    private static string[] DumpOf(AgentTmp tmp) =>
        [.. JitDumpFile.Read(Assert.Single(tmp.Dumps)).Select(JitDumpFile.WithoutDirectory)];

    private static void HasAll(string[] names)
    {
        for (int i = 0; i < 300; i++)
        {
            Assert.Single(names, $"py::made_{i}:ends.py");
        }

        Assert.Single(names, "py::last:ends.py");
    }
}
