using System.IO.Compression;
using System.Security.Cryptography;
using System.Xml.Linq;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>The Python package's wheel, which pip builds from the checkout without network.</summary>
public class WheelTests
{
    private const string NotBuilt = "viperf: the agent is not built yet: run ./viperf --version in the checkout, then this again";
    private const int ElfMachineOffset = 18;
    private const byte Arm64 = 183;

    [Fact]
    public void It_is_installed_into_a_fresh_environment_and_works_there()
    {
        using var tmp = AgentTmp.For("3.11.7");
        string[] variables = ["PYTHONPATH=", "PIP_DISABLE_PIP_VERSION_CHECK=1"];
        const string Python = "/tmp/venv/bin/python";
        tmp.With(variables, "-m", "venv", "/tmp/venv").Succeeded();
        tmp.Start(variables, Python, "-m", "pip", "install", "--no-index", InstalledPackage.Source).Succeeded();
        const string Program = """
            import viperf
            def foo(): pass
            with viperf.trampolines(): foo()
            print(viperf.__file__)
            """;

        var byApi = tmp.Start(variables, Python, "-c", Program);
        Assert.Equal(new ToolResult(0, "/tmp/venv/lib/python3.11/site-packages/viperf/__init__.py\n", ""), byApi);
        Assert.Contains("py::foo:<string>", tmp.Map);
        File.Delete(tmp.Maps[0]);

        Assert.Equal(new ToolResult(0, "", ""), tmp.Start([.. variables, "VIPERF=perf"], Python, "-c", "def baz(): pass\nbaz()"));
        Assert.Contains("py::baz:<string>", tmp.Map);

        tmp.Start(variables, Python, "-m", "pip", "uninstall", "--yes", "viperf").Succeeded();
        Assert.Empty(Directory.GetFileSystemEntries(tmp.Directory.File("venv/lib/python3.11/site-packages"), "viperf*"));
    }

    [Fact]
    public void Its_record_is_true_and_its_tags_say_what_it_runs_on()
    {
        using var tmp = AgentTmp.For("3.11.7");
        string version = XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

        string path = Build(tmp);

        Assert.Equal($"viperf-{version}-cp38-abi3-manylinux_2_17_{Machine()}.whl", Path.GetFileName(path));
        using var wheel = ZipFile.OpenRead(path);
        string info = $"viperf-{version}.dist-info";
        Assert.Equal(
            [
                $"{info}/LICENSE", $"{info}/METADATA", $"{info}/WHEEL", "viperf.pth", "viperf/__init__.py", "viperf/_agent.abi3.so",
                "viperf/_agent.pyi", "viperf/_missing.py", "viperf/_startup.py", "viperf/py.typed", $"{info}/RECORD",
            ],
            wheel.Entries.Select(entry => entry.FullName));
        Assert.Equal(
            wheel.Entries.Select(entry => entry.FullName.EndsWith("/RECORD", StringComparison.Ordinal)
                ? $"{entry.FullName},,"
                : $"{entry.FullName},sha256={Digest(Bytes(entry))},{entry.Length}"),
            Text(wheel, $"{info}/RECORD").TrimEnd().Split('\n'));
        Assert.Equal(
            $"Wheel-Version: 1.0\nGenerator: viperf {version}\nRoot-Is-Purelib: false\nTag: cp38-abi3-manylinux_2_17_{Machine()}\n",
            Text(wheel, $"{info}/WHEEL"));
        string metadata = Text(wheel, $"{info}/METADATA");
        Assert.StartsWith($"Metadata-Version: 2.1\nName: viperf\nVersion: {version}\n", metadata);
        Assert.EndsWith($"\n\n{File.ReadAllText(Repository.PathOf("python", "README.md"))}", metadata);
        Assert.Equal(File.ReadAllText(Repository.PathOf("LICENSE")), Text(wheel, $"{info}/LICENSE"));
        Assert.Equal(File.ReadAllBytes(Repository.PathOf("python", "viperf", "_agent.abi3.so")), Bytes(wheel.GetEntry("viperf/_agent.abi3.so")!));
    }

    [Fact]
    public void Whichever_Python_builds_it_the_bytes_are_the_same()
    {
        using var old = AgentTmp.For("3.8.18");
        using var later = AgentTmp.For("3.13.0");

        Assert.Equal(File.ReadAllBytes(Build(old)), File.ReadAllBytes(Build(later)));
    }

