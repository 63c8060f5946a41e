using System.Globalization;
using System.Text;
using Viperf.Abi;

namespace Viperf.Core.Python;

/// <summary>
/// One recording's Python programs: what their environment says, and what their agents had to say. The environment reaches
/// every program that the recorded one starts, unless it is given another.
/// </summary>
public sealed class PythonSession : IDisposable
{
    private const string Preload = "LD_PRELOAD";

    /// <summary>Agents say little; a program that floods the file is cut short.</summary>
    private const int MostNotesBytes = 1 << 20;

    private readonly string? _directory;

    private PythonSession(string? directory, IReadOnlyDictionary<string, string> environment)
    {
        _directory = directory;
        Environment = environment;
    }

    /// <summary>True if agents are to be loaded.</summary>
    public bool HasAgent => _directory is not null;

    /// <summary>Variables for the recorded program.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Where agents ask to have their process sampled.</summary>
    public string CaptureSocket => _directory + Text(CaptureProtocol.SocketFile);

    /// <summary>Begins a session.</summary>
    /// <param name="support">How functions are shown.</param>
    /// <param name="writesJitDump">True where readers need unwind information of each function.</param>
    /// <exception cref="UserErrorException">There is no place for the agent or its notes.</exception>
    public static PythonSession Begin(PythonSupport support, bool writesJitDump)
    {
        switch (support)
        {
            case PythonSupport.Off:
                return new(null, new Dictionary<string, string>());
            case PythonSupport.BuiltIn:
                string variable = writesJitDump ? "PYTHON_PERF_JIT_SUPPORT" : "PYTHONPERFSUPPORT";
                return new(null, new Dictionary<string, string> { [variable] = "1" });
        }

        string agent = AgentLibrary.Install();
        string directory = MakeDirectory();
        string? others = System.Environment.GetEnvironmentVariable(Preload);
        var environment = new Dictionary<string, string>
        {
            // Theirs stay behind ours: a list's first library is not the first to be initialised, but the first to be asked.
            [Preload] = string.IsNullOrEmpty(others) ? agent : $"{agent}:{others}",
            [Text(AgentEnvironment.Mode)] = Text(
                support == PythonSupport.Capture ? CaptureProtocol.Mode
                : writesJitDump ? AgentEnvironment.JitDump
                : AgentEnvironment.PerfMap),
            [Text(AgentEnvironment.Session)] = directory,
        };
        if (support == PythonSupport.Agent)
        {
            environment.Add(Text(AgentEnvironment.AgentOnly), "1");
        }

        return new(directory, environment);
    }

    /// <summary>What the agents said, each line once, with the number of processes where there were more.</summary>
    public IReadOnlyList<string> ReadNotes()
    {
        if (_directory is null)
        {
            return [];
        }

        var processes = new Dictionary<string, HashSet<string>>();
        foreach (string line in ReadLines(_directory + Text(AgentEnvironment.NotesFile)))
        {
            int blank = line.IndexOf(' ', StringComparison.Ordinal);
            if (blank > 0)
            {
                string note = line[(blank + 1)..];
                if (!processes.TryGetValue(note, out var said))
                {
                    processes.Add(note, said = []);
                }

                said.Add(line[..blank]);
            }
        }

        return [.. processes.Select(note => note.Value.Count == 1
            ? string.Create(CultureInfo.InvariantCulture, $"process {note.Value.Single()}: {note.Key}")
            : string.Create(CultureInfo.InvariantCulture, $"{note.Value.Count} processes: {note.Key}"))];
    }

    /// <summary>Ends the session; programs that still run have nobody to speak to then.</summary>
    public void Dispose()
    {
        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static string MakeDirectory()
    {
        try
        {
            string directory = Directory.CreateTempSubdirectory("viperf-session-").FullName;

            // A program may become another user before it has something to say.
            File.SetUnixFileMode(
                directory,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            string notes = directory + Text(AgentEnvironment.NotesFile);
            File.WriteAllBytes(notes, []);
            File.SetUnixFileMode(
                notes, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
            return directory;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"no directory for what viperf's agents say: {problem.Message}");
        }
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            byte[] text = new byte[Math.Min(RandomAccess.GetLength(file), MostNotesBytes)];
            int read = RandomAccess.Read(file, text, 0);
            return Encoding.UTF8.GetString(text, 0, read).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [$"0 {problem.Message}"];
        }
    }

    private static string Text(ReadOnlySpan<byte> text) => Encoding.ASCII.GetString(text);
}
