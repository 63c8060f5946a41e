using Viperf.EndToEnd.Harness;

namespace Viperf.EndToEnd.Agent;

/// <summary>
/// A /tmp of its own in which Python runs with the agent, and what the agent left there. Nothing of it stays in the
/// machine's /tmp.
/// </summary>
internal sealed class AgentTmp : IDisposable
{
    private readonly PrivateTmp _tmp = PrivateTmp.Create();
    private readonly string _version;

    private AgentTmp(string version, string python)
    {
        _version = version;
        Python = python;
    }

    /// <summary>The agent's library.</summary>
    public static string Library { get; } =
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(ViperfBinary.Path))!, "libviperf-agent.so");

    /// <summary>The interpreter.</summary>
    public string Python { get; }

    /// <summary>Where the files of the program's /tmp lie.</summary>
    public TempDirectory Directory => _tmp.Directory;

    /// <summary>The perf maps there.</summary>
    public string[] Maps => System.IO.Directory.GetFiles(Directory.Path, "perf-*.map");

    /// <summary>The jitdumps there.</summary>
    public string[] Dumps => System.IO.Directory.GetFiles(Directory.Path, "jit-*.dump");

    /// <summary>The text of the only perf map.</summary>
    public string Map => File.ReadAllText(Xunit.Assert.Single(Maps));

    /// <summary>Makes one for an interpreter of pyenv; skips the test where it is missing.</summary>
    public static AgentTmp For(string version) => new(version, Interpreter.Pyenv(version).Path);

    /// <summary>Makes one for the system's own interpreter; skips the test where there is none.</summary>
    public static AgentTmp OfSystem() => new("of the system", Interpreter.OfSystem().Path);

    /// <summary>The path of one of the tests' programs for the agent.</summary>
    public static string Program(string name) => Repository.PathOf("tests", "workloads", "agent", name);

    /// <summary>The names that a perf map gives, with the files' directories left out.</summary>
    public static string[] NamesOf(string map) =>
    [
        .. File.ReadLines(map).Where(line => line.Length != 0).Select(line =>
        {
            string name = line.Split(' ', 3)[2];
            int colon = name.LastIndexOf(':');
            return $"{name[..colon]}:{Path.GetFileName(name[colon..].TrimStart(':'))}";
        }),
    ];

    /// <summary>Runs Python without the agent.</summary>
    public ToolResult Without(params IEnumerable<string> args) => With([], args);

    /// <summary>Runs Python with trampolines from its start on.</summary>
    public ToolResult With(string backend, params IEnumerable<string> args) =>
        With([$"VIPERF={backend}", $"LD_PRELOAD={Library}"], args);

    /// <summary>Runs Python with given variables; it can import the agent.</summary>
    public ToolResult With(string[] variables, params IEnumerable<string> args) => Start(variables, Python, args);

    /// <summary>Runs any program there with given variables.</summary>
    public ToolResult Start(string[] variables, string program, params IEnumerable<string> args) => _tmp.Run(
        "env", ["-u", "VIPERF_SESSION", $"PYTHONPATH={Repository.PathOf("python")}", "PYTHONDONTWRITEBYTECODE=1", .. variables, program, .. args]);

    /// <summary>What a failed check says first.</summary>
    public override string ToString() => $"Python {_version}";

    /// <summary>Removes what the programs left.</summary>
    public void Dispose() => _tmp.Dispose();
}
