using Viperf.EndToEnd.Harness;
using Viperf.EndToEnd.Script;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>Recordings of programs that switch the agent on through the package's API.</summary>
public class ApiRecordTests
{
    private const string Rounds = "8000000";

    private static readonly string[] s_tools = ["perf", "viperf"];

    /// <summary>Every version, with either recorder.</summary>
    public static MatrixTheoryData<string, string> Recordings => new(Interpreter.PyenvVersions, s_tools);

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Stacks_have_the_functions_after_inject_in_either_reader(string version, string recorder)
    {
        using var tmp = AgentTmp.For(version);

        RecordWithCopiesOfStacks(tmp, recorder, "perf_jit");

        Assert.All(s_tools, reader => HasWholeStacks(ReadWithJitDump(tmp, reader)));
        Assert.Empty(tmp.Maps);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Stacks_have_no_functions_where_trampolines_were_switched_off_before(string version)
    {
        using var tmp = AgentTmp.For(version);

        RecordWithCopiesOfStacks(tmp, "perf", "off");

        var samples = ReadWithJitDump(tmp, "perf");
        Assert.NotEmpty(samples);
        Assert.DoesNotContain(samples.SelectMany(PythonFunctions), name => name is "foo" or "bar" or "baz");
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Viperf_shows_whole_stacks_by_the_perf_map_alone(string version)
    {
        using var tmp = AgentTmp.For(version);

        RecordWithCopiesOfStacks(tmp, "viperf", "perf");

        HasWholeStacks(Read(tmp, ViperfBinary.Path, "perf.data"));
        Assert.Empty(tmp.Dumps);
    }

    private static void RecordWithCopiesOfStacks(AgentTmp tmp, string recorder, string mode)
    {
        // --python off: what the stacks have is of the API, not of an agent that viperf brings.
        string[] options = recorder == "viperf" ? ["--python", "off"] : [];
        string[] program = [tmp.Python, AgentTmp.Program("api_loop.py"), mode, Rounds];
        Run(tmp, Tool(recorder), ["record", .. options, "-F", "99", "-k", "1", "--call-graph", "dwarf,65528", "-o", "perf.data", .. program]);
    }

    private static List<ScriptSample> ReadWithJitDump(AgentTmp tmp, string reader)
    {
        Run(tmp, Tool(reader), "inject", "--jit", "-i", "perf.data", "-o", "perf.jit.data");
        return Read(tmp, Tool(reader), "perf.jit.data");
    }

    private static List<ScriptSample> Read(AgentTmp tmp, string reader, string file)
    {
        var result = Run(tmp, reader, "script", "-i", file);
        Assert.Equal("", result.Error);
        return ScriptSample.Parse(result.Output);
    }

    private static void HasWholeStacks(List<ScriptSample> samples)
    {
        string[][] ofLoop = [.. samples.Select(PythonFunctions).Where(names => names.Contains("foo"))];
        Assert.NotEmpty(ofLoop);
        Assert.All(ofLoop, names => Assert.Equal(["foo", "bar", "baz"], names.Take(3)));
    }

    private static ToolResult Run(AgentTmp tmp, string program, params string[] args) => tmp.Start([], program, args).Succeeded();

    private static string Tool(string name) => name == "perf" ? PerfTool.Path : ViperfBinary.Path;

    /// <summary>The Python functions of a stack, callers last, of the loop's file.</summary>
    private static string[] PythonFunctions(ScriptSample sample)
    {
        string file = ":" + AgentTmp.Program("api_loop.py");
        return
        [
            .. sample.Frames.Where(f => f.IsPython && f.Symbol.EndsWith(file, StringComparison.Ordinal))
                .Select(f => f.Symbol["py::".Length..^file.Length]),
        ];
    }
}
