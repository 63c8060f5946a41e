using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Symbols;

/// <summary>Where names of stripped programs come from: the files that strip's other half may lie in.</summary>
public class DebugFileTests
{
    [Theory]
    [InlineData("hot.debug")]
    [InlineData(".debug/hot.debug")]
    public void A_debug_file_that_the_program_links_to_is_found_beside_it_and_named_lines_come_with_it(string place)
    {
        using var program = new HotProgram();
        program.Strip(program.FileBeside(place), link: true);
        program.Record();

        Assert.True(program.IsNamed([]));
        Assert.Contains("hot.c:", program.Report(["-s", "srcline"]).Output, StringComparison.Ordinal);
    }

    /// <summary>Without a build-id only the checksum says that the linked file is the program's.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_linked_file_is_taken_by_its_checksum_where_there_is_no_build_id_and_another_is_not(bool isSame)
    {
        using var program = new HotProgram("-Wl,--build-id=none");
        string debug = program.FileBeside("hot.debug");
        program.Strip(debug, link: true);
        if (!isSame)
        {
            using var stream = File.OpenWrite(debug);
            stream.Seek(0, SeekOrigin.End);
            stream.WriteByte(0);
        }

        program.Record();

        Assert.Equal(isSame, program.IsNamed([]));
    }

    [Fact]
    public void A_debug_file_of_another_build_is_not_taken()
    {
        using var other = new HotProgram("-O2");
        using var program = new HotProgram();
        program.Strip(program.FileBeside("hot.debug"), link: true);
        HotProgram.Tool("objcopy", ["--only-keep-debug", other.Path, program.FileBeside("hot.debug")]);
        program.Record();

        Assert.False(program.IsNamed([]));
    }

