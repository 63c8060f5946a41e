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
        WriteTool(copy, "dotnet", "echo '10.0.100 [/sdk]'");

        var result = bare.Run("--version");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("needs a C linker (clang or gcc)", result.ErrorLines[0]);
        Assert.Contains("apt-get install gcc", result.Error);
    }

    [Theory]
    [InlineData(null, true, "")]
    [InlineData("v18.20.4", true, "; node here is v18.20.4")]
    [InlineData("v20.18.1", true, "; node here is v20.18.1")]
    [InlineData("v21.7.3", true, "; node here is v21.7.3")]
    [InlineData("v22.11.0", true, "; node here is v22.11.0")]
    [InlineData("v24.1.0", false, "; node here is v24.1.0")]
    public void A_missing_node_or_one_that_is_too_old_is_named_with_what_installs_it(string? node, bool hasNpm, string found)
    {
        using var copy = Copy(withProgram: false);
        var bare = Bare(copy);
        WriteTool(copy, "dotnet", "echo '10.0.100 [/sdk]'");
        WriteTool(copy, "gcc", "");
        if (node is not null)
        {
            WriteTool(copy, "node", $"echo {node}");
        }

        if (hasNpm)
        {
            WriteTool(copy, "npm", "");
        }

        var result = bare.Run("--version");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal($"viperf: to build itself it needs Node.js 20.19 or later (of 22: 22.12) with npm{found}. Install it with:", result.ErrorLines[0]);
        Assert.Contains("apt-get install nodejs npm (from Debian 13 on", result.Error);
        Assert.Contains("https://nodejs.org/", result.Error);
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
    public void What_the_build_of_the_page_says_is_shown()
    {
        using var copy = Copy(withProgram: false);
        copy.Write("src/viewer/src/wrong.ts", "export const wrong: number = 'text';\n");

        var result = new Tool { File = copy.File("viperf") }.Run("--version");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("viperf: the build failed:", result.ErrorLines);
        Assert.Contains(result.ErrorLines, line => line.Contains("src/wrong.ts(1,14)", StringComparison.Ordinal) && line.Contains("TS2322", StringComparison.Ordinal));
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
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "node_modules" or "dist"));
        string[] built = withProgram ? ["artifacts/viperf/viperf", "artifacts/viperf/sources", "artifacts/viperf/stamp"] : [];
        foreach (string file in files.Concat(sources).Concat(built))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(copy.File(file))!);
            File.Copy(Repository.PathOf(file), copy.File(file));
        }

        return copy;
    }

    private static void WriteTool(TempDirectory copy, string name, string script) => File.SetUnixFileMode(
        copy.Write($"tools/{name}", $"#!/bin/bash\n{script}\n"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

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
