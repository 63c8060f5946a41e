using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>C programs and libraries of the tests, built where also a program with a /tmp of its own finds them.</summary>
internal sealed class CLibrary : IDisposable
{
    private const string Compiler = "/usr/bin/gcc";

    private readonly string _directory = Repository.PathOf("artifacts", $"c-{Guid.NewGuid():N}");

    /// <summary>Makes the directory; skips the test without a compiler.</summary>
    public CLibrary()
    {
        Assert.SkipUnless(File.Exists(Compiler), "gcc is not installed");
        System.IO.Directory.CreateDirectory(_directory);
    }

    /// <summary>Compiles one of the programs for the agent.</summary>
    /// <returns>The path of what was built.</returns>
    public string Compile(string source, string name, params IEnumerable<string> options)
    {
        string built = Path.Combine(_directory, name);
        new Tool { File = Compiler }.Run(["-O1", "-Wall", "-Werror", "-o", built, AgentTmp.Program(source), .. options]).Succeeded();
        return built;
    }

    /// <summary>Removes what was built.</summary>
    public void Dispose() => System.IO.Directory.Delete(_directory, recursive: true);
}
