using System.Diagnostics;
using Viperf.Core;
using Viperf.Core.Python;
using Xunit;

namespace Viperf.Tests.Python;

public class PythonInterpreterTests
{
    private const string Answer =
        """
        executable=/usr/bin/python3.14
        version=3.14.10
        implementation=cpython
        code=/usr/bin/python3.14
        gil=1
        jit=1
        remote_debug=1
        PY_CORE_CFLAGS=-g -O2 -D_Py_JIT
        PY_CORE_LDFLAGS=-g
        CONFIG_ARGS='--enable-shared' '--enable-experimental-jit=yes-off'
        Py_DEBUG=0
        Py_GIL_DISABLED=0
        PY_HAVE_PERF_TRAMPOLINE=1

        """;

    [Theory]
    [MemberData(nameof(InstalledPythons.All), MemberType = typeof(InstalledPythons))]
    public void It_says_who_it_is_and_where_its_code_lies(string path)
    {
        var python = PythonInterpreter.Find(path);

        Assert.Equal(Output(path, "import sys; print(sys.executable)"), python.Path);
        Assert.Equal(Output(path, "import platform; print(platform.python_version())"), python.Version.ToString(3));
        Assert.Equal("cpython", python.Implementation);
        Assert.True(File.Exists(python.CodeFile), python.CodeFile);
        Assert.Equal(python.Version >= new Version(3, 12), python.HasPerfSupport);
        Assert.Equal(python.Version >= new Version(3, 13), python.HasPerfJitSupport);
        Assert.Equal(python.Version >= new Version(3, 14), python.AllowsRemoteDebugging is not null);
        Assert.NotNull(python.Build);
        Assert.Contains(Output(path, "import sysconfig; print(sysconfig.get_config_var('PY_CORE_CFLAGS'))").Split(' '),
            flag => flag == python.Build.Optimization);
    }

    [Fact]
    public void An_answer_is_read_line_by_line()
    {
        var python = PythonInterpreter.Parse(Answer);

        Assert.NotNull(python);
        Assert.Equal("CPython 3.14", python.Title);
        Assert.Equal(new Version(3, 14, 10), python.Version);
        Assert.Equal("/usr/bin/python3.14", python.CodeFile);
        Assert.Equal(PythonJit.Off, python.Jit);
        Assert.True(python.AllowsRemoteDebugging);
        Assert.False(python.IsFreeThreaded);
        Assert.True(python.HasPerfJitSupport);
        Assert.Equal("-O2", python.Build!.Optimization);
    }

    [Theory]
    [InlineData("jit=1", "jit=2", PythonJit.On)]
    [InlineData("jit=1", "jit=0", PythonJit.Absent)]
    [InlineData("jit=1", "", PythonJit.Off)] // 3.13, which does not tell: by its configuration
    public void Its_JIT_is_there_and_on_or_not(string line, string instead, PythonJit expected) =>
        Assert.Equal(expected, PythonInterpreter.Parse(Answer.Replace(line, instead))!.Jit);

    [Fact]
    public void What_an_answer_lacks_is_not_known()
    {
        var python = PythonInterpreter.Parse("executable=/opt/pypy\nversion=3.10.14\nimplementation=pypy\n");

        Assert.NotNull(python);
        Assert.Null(python.Build);
        Assert.Equal("pypy 3.10", python.Title);
        Assert.False(python.HasPerfSupport);
        Assert.Null(python.AllowsRemoteDebugging);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\n")]
    [InlineData("executable=\nversion=3.12.1\nimplementation=cpython\n")] // sys.executable is empty where it is not known
    [InlineData("executable=/a\nversion=three\nimplementation=cpython\n")]
    [InlineData("executable=/a\nversion=3.12\nimplementation=cpython\n")]
    [InlineData("executable=/a\nversion=3.12.1\n")]
    public void An_answer_that_is_none_makes_no_interpreter(string answer) => Assert.Null(PythonInterpreter.Parse(answer));

    [Fact]
    public void What_is_no_Python_is_refused_with_a_hint()
    {
        Assert.Contains("name an interpreter with --interpreter", Assert.Throws<UserErrorException>(() => PythonInterpreter.Find("/bin/false")).Message);
        Assert.Contains("No such file", Assert.Throws<UserErrorException>(() => PythonInterpreter.Find("/nowhere/python")).Message);
    }

    private static string Output(string program, string code)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["-c", code]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd().Trim();
    }
}
