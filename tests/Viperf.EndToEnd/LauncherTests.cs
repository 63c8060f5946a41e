using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd;

/// <summary>The script ./viperf, in copies of the checkout.</summary>
public class LauncherTests
{
    /// <summary>What a system without compilers has.</summary>
    private static readonly string[] s_basicTools =
    [
        "bash", "cat", "env", "find", "flock", "grep", "mkdir", "mv", "readlink", "rm", "sha256sum", "sort", "touch", "xargs",
    ];

    private const string SomeSource = "src/Viperf.Cli/ProgramName.cs";

    [Fact]
    public void A_link_named_perf_starts_it_under_that_name()
    {
        using var directory = new TempDirectory();
        File.CreateSymbolicLink(directory.File("to-viperf"), Repository.PathOf("viperf"));
        File.CreateSymbolicLink(directory.File("perf"), "to-viperf");

        var result = new Tool { File = directory.File("perf") }.Run("--version").Succeeded();

        Assert.StartsWith("perf version ", result.Output);
    }

    [Fact]
    public void What_is_built_starts_without_compilers_and_without_a_home()
    {
        using var copy = Copy(withProgram: true);
        var bare = Bare(copy);
        Assert.Equal(new ToolResult(0, "viperf 0.1.0\n", ""), bare.Run("--version"));

        // A new date on the same bytes is no reason to build.
        File.SetLastWriteTimeUtc(copy.File(SomeSource), DateTime.UtcNow);
        Assert.Equal(new ToolResult(0, "viperf 0.1.0\n", ""), bare.Run("--version"));
    }

    [Fact]
    public void An_ordinary_user_starts_what_somebody_else_built()
    {
        using var user = OrdinaryUser.Become();
        using var copy = Copy(withProgram: true);
        const UnixFileMode ReadableByAll = (UnixFileMode)0x1ED; // rwxr-xr-x
        File.SetUnixFileMode(copy.Path, ReadableByAll);

        Assert.Equal(new ToolResult(0, "viperf 0.1.0\n", ""), user.Start(copy.File("viperf"), "--version"));
    }

    [Fact]
    public void A_missing_SDK_is_named_with_what_installs_it()
    {
        using var copy = Copy(withProgram: false);
        var result = Bare(copy).Run("--version");
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("needs the .NET 10 SDK", result.ErrorLines[0]);
        Assert.Contains("apt-get install dotnet-sdk-10.0", result.Error);
        Assert.Contains("dnf install dotnet-sdk-10.0", result.Error);
    }

    [Fact]
    public void A_missing_linker_is_named_with_what_installs_it()
    {
        using var copy = Copy(withProgram: false);
        var bare = Bare(copy);
        string dotnet = copy.Write("tools/dotnet", "#!/bin/sh\necho '10.0.100 [/sdk]'\n");
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var result = bare.Run("--version");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("needs a C linker (clang or gcc)", result.ErrorLines[0]);
        Assert.Contains("apt-get install gcc", result.Error);
    }

    [Fact]
    public void A_changed_source_and_a_deleted_one_are_noticed()
    {
        using var copy = Copy(withProgram: true);
        var bare = Bare(copy);
        string source = copy.File(SomeSource);
        bare.Run("--version").Succeeded();
        byte[] before = File.ReadAllBytes(source);

        // Nothing there could build it: that it is tried is what shows that the change was seen.
        File.AppendAllText(source, "// more\n");
        Assert.Equal(1, bare.Run("--version").ExitCode);
        File.WriteAllBytes(source, before);
        Assert.Equal(0, bare.Run("--version").ExitCode);
        File.Delete(source);
        Assert.Equal(1, bare.Run("--version").ExitCode);
    }

    [Fact]
    public void What_the_compiler_says_is_shown()
    {
        using var copy = Copy(withProgram: false);
        copy.Write("src/Viperf.Formats/Wrong.cs", "namespace Viperf.Formats; internal class Wrong { int Number() => \"text\"; }");

        var result = new Tool { File = copy.File("viperf") }.Run("--version");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("viperf: the build failed:", result.ErrorLines);
        Assert.Contains(result.ErrorLines, line => line.Contains("Wrong.cs", StringComparison.Ordinal) && line.Contains("CS0029", StringComparison.Ordinal));
        Assert.False(File.Exists(copy.File("artifacts/viperf/viperf")));
    }

    [Fact]
    public void First_starts_at_the_same_time_build_once_and_all_run()
    {
        using var copy = Copy(withProgram: false);
        var tool = new Tool { File = copy.File("viperf") };

        var starts = Enumerable.Range(0, 3).Select(_ => tool.Start("--version")).ToArray();
        var results = Array.ConvertAll(starts, start => Tool.Finish(start));

        Assert.All(results, result => Assert.Equal((0, "viperf 0.1.0\n"), (result.ExitCode, result.Output)));
        Assert.Single(results, result => result.Error.Contains("building the program from its sources", StringComparison.Ordinal));
        Assert.Equal(new ToolResult(0, "viperf 0.1.0\n", ""), tool.Run("--version"));
    }

    /// <summary>The checkout's sources elsewhere, with the program that was built of them or without.</summary>
    private static TempDirectory Copy(bool withProgram)
    {
        var copy = new TempDirectory();
        string[] files = ["viperf", "global.json", "Directory.Build.props", "Directory.Packages.props", ".editorconfig"];
        var sources = Directory.EnumerateFiles(Repository.PathOf("src"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj"));
        string[] built = withProgram ? ["artifacts/viperf/viperf", "artifacts/viperf/sources", "artifacts/viperf/stamp"] : [];
        foreach (string file in files.Concat(sources).Concat(built))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(copy.File(file))!);
            File.Copy(Repository.PathOf(file), copy.File(file));
        }

        return copy;
    }

    /// <summary>The copy's launcher on a system with basic tools alone.</summary>
    private static Tool Bare(TempDirectory copy)
    {
        string tools = Directory.CreateDirectory(copy.File("tools")).FullName;
        foreach (string name in s_basicTools)
        {
            string path = new[] { "/usr/bin", "/bin" }.Select(directory => Path.Combine(directory, name)).First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(tools, name), path);
        }

        return new Tool
        {
            File = copy.File("viperf"),
            Environment = new Dictionary<string, string?> { ["PATH"] = tools, ["HOME"] = null, ["DOTNET_ROOT"] = null },
        };
    }
}
