using System.ComponentModel;
using System.Diagnostics;
using Viperf.Core.Linux;

namespace Viperf.Core.Python;

/// <summary>A Python interpreter, as it describes itself.</summary>
/// <param name="Path">
/// The executable itself (<c>sys.executable</c>): what a user names may be a script that looks for it.
/// </param>
/// <param name="Version">Major and minor version.</param>
/// <param name="Implementation">Lower-case name of the implementation: <c>cpython</c>, <c>pypy</c>.</param>
public sealed record PythonInterpreter(string Path, Version Version, string Implementation)
{
    private const string Hint = "name an interpreter with --python";

    private const string Question =
        "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2], sys.implementation.name, sep='\\n')";

    /// <summary>Python's own test of it, as its documentation of perf gives it; prints something if so.</summary>
    private const string FramePointerQuestion =
        "import sysconfig; print(*[n for n, v in sysconfig.get_config_vars().items() if 'no-omit-frame-pointer' in str(v)])";

    /// <summary>The implementation's name and version, for messages: <c>CPython 3.12</c>.</summary>
    public string Title => $"{(Implementation == "cpython" ? "CPython" : Implementation)} {Version}";

    /// <summary>Whether <c>-X perf</c> makes it show its functions to perf: CPython from 3.12 on.</summary>
    public bool HasPerfSupport => Implementation == "cpython" && Version >= new Version(3, 12);

    /// <summary>
    /// Finds an interpreter: the one that is named, else that of the virtual environment in use, else python3.
    /// </summary>
    /// <param name="named">A path, or a name to be looked up on PATH; or null.</param>
    /// <exception cref="UserErrorException">There is none, or what is there does not answer like one.</exception>
    public static PythonInterpreter Find(string? named)
    {
        if (named is null && Environment.GetEnvironmentVariable("VIRTUAL_ENV") is { Length: > 0 } environment)
        {
            named = System.IO.Path.Combine(environment, "bin", "python");
        }

        return Ask(named ?? "python3");
    }

    /// <summary>
    /// Asks whether the interpreter was built with frame pointers, as far as its build's options say. Starts it.
    /// </summary>
    public bool SaysItHasFramePointers()
    {
        var (exitCode, output, _) = Execute(Path, FramePointerQuestion);
        return exitCode == 0 && output.Trim().Length > 0;
    }

    private static PythonInterpreter Ask(string program)
    {
        var (exitCode, output, errors) = Execute(program, Question);
        if (exitCode == 0 && output.Split('\n') is [var path, var version, var implementation, ..]
            && path.Length > 0 && Version.TryParse(version, out var parsed))
        {
            return new(path, parsed, implementation);
        }

        string said = errors.Trim().Split('\n')[0];
        throw new UserErrorException(
            $"{program} is no Python 3 that works{(said.Length > 0 ? $" ({said})" : "")}: {Hint}", 127);
    }

    /// <summary>Starts an interpreter without the user's settings and site packages, which cost time.</summary>
    private static (int ExitCode, string Output, string Errors) Execute(string program, string code)
    {
        var start = new ProcessStartInfo(program, ["-I", "-S", "-c", code])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, errors.Result);
        }
        catch (Win32Exception error)
        {
            throw new UserErrorException($"cannot run {program} ({Errno.Text(error.NativeErrorCode)}): {Hint}", 127);
        }
    }
}
