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

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void The_dump_of_two_programs_in_one_process_is_read_by_perf_and_viperf(string version)
    {
        using var tmp = AgentTmp.For(version);
        string[] agent = ["VIPERF=perf_jit", $"LD_PRELOAD={AgentTmp.Library}"];
        tmp.Start(
            [], ViperfBinary.Path,
            [
                "record", "-q", "-k", "1", "-F", "999", "--call-graph", "dwarf", "--python", "off", "-o", "/tmp/exec.data", "--",
                "env", .. agent, tmp.Python, "-S", AgentTmp.Program("ends.py"), "exec", "0.1",
            ]).Succeeded();
        int functions = JitDumpFile.Read(Assert.Single(tmp.Dumps)).Length;

        var perf = tmp.Start([], PerfTool.Path, "inject", "-j", "-i", "/tmp/exec.data", "-o", "/tmp/perf.data").Succeeded();
        int byPerf = TakeImages(tmp);
        var viperf = tmp.Start([], ViperfBinary.Path, "inject", "-j", "-i", "/tmp/exec.data", "-o", "/tmp/viperf.data").Succeeded();

        Assert.Equal("", perf.Error + viperf.Error);
        Assert.Equal(functions, byPerf);
        Assert.Equal(functions, TakeImages(tmp));
        Assert.Contains("py::busy:", tmp.Start([], ViperfBinary.Path, "script", "-i", "/tmp/exec.data").Succeeded().Output, StringComparison.Ordinal);
    }

    /// <summary>Counts the images of functions that an injection wrote, and removes them.</summary>
    private static int TakeImages(AgentTmp tmp)
    {
        string[] images = Directory.GetFiles(tmp.Directory.Path, "jitted-*.so");
        Assert.All(images, File.Delete);
        return images.Length;
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