    [Fact]
    public void The_agent_asks_for_no_version_of_a_symbol_so_that_every_glibc_will_do()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/readelf"), "readelf is not installed (package binutils)");

        var result = new Tool { File = "/usr/bin/readelf" }.Run("--version-info", "--wide", AgentTmp.Library).Succeeded();

        Assert.DoesNotContain("GLIBC", result.Output);
    }

    [Fact]
    public void An_agent_that_was_not_built_costs_one_line()
    {
        using var tmp = AgentTmp.For("3.11.7");
        // The link to the agent leads nowhere from there.
        tmp.Start([], "cp", "-a", InstalledPackage.Source, "/tmp/python").Succeeded();

        var wheel = tmp.With(["PYTHONPATH="], "-m", "pip", "wheel", "--no-index", "/tmp/python");
        var import = tmp.With(["PYTHONPATH=/tmp/python"], "-c", "import viperf; viperf.activate_stack_trampoline('perf')");

        Assert.Equal(1, wheel.ExitCode);
        Assert.Contains(wheel.ErrorLines, line => line.EndsWith(NotBuilt, StringComparison.Ordinal));
        Assert.DoesNotContain("Traceback", wheel.Error);
        Assert.Equal("RuntimeError: viperf's agent is not built yet: run ./viperf --version in the checkout", import.ErrorLines[^1]);
    }

    [Fact]
    public void An_agent_of_another_architecture_has_that_tag_and_is_refused_by_its_name()
    {
        Assert.SkipUnless(Machine() == "x86_64", "the agent is made one for arm64");
        using var tmp = AgentTmp.For("3.11.7");
        tmp.Start([], "cp", "-aL", InstalledPackage.Source, "/tmp/python").Succeeded();
        File.Copy(Repository.PathOf("LICENSE"), tmp.Directory.File("LICENSE"));
        string agent = tmp.Directory.File("python/viperf/_agent.abi3.so");
        byte[] bytes = File.ReadAllBytes(agent);
        bytes[ElfMachineOffset] = Arm64;
        File.WriteAllBytes(agent, bytes);

        tmp.With(["PYTHONPATH="], "-m", "pip", "wheel", "--no-index", "--wheel-dir", "/tmp/wheels", "/tmp/python").Succeeded();
        var import = tmp.With(
            ["PYTHONPATH=/tmp/python"],
            "-c",
            "import viperf; viperf.deactivate_stack_trampoline(); print(viperf.is_stack_trampoline_active()); "
                + "viperf.activate_stack_trampoline('perf')");

        Assert.EndsWith("-cp38-abi3-manylinux_2_17_aarch64.whl", Assert.Single(Directory.GetFiles(tmp.Directory.File("wheels"))));
        Assert.Equal("False\n", import.Output);
        Assert.Equal(
            "RuntimeError: viperf's agent, /tmp/python/viperf/_agent.abi3.so, is for another architecture than this Python: "
                + "pip install --force-reinstall viperf",
            import.ErrorLines[^1]);
    }

    [Fact]
    public void A_source_distribution_is_refused_because_it_could_not_be_built()
    {
        using var tmp = AgentTmp.For("3.11.7");

        var result = tmp.With([], "-c", "import build_backend; build_backend.build_sdist('/tmp')");

        Assert.Equal(
            "build_backend.UnsupportedOperation: the agent is built by ./viperf from the whole checkout: make a wheel of ./python there",
            result.ErrorLines[^1]);
    }

    private static string Build(AgentTmp tmp)
    {
        tmp.With(["PYTHONPATH="], "-m", "pip", "wheel", "--no-index", "--wheel-dir", "/tmp/wheels", InstalledPackage.Source).Succeeded();
        return Assert.Single(Directory.GetFiles(tmp.Directory.File("wheels")));
    }

    private static string Machine() =>
        File.ReadAllBytes(AgentTmp.Library)[ElfMachineOffset] == Arm64 ? "aarch64" : "x86_64";

    private static string Digest(byte[] content) =>
        Convert.ToBase64String(SHA256.HashData(content)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Text(ZipArchive wheel, string name)
    {
        using var reader = new StreamReader(wheel.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }
}
