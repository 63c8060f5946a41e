namespace Viperf.Core.Python;

/// <summary>
/// Short names of Python source files, from where the interpreter finds modules: <c>jinja2/environment.py</c> for one in
/// site-packages, <c>json/__init__.py</c> for one of the standard library, <c>app.py</c> for one of the program's own. Two
/// files never get the same name.
/// </summary>
/// <param name="commandLine">The recording's command line, which names the program.</param>
/// <param name="workingDirectory">Where the reader is; files below it are shown from there.</param>
public sealed class SourcePaths(IReadOnlyList<string> commandLine, string workingDirectory)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<string> _roots = IsRoot(workingDirectory) ? [workingDirectory.TrimEnd('/') + '/'] : [];
    private readonly IReadOnlyList<string> _programs = ProgramsOf(commandLine);

    /// <summary>The name of a file.</summary>
    /// <param name="file">The file as the interpreter calls it.</param>
    public string NameOf(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!_names.TryGetValue(file, out string? name))
        {
            name = Shorten(file);
            name = _taken.Add(name) ? name : file; // the second of two keeps its path
            _taken.Add(name);
            _names.Add(file, name);
        }

        return name;
    }

    private string Shorten(string file)
    {
        if (!file.StartsWith('/'))
        {
            return file.StartsWith("./", StringComparison.Ordinal) && file.Length > 2 ? file[2..] : file; // or <string>, <frozen os>
        }

        int start = Math.Max(
            Math.Max(EndOf(file, "/site-packages/"), EndOf(file, "/dist-packages/")), EndOfStandardLibrary(file));
        if (start > 0)
        {
            return file[start..];
        }

        foreach (string program in _programs)
        {
            if (RootOf(file, program) is { } root && !_roots.Contains(root))
            {
                _roots.Add(root);
            }
        }

        foreach (string root in _roots)
        {
            start = file.StartsWith(root, StringComparison.Ordinal) ? Math.Max(start, root.Length) : start;
        }

        return start > 0 && start < file.Length ? file[start..] : file;
    }

    /// <summary>Behind <c>lib/python3.13/</c>, <c>lib64/python3.13t/</c> or <c>python313.zip/</c>; 0 if there is none.</summary>
    private static int EndOfStandardLibrary(string file)
    {
        const string Python = "/python";
        int end = 0;
        for (int at = file.IndexOf(Python, StringComparison.Ordinal); at >= 0; at = file.IndexOf(Python, at + 1, StringComparison.Ordinal))
        {
            int slash = file.IndexOf('/', at + 1);
            var version = slash < 0 ? default : file.AsSpan(at + Python.Length, slash - at - Python.Length);
            var before = file.AsSpan(0, at);
            bool isLibrary = before.EndsWith("/lib", StringComparison.Ordinal) || before.EndsWith("/lib64", StringComparison.Ordinal);
            if (version is [>= '2' and <= '9', ..]
                && (version.EndsWith(".zip", StringComparison.Ordinal) || isLibrary))
            {
                end = slash + 1;
            }
        }

        return end < file.Length ? end : 0;
    }

    private static int EndOf(string file, string part)
    {
        int at = file.LastIndexOf(part, StringComparison.Ordinal);
        return at < 0 || at + part.Length == file.Length ? 0 : at + part.Length;
    }

    /// <summary>
    /// Scripts of a command line, and what -m names as a file. They tell where the program's own modules lie, as the interpreter
    /// puts that directory first in sys.path.
    /// </summary>
    private static List<string> ProgramsOf(IReadOnlyList<string> commandLine)
    {
        List<string> programs = [];
        for (int i = 0; i < commandLine.Count; i++)
        {
            string argument = commandLine[i];
            if (argument == "-m" && i + 1 < commandLine.Count)
            {
                string module = commandLine[i + 1].Replace('.', '/');
                programs.Add($"{module}/__main__.py");
                programs.Add($"{module}.py");
            }
            else if (argument.EndsWith(".py", StringComparison.Ordinal))
            {
                programs.Add(argument.StartsWith("./", StringComparison.Ordinal) ? argument[2..] : argument);
            }
        }

        return programs;
    }

    /// <summary>The directory that a program's name starts from, if the file is that program.</summary>
    private static string? RootOf(string file, string program)
    {
        string root = program.StartsWith('/')
            ? file == program ? file[..(file.LastIndexOf('/') + 1)] : ""
            : file.EndsWith($"/{program}", StringComparison.Ordinal) ? file[..^program.Length] : "";
        return IsRoot(root) ? root : null;
    }

    /// <summary>False for the root of all, below which everything lies.</summary>
    private static bool IsRoot(string directory) => directory.StartsWith('/') && directory != "/";
}
