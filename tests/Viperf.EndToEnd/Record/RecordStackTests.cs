using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Record;

/// <summary>Recordings with copies of user stacks, as the real perf reads and unwinds them.</summary>
public sealed partial class RecordStackTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Data => _directory.File("perf.data");

    [Theory]
    [InlineData("dwarf", 8192)]
    [InlineData("dwarf,100", 104)]
    [InlineData("dwarf,65528", 65528)]
    public void The_event_is_the_one_that_perf_makes(string mode, int size)
    {
        Record("-e", "cpu-clock", "-F", "999", "-g", "--call-graph", mode, "--unwind", "post", "true").Succeeded();
        string perfs = _directory.File("perfs.data");
        PerfTool.Run("record", "-e", "cpu-clock", "-F", "999", "-g", "-k", "mono", "--call-graph", mode, "-o", perfs, "true").Succeeded();

        string own = Attr(Data);
        string theirs = Attr(perfs);

        Assert.Contains($"sample_stack_user: {size}", own, StringComparison.Ordinal);
        Assert.Contains("use_clockid: 1", own, StringComparison.Ordinal);
        // Build-ids come with the mappings, and no virtual machine's guests are left out that there are none of.
        Assert.Equal(
            theirs.Replace(", exclude_guest: 1", "", StringComparison.Ordinal),
            own.Replace(", build_id: 1", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--user-callchains", "exclude_callchain_kernel: 1, exclude_callchain_user: 1")]
    [InlineData("--kernel-callchains", "mmap_data: 1, sample_id_all: 1, exclude_callchain_user: 1")]
    public void Either_side_can_be_left_out_of_call_chains(string option, string flags)
    {
        Record("--call-graph", "dwarf", "--unwind", "post", option, "true").Succeeded();

        Assert.Contains(flags, Attr(Data), StringComparison.Ordinal);
    }

    [Fact]
    public void Call_chains_by_frame_pointers_can_be_limited()
    {
        Record("--call-graph", "fp,3", "true").Succeeded();

        Assert.Contains("sample_max_stack: 3", Attr(Data), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_unwinding_no_stack_is_copied_and_the_kernels_frames_stay()
    {
        Record("--call-graph", "dwarf", "--unwind", "none", "true").Succeeded();

        string attr = Attr(Data);
        Assert.Contains("exclude_callchain_user: 1", attr, StringComparison.Ordinal);
        Assert.Contains("CALLCHAIN", attr, StringComparison.Ordinal);
        Assert.DoesNotContain("STACK_USER", attr, StringComparison.Ordinal);
        Assert.DoesNotContain("sample_regs_user", attr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("live")]
    [InlineData("post")]
    public void An_ordinary_user_loses_nothing_at_999_samples_a_second(string unwind)
    {
        using var user = OrdinaryUser.Become();

        var result = user.Run(
            "record", "-F", "999", "--call-graph", "dwarf", "--unwind", unwind, Interpreter.OfSystem().Path, "-c", "sum(i * i for i in range(9000000))");

        Assert.EndsWith(" 0 lost) ]", result.Succeeded().ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_unwound_while_it_is_recorded_reads_as_if_there_were_frame_pointers()
    {
        string[] program = [Interpreter.OfSystem().Path, "-c", "sum(i * i for i in range(3000000))"];
        Record(["-F", "999", "-k", "mono", "-g", "true"]).Succeeded();
        string withFramePointers = Attr(Data);

        var result = Record(["-F", "999", "--call-graph=dwarf,65528", .. program]).Succeeded();

        Assert.EndsWith(" 0 lost) ]", result.ErrorLines[^1], StringComparison.Ordinal);
        // The size stays, of what the chains were unwound from.
        Assert.Equal(withFramePointers, Attr(Data).Replace("sample_stack_user: 65528, ", "", StringComparison.Ordinal));
        string script = PerfTool.Run("script", "-i", Data, "-F", "ip,sym").Succeeded().Output;
        string[] stacks = [.. script.Split("\n\n").Where(stack => stack.Contains("_PyEval_EvalFrameDefault", StringComparison.Ordinal))];
        Assert.NotEmpty(stacks);
        Assert.Contains(stacks, stack => stack.Contains("Py_RunMain", StringComparison.Ordinal));
    }

    [Fact]
    public void Perf_unwinds_to_the_programs_start()
    {
        // Through trampolines perf unwinds only after inject --jit.
        var result = Record(
            "-F", "999", "--python", "off", "--unwind", "post", "--call-graph=dwarf,65528", Interpreter.OfSystem().Path, "-c",
            "sum(i * i for i in range(3000000))").Succeeded();
        string script = PerfTool.Run("script", "-i", Data, "-F", "ip,sym").Succeeded().Output;

        Assert.EndsWith(" 0 lost) ]", result.ErrorLines[^1], StringComparison.Ordinal);
        string[] stacks = [.. script.Split("\n\n").Where(stack => stack.Contains("_PyEval_EvalFrameDefault", StringComparison.Ordinal))];
        Assert.NotEmpty(stacks);
        Assert.All(stacks, stack => Assert.Matches(@"(_start|__libc_start_main\S*|\[unknown\])\s*$", stack));
        Assert.Contains(stacks, stack => stack.Contains("Py_RunMain", StringComparison.Ordinal));
    }

    public void Dispose() => _directory.Dispose();

    private ToolResult Record(params string[] args) => ViperfBinary.RunIn(_directory, ["record", .. args]);

    /// <summary>The event's line of perf evlist -v.</summary>
    private static string Attr(string data) =>
        Event().Match(PerfTool.Run("evlist", "-v", "-i", data).Succeeded().Output).Value;

    [GeneratedRegex("(?<=^cpu-clock: ).*$", RegexOptions.Multiline)]
    private static partial Regex Event();
}
