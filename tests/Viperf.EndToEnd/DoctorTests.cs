using System.Runtime.InteropServices;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd;

public class DoctorTests
{
    /// <summary>
    /// Runs its arguments under a filter of system calls that answers EPERM to perf_event_open (298 on x86-64), as
    /// container runtimes do.
    /// </summary>
    private const string Filtered =
        """
        import ctypes, os, struct, sys
        program = b''.join(struct.pack('HBBI', *step) for step in (
            (0x20, 0, 0, 0),            # load the number of the call
            (0x15, 0, 1, 298),          # unless it is perf_event_open, skip one
            (0x06, 0, 0, 0x00050001),   # SECCOMP_RET_ERRNO, EPERM
            (0x06, 0, 0, 0x7fff0000)))  # SECCOMP_RET_ALLOW
        steps = ctypes.create_string_buffer(program)
        filter = ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(program) // 8, ctypes.addressof(steps)))
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
        assert libc.prctl(22, 2, filter, 0, 0) == 0  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        os.execv(sys.argv[1], sys.argv[1:])
        """;

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void It_knows_each_interpreter_and_whether_run_would_show_its_functions(string version)
    {
        var python = Interpreter.Pyenv(version);
        var result = ViperfBinary.Run("doctor", python.Path);

        Assert.StartsWith($"CPython {version}, ", result.Output);
        Assert.Matches(@"\n (ok|note)  +frame pointers +(yes|no): [\d,]+ of [\d,]+ functions link a frame, ", result.Output);
        Assert.Matches(@"\n (ok|note)  +build +-O\d", result.Output);
        Assert.Contains("\n ok    Python functions by viperf's agent, ", result.Output);
        Assert.Equal(
            python.Version >= new Version(3, 12), result.Output.Contains("with --python builtin, is -X perf", StringComparison.Ordinal));
        Assert.True(result.Output.Contains("a Python call takes ", StringComparison.Ordinal)
            || result.Output.Contains("frame pointers   yes", StringComparison.Ordinal));
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("\n BAD ", result.Output);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void The_systems_interpreter_is_found_by_its_path_and_by_a_script_of_it()
    {
        var python = Interpreter.OfSystem();
        using var directory = new TempDirectory();
        string script = directory.Write("tool", $"#!{python.Path} -s\nprint()\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var direct = ViperfBinary.Run("doctor", python.Path);
        var throughScript = ViperfBinary.Run("doctor", script, "--its", "arguments");

        Assert.StartsWith($"CPython {python.Version}, ", direct.Output);
        Assert.Equal(direct.Lines[0], throughScript.Lines[0]);
        Assert.Equal(direct.ExitCode, throughScript.ExitCode);
    }

    [Fact]
    public void Without_an_argument_it_looks_at_the_interpreter_that_run_takes()
    {
        var python = Interpreter.Pyenv("3.12.1");
        using var directory = new TempDirectory();
        python.Run("-m", "venv", "--without-pip", directory.Path).Succeeded();
        var tool = new Tool
        {
            File = ViperfBinary.Path,
            Environment = new Dictionary<string, string?> { ["VIRTUAL_ENV"] = directory.Path },
        };

        Assert.StartsWith($"CPython 3.12.1, {directory.Path}/bin/python", tool.Run("doctor").Succeeded().Output);
    }

    [Theory]
    [InlineData("/bin/ls", 1, "/bin/ls is no Python interpreter, and no script of one")]
    [InlineData("/nowhere/tool", 127, "/nowhere/tool: no such command")]
    public void A_command_without_Python_is_refused_in_one_line(string command, int exitCode, string message)
    {
        var result = ViperfBinary.Run("doctor", command);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Equal($"viperf doctor: {message}\n", result.Error);
    }

    [Fact]
    public void An_ordinary_user_learns_what_is_left_to_him_and_nothing_stays_behind()
    {
        var python = Interpreter.OfSystem();
        using var user = OrdinaryUser.Become();
        int paranoid = int.Parse(File.ReadAllText("/proc/sys/kernel/perf_event_paranoid"));
        Assert.SkipUnless(paranoid == 2, "the test is for kernel.perf_event_paranoid 2");

        var result = user.Start(Path.Combine(user.Directory.Path, "viperf"), "doctor", python.Path);

        Assert.Contains(" ok    recording        allowed: kernel.perf_event_paranoid is 2\n", result.Output);
        Assert.Contains(" note  kernel's part    left out", result.Output);
        Assert.Contains("$ sudo sysctl kernel.perf_event_paranoid=1", result.Output);
        Assert.Equal(["viperf"], Directory.EnumerateFileSystemEntries(user.Directory.Path).Select(Path.GetFileName));
        Assert.Empty(Directory.EnumerateDirectories(Path.GetTempPath(), "viperf-doctor-*"));
    }

    [Fact]
    public void Where_perf_events_are_forbidden_run_takes_timers()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "the filter has x86-64's number of the call");
        var python = Interpreter.Pyenv("3.12.1");

        var result = python.Run("-c", Filtered, ViperfBinary.Path, "doctor", python.Path);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(" note  recording        refused by a filter of system calls (seccomp)", result.Output);
        Assert.Matches(@"viperf run takes timers of Python's threads instead, up\s+to \d+ samples a second", result.Output);
        Assert.Contains("viperf run would show where this interpreter's programs spend their time.", result.Output);
    }

    [Fact]
    public void Without_perf_on_the_machine_it_is_not_missed()
    {
        var python = Interpreter.Pyenv("3.13.0");
        var tool = new Tool { File = ViperfBinary.Path, Environment = new Dictionary<string, string?> { ["PATH"] = "/nowhere" } };

        var result = tool.Run("doctor", python.Path).Succeeded();

        Assert.Contains(" ok    perf             not installed, and not needed\n", result.Output);
    }
}
