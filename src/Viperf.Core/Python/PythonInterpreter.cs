using System.ComponentModel;
using System.Diagnostics;

namespace Viperf.Core.Python;

/// <summary>A Python interpreter, as it describes itself.</summary>
/// <param name="Path">
/// The executable itself (<c>sys.executable</c>): what a user names may be a script that looks for it.
/// </param>
/// <param name="Version">Major and minor version.</param>
/// <param name="Implementation">Lower-case name of the implementation: <c>cpython</c>, <c>pypy</c>.</param>
public sealed record PythonInterpreter(string Path, Version Version, string Implementation)
{
    private const string Question =
        "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2], sys.implementation.name, sep='\\n')";

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

    /// <summary>Starts the interpreter once, without the user's settings and site packages, which cost time.</summary>
    private static PythonInterpreter Ask(string program)
    {
        const string Hint = "name an interpreter with --python";
        var start = new ProcessStartInfo(program, ["-I", "-S", "-c", Question])
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
            string[] answer = process.StandardOutput.ReadToEnd().Split('\n');
            process.WaitForExit();
            errors.Wait();
            return process.ExitCode == 0 && answer is [var path, var version, var implementation, ..]
                && path.Length > 0 && Version.TryParse(version, out var parsed)
                ? new(path, parsed, implementation)
                : throw new UserErrorException($"{program} is no Python 3 that works: {Hint}", 127);
        }
        catch (Win32Exception error)
        {
            throw new UserErrorException($"cannot run {program} ({error.Message}): {Hint}", 127);
        }
    }
}
