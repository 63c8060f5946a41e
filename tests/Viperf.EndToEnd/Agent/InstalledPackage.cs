using Viperf.EndToEnd.Harness;

namespace Viperf.EndToEnd.Agent;

/// <summary>The Python package as the interpreter's own pip installs it, without network, for the user of a /tmp.</summary>
internal static class InstalledPackage
{
    /// <summary>What every call of Python takes then; the checkout's package is not on its path.</summary>
    public static readonly string[] Variables = ["PYTHONPATH=", $"PYTHONUSERBASE={UserBase}", "PIP_DISABLE_PIP_VERSION_CHECK=1"];

    private const string UserBase = "/tmp/user";

    /// <summary>The package's sources.</summary>
    public static string Source { get; } = Repository.PathOf("python");

    /// <summary>Installs it.</summary>
    public static void Into(AgentTmp tmp) => tmp.With(Variables, "-m", "pip", "install", "--user", "--no-index", Source).Succeeded();

    /// <summary>Runs Python with it.</summary>
    public static ToolResult Run(AgentTmp tmp, string[] variables, params IEnumerable<string> args) => tmp.With([.. Variables, .. variables], args);

    /// <summary>Where it lies, as the test sees it.</summary>
    public static string PathIn(AgentTmp tmp, string name) =>
        Directory.GetFiles(tmp.Directory.File("user"), name, SearchOption.AllDirectories).Single();
}
