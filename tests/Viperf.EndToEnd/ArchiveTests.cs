using System.Globalization;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd;

/// <summary>Recordings that bring their names along read the same when the files are gone that they were made of.</summary>
public sealed class ArchiveTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Theory]
    [InlineData("-g")]
    [InlineData("--call-graph", "dwarf,8192", "--unwind", "live")]
    public void Names_lines_and_inlined_functions_stay_when_the_program_is_gone(params string[] stacks)
    {
        string program = Compile();
        string data = _directory.File("perf.data");
        ViperfBinary.Run(["record", "-F", "999", "-e", "cpu-clock", .. stacks, "--embed-symbols", "-o", data, program, "200"]).Succeeded();
        string before = Script(data, out _);
        Assert.Contains("burn", before, StringComparison.Ordinal);
        Assert.Contains("frames.c:", before, StringComparison.Ordinal);

        File.Delete(program);

        Assert.Equal(before, Script(data, out string errors));
        Assert.Equal("", errors);
        PerfTool.Run("report", "--stdio", "-i", data).Succeeded();
    }

    [Fact]
    public void Runs_recording_keeps_Python_functions_without_the_map_that_named_them()
    {
        string data = _directory.File("perf.data");
        ViperfBinary.Run(
            "run", "--python", "agent", "--interpreter", Interpreter.OfSystem().Path, "-F", "9999", "-o", data, Workload.Calls, "600");
        string before = Report(data);
        Assert.Contains("py::", before, StringComparison.Ordinal);
        Assert.NotEqual(0, Delete(data, "perf-{0}.map"));

        Assert.Equal(before, Report(data));
    }

    [Fact]
    public void Runs_recording_keeps_captured_functions_and_lines_without_the_folder_that_named_them()
    {
        string data = _directory.File("perf.data");
        ViperfBinary.Run(
            "run", "--interpreter", Interpreter.OfSystem().Path, "-F", "9999", "-o", data, Workload.Calls, "600");
        string before = Script(data, out _);
        Assert.Matches(@"py::unroll:.*\n  calls\.py:\d+\n", before);

        Directory.Delete(data + ".python", recursive: true);

        Assert.Equal(before, Script(data, out _));
    }

    [Fact]
    public void Without_embedded_names_the_map_is_missed()
    {
        string data = _directory.File("perf.data");
        ViperfBinary.Run(
            "run", "--python", "agent", "--no-embed-symbols", "--interpreter", Interpreter.OfSystem().Path, "-F", "9999", "-o", data, Workload.Calls, "600");
        Assert.NotEqual(0, Delete(data, "perf-{0}.map"));

        Assert.DoesNotContain("py::unroll", Report(data), StringComparison.Ordinal);
    }

    [Fact]
    public void A_jitdumps_code_is_brought_along()
    {
        string data = _directory.File("perf.data");
        ViperfBinary.RunIn(
            _directory, "record", "-F", "999", "-g", "-k", "mono", "--python", "off", "-o", data, "--",
            Interpreter.OfSystem().Path, Workload.JitDump, "100000000").Succeeded();
        ViperfBinary.Run("archive", "-i", data).Succeeded();
        string before = Script(data, out _);
        Assert.Contains("py::third:jitdump.py", before, StringComparison.Ordinal);

        Assert.NotEqual(0, Delete(data, "jit-{0}.dump"));

        Assert.Equal(before, Script(data, out _));
    }

    [Fact]
    public void A_copy_has_call_chains_in_place_of_copies_of_stacks()
    {
        string program = Compile();
        string data = _directory.File("perf.data");
        string copy = _directory.File("copy.data");
        ViperfBinary.Run("record", "-F", "999", "-e", "cpu-clock", "--call-graph", "dwarf,8192", "--unwind", "post", "-o", data, program, "200").Succeeded();
        string before = Script(data, out _);

        var refused = ViperfBinary.Run("archive", "-i", data);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("name a file with -o", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        ViperfBinary.Run("archive", "-i", data, "-o", copy).Succeeded();
        File.Delete(program);

        Assert.Equal(before, Script(copy, out string errors));
        Assert.Equal("", errors);
        Assert.True(new FileInfo(copy).Length < new FileInfo(data).Length / 2);
    }

    [Fact]
    public void Names_need_a_file_and_call_chains()
    {
        Assert.Contains("neither -i nor -o can be -", Assert.Single(ViperfBinary.Run("archive", "-i", "-").ErrorLines));
        Assert.Contains("--embed-symbols: a pipe", Assert.Single(ViperfBinary.Run("record", "--embed-symbols", "-o", "-", "true").ErrorLines));
        Assert.Contains(
            "--embed-symbols: copies of stacks",
            Assert.Single(ViperfBinary.Run("record", "--embed-symbols", "--call-graph", "dwarf", "--unwind", "post", "true").ErrorLines));
    }

    public void Dispose() => _directory.Dispose();

    private string Compile()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "gcc is not installed");
        string program = _directory.File("program");
        new Tool { File = "gcc" }.Run(
            "-O2", "-g", "-fno-omit-frame-pointer", "-o", program, Repository.PathOf("tests", "workloads", "frames.c")).Succeeded();
        return program;
    }

    /// <summary>Deletes what the recorded processes wrote to /tmp; returns how many files that were.</summary>
    private static int Delete(string data, string pattern)
    {
        string[] files = [.. ViperfBinary.Run("script", "-F", "pid", "-i", data).Succeeded().Lines
            .Select(line => $"/tmp/{string.Format(CultureInfo.InvariantCulture, pattern, line.Trim())}").Distinct().Where(File.Exists)];
        Array.ForEach(files, File.Delete);
        return files.Length;
    }

    private static string Script(string data, out string errors)
    {
        var result = ViperfBinary.Run("script", "-F", "+srcline", "-i", data).Succeeded();
        errors = result.Error;
        return result.Output;
    }

    private static string Report(string data) => ViperfBinary.Run("report", "-g", "-i", data).Succeeded().Output;
}
