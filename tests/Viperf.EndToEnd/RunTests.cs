using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd;

public class RunTests
{
    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void The_programs_streams_and_exit_status_are_its_own(string version)
    {
        using var directory = new TempDirectory();
        var tool = new Tool { File = ViperfBinary.Path, WorkingDirectory = directory.Path, Input = "to capitals\n" };

        var result = tool.Run("run", "--interpreter", Interpreter.Pyenv(version).Path, Workload.Echo, "-x", "--", "-o", "a b");

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("TO CAPITALS\n", result.Output);
        Assert.Equal("['-x', '--', '-o', 'a b']", result.ErrorLines[0]);
        Assert.Contains("The recording is perf.data", result.ErrorLines[^2]);
        Assert.Equal("Its page for the browser is profile.html", result.ErrorLines[^1]);
        Assert.True(File.Exists(directory.File("perf.data")));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void The_answer_names_Python_functions_and_where_the_recording_lies(string version)
    {
        using var directory = new TempDirectory();

        var result = ViperfBinary.RunIn(
            directory, "run", "--interpreter", Interpreter.Pyenv(version).Path, "-o", "calls.data", Workload.Calls, "1500");

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^viperf run: \d+\.\d\d s, \d+\.\d\d s of CPU time; [\d,]+ samples, [\d,]+ lost$", result.ErrorLines[0]);
        Assert.Matches(@"^ +self +total +function +file +hottest line *$", result.ErrorLines[1]);
        Assert.Contains(
            result.ErrorLines, line => line.Contains(" unroll ", StringComparison.Ordinal) && line.Contains("calls.py", StringComparison.Ordinal));
        Assert.Equal(
            "The recording is calls.data; for all of it: viperf report -g -i calls.data; for lines: viperf annotate -i calls.data FUNCTION",
            result.ErrorLines[^2].TrimEnd());
        Assert.Equal("Its page for the browser is calls.html", result.ErrorLines[^1]);
        Assert.DoesNotContain('\e', result.Error);
    }

    [Fact]
    public void The_answer_comes_also_where_names_cannot_be_put_into_the_recording()
    {
        using var user = OrdinaryUser.Become();

        var result = user.Run(
            "run", "--interpreter", Interpreter.OfSystem().Path, "-c", "import os; os.chmod('perf.data', 0o400)").Succeeded();

        Assert.Contains(
            "viperf run: cannot add names to perf.data: Permission denied (viperf archive can add them later)", result.ErrorLines);
        Assert.Contains("The recording is perf.data", result.ErrorLines[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_and_a_line_of_code_run_as_with_python()
    {
        string python = Interpreter.OfSystem().Path;
        using var directory = new TempDirectory();
        var tool = new Tool { File = ViperfBinary.Path, WorkingDirectory = directory.Path, Input = "{\"b\":1}" };

        var module = tool.Run("run", "--interpreter", python, "-m", "json.tool", "--compact").Succeeded();
        var code = tool.Run("run", "--interpreter", python, "-c", "import sys; print(sys.argv)", "--help", "-m").Succeeded();

        Assert.Equal("{\"b\":1}\n", module.Output);
        Assert.Equal("['-c', '--help', '-m']\n", code.Output);
    }

    [Fact]
    public void An_interpreter_without_perf_support_of_its_own_is_recorded_and_named_as_such()
    {
        using var directory = new TempDirectory();
        var result = ViperfBinary.RunIn(
            directory, "run", "--python", "builtin", "--interpreter", Interpreter.Pyenv("3.8.18").Path, "-c", "sum(range(10**6))").Succeeded();
        Assert.Contains(result.ErrorLines, line => line.StartsWith("No Python functions: CPython 3.8 ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_script_that_finds_the_interpreter_is_asked_for_it()
    {
        var python = Interpreter.Pyenv("3.12.1");
        using var directory = new TempDirectory();
        string shim = directory.Write("python3", $"#!/bin/sh\nexec {python.Path} \"$@\"\n");
        File.SetUnixFileMode(shim, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var result = ViperfBinary.RunIn(directory, "run", "--interpreter", shim, "-c", "import sys; print(sys.executable)");

        Assert.Equal(python.Path, Path.GetFullPath(result.Succeeded().Output.Trim()));
    }

    [Fact]
    public void After_Ctrl_C_the_answer_still_comes()
    {
        string python = Interpreter.OfSystem().Path;
        using var directory = new TempDirectory();
        directory.Write("waits.py", "open('ready', 'w').close()\nimport time\ntime.sleep(60)\n");
        // Job control gives viperf and the program a process group, as a terminal does, and the signal goes to both.
        const string Script = """
            set -m
            mkfifo ready
            "$1" run --interpreter "$2" waits.py &
            : < ready
            kill -INT -- "-$!"
            wait "$!"
            """;

        var result = new Tool { File = "/bin/bash", WorkingDirectory = directory.Path }
            .Run("-c", Script, "bash", ViperfBinary.Path, python);

        Assert.Equal(130, result.ExitCode);
        foreach (string start in (string[])["KeyboardInterrupt", "The recording is perf.data"])
        {
            Assert.True(result.ErrorLines.Any(line => line.StartsWith(start, StringComparison.Ordinal)), result.Error);
        }
    }

    [Fact]
    public void Wrong_usage_costs_one_line_and_leaves_no_recording()
    {
        using var directory = new TempDirectory();
        (string[] Arguments, int ExitCode, string Line)[] cases =
        [
            ([], 2, "viperf run: nothing to run: name a script, -m MODULE or -c CODE"),
            (["nosuch.py"], 2, "viperf run: cannot open nosuch.py: no such file"),
            (["--python", "python3.13", "-c", "0"], 2, "viperf run: --python python3.13: give auto, capture, builtin, agent or off"),
            (["--interpreter", "/nosuch/python", "-c", "0"], 127, "viperf run: cannot run /nosuch/python (No such file or directory): name an interpreter with --interpreter"),
            (["--interpreter", "/bin/false", "-c", "0"], 127, "viperf run: /bin/false is no Python 3 that works"),
            (["-F", "often", "-c", "0"], 2, "viperf run: -F often: give a number of samples a second, or max"),
            (["-o", "/nosuch/perf.data", "-c", "0"], 1, "viperf run: "),
            (["--bogus"], 2, "viperf run: unknown option --bogus"),
        ];

        Assert.All(cases, wrong =>
        {
            var result = ViperfBinary.RunIn(directory, ["run", .. wrong.Arguments]);
            Assert.Equal(wrong.ExitCode, result.ExitCode);
            Assert.StartsWith(wrong.Line, Assert.Single(result.ErrorLines));
            Assert.Equal("", result.Output);
        });
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }
}
