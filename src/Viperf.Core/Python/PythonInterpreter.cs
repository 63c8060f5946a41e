using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Core.Linux;

namespace Viperf.Core.Python;

/// <summary>
/// A Python interpreter, as it describes itself: all of it costs one start of it, without the user's settings.
/// <see cref="FramePointers.Of(string, out string)"/> tells of its <see cref="CodeFile"/> what it cannot know.
/// </summary>
public sealed record PythonInterpreter
{
    private const string Hint = "name an interpreter with --interpreter";

    /// <summary>
    /// What it is asked: a line for each thing, its name before the first <c>=</c>. It must be understood from 3.6 on,
    /// and do without sysconfig's data, which some distributions put into a package of its own.
    /// </summary>
    private const string Question =
        """
        import sys
        def say(name, value):
            line = name + '=' + ' '.join(str(value).split('\n')) + '\n'
            sys.stdout.buffer.write(line.encode('utf-8', 'surrogateescape'))
        say('executable', sys.executable)
        say('version', '%d.%d.%d' % sys.version_info[:3])
        say('implementation', sys.implementation.name)
        try:
            import posix
            code = posix.readlink('/proc/self/exe')
            for line in open('/proc/self/maps', errors='surrogateescape'):
                path = line[line.find('/'):].strip() if '/' in line else ''
                if ' r-xp ' in line and path.rpartition('/')[2].startswith(('libpython', 'libpypy')):
                    code = path
            say('code', code)
        except OSError:
            pass
        if hasattr(sys, '_is_gil_enabled'):
            say('gil', int(sys._is_gil_enabled()))
        if hasattr(sys, '_jit'):
            say('jit', int(sys._jit.is_available()) + int(sys._jit.is_enabled()))
        if hasattr(sys, 'is_remote_debug_enabled'):
            say('remote_debug', int(sys.is_remote_debug_enabled()))
        try:
            import sysconfig
            config = sysconfig.get_config_vars()
        except ImportError:
            config = {}
        for name in 'PY_CORE_CFLAGS', 'PY_CORE_LDFLAGS', 'CONFIG_ARGS', 'Py_DEBUG', 'Py_GIL_DISABLED', 'PY_HAVE_PERF_TRAMPOLINE':
            if config.get(name) is not None:
                say(name, config[name])
        """;

    /// <summary>
    /// The executable itself (<c>sys.executable</c>): what a user names may be a script that looks for it.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>Major, minor and micro version.</summary>
    public required Version Version { get; init; }

    /// <summary>Lower-case name of the implementation: <c>cpython</c>, <c>pypy</c>.</summary>
    public required string Implementation { get; init; }

    /// <summary>The file with the interpreter's code: its libpython, or the executable; empty where /proc does not say.</summary>
    public string CodeFile { get; init; } = "";

    /// <summary>How it was built; null where it does not know (sysconfig's data is not installed).</summary>
    public PythonBuild? Build { get; init; }

    /// <summary>CPython's own JIT, as it is without PYTHON_JIT.</summary>
    public PythonJit Jit { get; init; }

    /// <summary>Built without a global interpreter lock.</summary>
    public bool IsFreeThreaded { get; init; }

    /// <summary>Whether other processes may hand it a script to run (PEP 768); null before 3.14.</summary>
    public bool? AllowsRemoteDebugging { get; init; }

    /// <summary>
    /// Whether viperf's agent makes it show its functions: CPython of a version that it knows, with a global interpreter
    /// lock, on processors that there is an agent for.
    /// </summary>
    public bool HasAgentSupport => Implementation == "cpython" && !IsFreeThreaded && Version.Major == 3
        && Version.Minor is >= AgentVersions.OldestMinor and <= AgentVersions.NewestMinor
        && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>
    /// Whether <c>-X perf</c> makes it show its functions to perf: CPython from 3.12 on, on processors it knows how to.
    /// </summary>
    public bool HasPerfSupport { get; init; }

    /// <summary>Whether <c>-X perf_jit</c> does, with unwind information for every function: CPython from 3.13 on.</summary>
    public bool HasPerfJitSupport => HasPerfSupport && Version >= new Version(3, 13);

    /// <summary>The implementation's name and version, for messages: <c>CPython 3.12</c>.</summary>
    public string Title => $"{(Implementation == "cpython" ? "CPython" : Implementation)} {Version.ToString(2)}";

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

    /// <summary>Makes an interpreter out of its answer; null if it is none that is understood.</summary>
    internal static PythonInterpreter? Parse(string answer)
    {
        var said = new Dictionary<string, string>();
        foreach (string line in answer.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                said[line[..equals]] = line[(equals + 1)..].Trim();
            }
        }

        if (said.GetValueOrDefault("executable") is not { Length: > 0 } path
            || !Version.TryParse(said.GetValueOrDefault("version"), out var version) || version.Build < 0
            || said.GetValueOrDefault("implementation") is not { Length: > 0 } implementation)
        {
            return null;
        }

        string flags = said.GetValueOrDefault("PY_CORE_CFLAGS", "");
        string arguments = said.GetValueOrDefault("CONFIG_ARGS", "");
        return new PythonInterpreter
        {
            Path = path,
            Version = version,
            Implementation = implementation,
            CodeFile = said.GetValueOrDefault("code", ""),
            Build = flags.Length + arguments.Length == 0
                ? null
                : PythonBuild.Parse(flags, arguments, said.GetValueOrDefault("PY_CORE_LDFLAGS", ""), Is("Py_DEBUG", "1")),
            Jit = said.GetValueOrDefault("jit") switch
            {
                "2" => PythonJit.On,
                "1" => PythonJit.Off,
                null => PythonJitOf(flags, arguments), // 3.13 has one, but does not tell of it
                _ => PythonJit.Absent,
            },
            IsFreeThreaded = Is("Py_GIL_DISABLED", "1") || Is("gil", "0"),
            AllowsRemoteDebugging = said.ContainsKey("remote_debug") ? Is("remote_debug", "1") : null,
            HasPerfSupport = implementation == "cpython" && version >= new Version(3, 12) && !Is("PY_HAVE_PERF_TRAMPOLINE", "0"),
        };

        bool Is(string name, string value) => said.GetValueOrDefault(name) == value;
    }

    private static PythonJit PythonJitOf(string flags, string arguments) =>
        !flags.Contains("-D_Py_JIT", StringComparison.Ordinal) ? PythonJit.Absent
        : arguments.Contains("--enable-experimental-jit=yes-off", StringComparison.Ordinal) ? PythonJit.Off
        : PythonJit.On;

    private static PythonInterpreter Ask(string program)
    {
        var (exitCode, output, errors) = Execute(program, ["-I", "-S", "-c", Question]);
        if (exitCode == 0 && Parse(output) is { } interpreter)
        {
            return interpreter;
        }

        string said = errors.Trim().Split('\n')[0];
        throw new UserErrorException(
            $"{program} is no Python 3 that works{(said.Length > 0 ? $" ({said})" : "")}: {Hint}", 127);
    }

    /// <summary>
    /// Runs a program to its end. Interpreters get <c>-I -S</c>: the user's settings and site packages cost time.
    /// </summary>
    /// <param name="program">A path, or a name to be looked up on PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables that it gets besides viperf's own, or in their place.</param>
    /// <exception cref="UserErrorException">It cannot be started.</exception>
    internal static (int ExitCode, string Output, string Errors) Execute(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

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
