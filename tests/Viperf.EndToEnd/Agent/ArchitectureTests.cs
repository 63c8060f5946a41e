using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>The agent for the other processor that viperf is for: it compiles and links, with nothing left undefined.</summary>
public class ArchitectureTests
{
    private const string Compiler = "/usr/bin/aarch64-linux-gnu-gcc";

    [Fact]
    public void The_agent_links_for_arm64_and_needs_no_library()
    {
        Assert.SkipUnless(File.Exists(Compiler), $"no compiler for arm64: {Compiler} (package gcc-aarch64-linux-gnu)");
        using var directory = new TempDirectory();
        new Tool { File = "dotnet" }.Run(
            "build", Repository.PathOf("src", "Viperf.Agent"), "-c", "Release", "--artifacts-path", directory.Path,
            "-p:AgentArchitecture=arm64", $"-p:AgentCompiler={Compiler}", "--disable-build-servers", "-v", "quiet").Succeeded();

        string library = Assert.Single(Directory.GetFiles(directory.Path, "libviperf-agent.so", SearchOption.AllDirectories));
        var readelf = new Tool { File = "readelf" };
        Assert.Contains("AArch64", readelf.Run("-h", library).Succeeded().Output);
        Assert.DoesNotContain("(NEEDED)", readelf.Run("-d", library).Succeeded().Output);
        string[] undefined =
        [
            .. readelf.Run("--dyn-syms", "-W", library).Succeeded().Lines
                .Where(line => line.Contains(" UND ", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[^1]).Where(name => name.Length > 0 && name != "UND"),
        ];
        Assert.Equal(["dl_iterate_phdr", "dlsym"], undefined.Order());
    }
}