    [Fact]
    public void A_directory_of_debug_files_is_searched_by_link_by_path_and_by_build_id()
    {
        using var program = new HotProgram();
        string buildId = program.BuildId;
        string debug = program.FileBeside("elsewhere/hot.debug");
        program.Strip(debug, link: true);
        program.Record();
        Assert.False(program.IsNamed([]));

        foreach (string place in (string[])[
            $"{program.Folder}/hot.debug", $"{program.Folder}/hot", $"/.build-id/{buildId[..2]}/{buildId[2..]}.debug"])
        {
            string folder = program.FileBeside("debug");
            Directory.CreateDirectory(Path.GetDirectoryName(folder + place)!);
            File.Copy(debug, folder + place);
            Assert.True(program.IsNamed(["--debuginfo-dir", folder]), place);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Compressed_symbols_in_a_section_of_the_program_name_its_functions()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/xz"), "xz is not installed (package xz-utils)");
        using var program = new HotProgram();
        string mini = program.FileBeside("mini");
        HotProgram.Tool("objcopy", ["-S", "--keep-symbol", HotProgram.Function, program.Path, mini]);
        HotProgram.Tool("xz", [mini]);
        program.Strip();
        HotProgram.Tool("objcopy", ["--add-section", $".gnu_debugdata={mini}.xz", program.Path]);
        program.Record();

        Assert.True(program.IsNamed([]));
    }

    [Theory]
    [InlineData("zlib")]
    [InlineData("zlib-gnu")]
    [InlineData("zstd")]
    public void Compressed_debug_sections_have_lines(string compression)
    {
        using var program = new HotProgram();
        var compressed = new Tool { File = "objcopy" }.Run([$"--compress-debug-sections={compression}", program.Path]);
        Assert.SkipUnless(compressed.ExitCode == 0, $"objcopy does not compress by {compression}");
        program.Record();

        Assert.Contains("hot.c:", program.Report(["-s", "srcline"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_static_program_at_a_fixed_address_has_names()
    {
        using var program = new HotProgram("-static", "-no-pie");
        program.Record();
        Assert.True(program.IsNamed([]));
    }

    [Fact]
    public void A_tree_of_another_machines_files_is_read_by_symfs()
    {
        using var program = new HotProgram();
        program.Record();
        string tree = program.FileBeside("tree");
        Directory.CreateDirectory(tree + program.Folder);
        File.Move(program.Path, tree + program.Path);

        var gone = program.Report([]);
        Assert.DoesNotContain(HotProgram.Function, gone.Output, StringComparison.Ordinal);
        Assert.Contains($"{program.Path}: no such file", gone.Error, StringComparison.Ordinal);
        Assert.True(program.IsNamed(["--symfs", tree]));
        Assert.Equal(2, program.Viperf(["report", "--symfs", program.FileBeside("nowhere")]).ExitCode);
    }

    /// <summary>The new file is there before the recording ends, and has code at the same places.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("-Wl,--build-id=none")]
    public void A_program_that_was_replaced_while_it_ran_is_not_guessed_at_but_said(string option)
    {
        string[] options = option.Length == 0 ? [] : [option];
        using var program = new HotProgram(options);
        using var other = new HotProgram([.. options, "-O2"]);
        program.Record("/bin/sh", "-c", $"{program.Path} 200 & sleep 0.1; mv {other.Path} {program.Path}; wait");

        var report = program.Report([]);
        Assert.DoesNotContain(HotProgram.Function, report.Output, StringComparison.Ordinal);
        Assert.Contains($"{program.Path}: {(option.Length == 0 ? "build-id" : "inode")} ", report.Error, StringComparison.Ordinal);
        var stats = program.Viperf(["report", "--stats"]).Succeeded();
        Assert.Contains("the file was replaced by another", stats.Output, StringComparison.Ordinal);
        Assert.Contains("--symfs", stats.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Unnamed_samples_are_counted_by_module_with_the_reason_and_the_remedy()
    {
        using var program = new HotProgram();
        program.Strip();
        program.Record();

        var stats = program.Viperf(["report", "--stats"]).Succeeded();
        int line = Array.FindIndex(stats.Lines, text => text.EndsWith($"{program.Path}: stripped, and no debug file found", StringComparison.Ordinal));
        Assert.True(line > 0, stats.Output);
        ulong samples = ulong.Parse(stats.Lines[line].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(samples, 1u, 1000u);
        Assert.Contains("-> build it without stripping", stats.Lines[line + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_ordinary_user_may_not_read_is_said()
    {
        using var user = OrdinaryUser.Become();
        using var program = new HotProgram();
        program.Record();
        string recording = user.Directory.File("perf.data");
        File.Copy(program.FileBeside("perf.data"), recording);
        File.SetUnixFileMode(recording, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var report = user.Run("report", "--no-children", "-s", "sym"); // the program's directory is root's own
        report.Succeeded();
        Assert.DoesNotContain(HotProgram.Function, report.Output, StringComparison.Ordinal);
        Assert.Contains($"{program.Path}: permission denied", report.Error, StringComparison.Ordinal);
        Assert.Contains("no permission to read the file", user.Run("report", "--stats").Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_only_its_mount_namespace_shows_has_names_while_it_lives()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/unshare"), "only root makes mount namespaces, by unshare");
        using var program = new HotProgram();
        string inside = program.FileBeside("inside");
        Directory.CreateDirectory(inside);
        string script = $"mount -t tmpfs none {inside} && cp {program.Path} {inside}/hot && exec {inside}/hot 60000";
        using var container = new Tool { File = "/usr/bin/unshare" }.Start("--mount", "/bin/sh", "-c", script);
        try
        {
            Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{container.Id}/comm") == "hot\n", TimeSpan.FromSeconds(20)));
            program.Record("-p", $"{container.Id}", "--", "sleep", "0.2");
            Assert.True(program.IsNamed([]));
        }
        finally
        {
            container.Kill();
            container.WaitForExit();
        }

        var gone = program.Report([]);
        Assert.DoesNotContain(HotProgram.Function, gone.Output, StringComparison.Ordinal);
        Assert.Contains($"{inside}/hot: no such file", gone.Error, StringComparison.Ordinal);
    }
}
