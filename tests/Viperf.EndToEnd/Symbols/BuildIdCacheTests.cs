using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Symbols;

/// <summary>perf's build-id cache: perf reads what viperf wrote, and the reverse.</summary>
public class BuildIdCacheTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_of_the_cache_names_a_recording_whose_program_is_gone_whoever_added_it(bool byPerf)
    {
        string perf = PerfTool.Path;
        using var program = new HotProgram();
        program.Record();
        string buildId = program.BuildId;
        ToolResult Cache(bool perfs, params string[] args) =>
            perfs ? Perf(program, perf, ["buildid-cache", .. args]) : program.Viperf(["buildid-cache", .. args]);

        Cache(byPerf, "--add", program.Path).Succeeded();
        string line = $"{buildId} {program.Path}";
        Assert.Contains(line, Cache(false, "--list").Succeeded().Lines);
        Assert.Contains(line, Cache(true, "--list").Succeeded().Lines);

        string kept = program.FileBeside("kept");
        File.Move(program.Path, kept);
        Assert.True(program.IsNamed([]));
        Assert.Contains(HotProgram.Function, Perf(
            program, perf, ["report", "-f", "--stdio", "-i", program.FileBeside("perf.data"), "-s", "sym"]).Succeeded().Output, StringComparison.Ordinal);

        File.Move(kept, program.Path);
        Cache(!byPerf, "--remove", program.Path).Succeeded();
        Assert.DoesNotContain(line, Cache(byPerf, "--list").Succeeded().Lines);
        File.Move(program.Path, kept);
        Assert.False(program.IsNamed([]));
    }

    [Fact]
    public void Files_are_purged_by_path_and_all_at_once_and_nothing_is_left()
    {
        using var program = new HotProgram();
        string cache = Path.Combine(program.Home, ".debug");
        program.Viperf(["buildid-cache", "-a", $"{program.Path},/bin/ls"]).Succeeded();
        Assert.Equal(2, program.Viperf(["buildid-cache", "-l"]).Lines.Length);

        HotProgram.Tool("gcc", ["-O2", "-o", program.Path, Repository.PathOf("tests", "workloads", "hot.c")]);
        var missing = program.Viperf(["buildid-cache", "-r", program.Path]).Succeeded();
        Assert.Contains("wasn't in the cache", Assert.Single(missing.ErrorLines), StringComparison.Ordinal);
        program.Viperf(["buildid-cache", "-p", program.Path]).Succeeded();
        Assert.EndsWith("/ls", Assert.Single(program.Viperf(["buildid-cache", "-l"]).Lines), StringComparison.Ordinal);

        program.Viperf(["buildid-cache", "-P"]).Succeeded();
        Assert.Empty(Directory.EnumerateFileSystemEntries(cache));
    }

    [Fact]
    public void The_directory_is_the_one_that_the_command_line_or_perfs_configuration_names()
    {
        using var program = new HotProgram();
        string one = program.FileBeside("one");
        string other = program.FileBeside("other");
        program.Viperf(["--buildid-dir", one, "buildid-cache", "-a", program.Path]).Succeeded();
        File.WriteAllText(Path.Combine(program.Home, ".perfconfig"), $"[buildid]\n\tdir = {other}\n");
        program.Viperf(["buildid-cache", "-a", program.Path]).Succeeded();

        Assert.Single(program.Viperf(["--buildid-dir", one, "buildid-cache", "-l"]).Lines);
        Assert.True(Directory.Exists(Path.Combine(other, ".build-id")));
        Assert.False(Directory.Exists(Path.Combine(program.Home, ".debug")));
    }

    [Theory]
    [InlineData("/nowhere/at/all", "no such file")]
    [InlineData("/etc/passwd", "not an ELF file")]
    public void What_cannot_be_added_is_one_line(string file, string reason)
    {
        using var program = new HotProgram();
        var result = program.Viperf(["buildid-cache", "-a", file]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(reason, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    private static ToolResult Perf(HotProgram program, string perf, IEnumerable<string> args) => new Tool
    {
        File = perf,
        WorkingDirectory = program.Folder,
        Environment = new Dictionary<string, string?> { ["HOME"] = program.Home },
    }.Run(args);
}
