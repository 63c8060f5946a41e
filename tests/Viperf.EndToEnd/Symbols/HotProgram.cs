using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Symbols;

/// <summary>A C program whose time goes to <see cref="Function"/>, stripped in all the ways that there are, and recordings of it.</summary>
internal sealed class HotProgram : IDisposable
{
    /// <summary>The function, which is not in the table of the dynamic linker.</summary>
    public const string Function = "hidden_spin";

    private readonly TempDirectory _directory = new();

    public HotProgram(params string[] options)
    {
        foreach (string tool in (string[])["gcc", "objcopy", "strip"])
        {
            Assert.SkipUnless(File.Exists($"/usr/bin/{tool}"), $"{tool} is not installed (packages gcc, binutils)");
        }

        Directory.CreateDirectory(Home);
        Path = _directory.File("hot");
        Tool("gcc", ["-g", "-O1", .. options, "-o", Path, Repository.PathOf("tests", "workloads", "hot.c")]);
    }

    /// <summary>The program.</summary>
    public string Path { get; }

    /// <summary>The directory that it lies in, with the recording.</summary>
    public string Folder => _directory.Path;

    /// <summary>A home without caches or configuration.</summary>
    public string Home => _directory.File("home");

    /// <summary>The program's build-id.</summary>
    public string BuildId => Tool("readelf", ["-n", Path]).Lines.First(line => line.Contains("Build ID:", StringComparison.Ordinal)).Split(':')[1].Trim();

    /// <summary>The path of a file beside the program.</summary>
    public string FileBeside(string name) => _directory.File(name);

    /// <summary>Runs a tool that has to succeed.</summary>
    public static ToolResult Tool(string name, IEnumerable<string> args) => new Tool { File = name }.Run(args).Succeeded();

    /// <summary>Moves what strip takes out to a file.</summary>
    /// <param name="debugFile">That file; null to throw it away.</param>
    /// <param name="link">True to have the program say which file it is.</param>
    public void Strip(string? debugFile = null, bool link = false)
    {
        if (debugFile is not null)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(debugFile)!);
            Tool("objcopy", ["--only-keep-debug", Path, debugFile]);
        }

        Tool("strip", ["-s", Path]);
        if (link)
        {
            Tool("objcopy", [$"--add-gnu-debuglink={debugFile}", Path]);
        }
    }

    /// <summary>Records the program.</summary>
    public void Record(params string[] args) => Viperf(
        ["record", "-F", "2000", "-e", "cpu-clock:u", "-o", FileBeside("perf.data"), .. args.Length == 0 ? [Path, "100"] : args]).Succeeded();

    /// <summary>Runs viperf with the program's home, and without servers.</summary>
    public ToolResult Viperf(IEnumerable<string> args, params (string Name, string? Value)[] environment)
    {
        var variables = new Dictionary<string, string?>
        {
            ["HOME"] = Home, ["XDG_CACHE_HOME"] = null, ["DEBUGINFOD_URLS"] = null, ["DEBUGINFOD_CACHE_PATH"] = null,
        };
        foreach (var (name, value) in environment)
        {
            variables[name] = value;
        }

        return new Tool { File = ViperfBinary.Path, WorkingDirectory = Folder, Environment = variables }.Run(args);
    }

    /// <summary>Reports the recording's functions.</summary>
    public ToolResult Report(IEnumerable<string> args, params (string Name, string? Value)[] environment) =>
        Viperf(["report", "-i", FileBeside("perf.data"), "--no-children", "--no-inline", "-s", "sym", .. args], environment).Succeeded();

    /// <summary>True if the function has its name in a report.</summary>
    public bool IsNamed(IEnumerable<string> args, params (string Name, string? Value)[] environment) =>
        Report(args, environment).Output.Contains(Function, StringComparison.Ordinal);

    public void Dispose() => _directory.Dispose();
}
