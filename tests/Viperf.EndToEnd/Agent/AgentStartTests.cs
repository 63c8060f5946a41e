using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>However Python is started, its functions have trampolines from the first one of the program on.</summary>
public class AgentStartTests
{
    private const string Text = "import os\ndef started(): return 1\nassert started() == 1\n";

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Every_way_to_start_has_trampolines(string version)
    {
        using var tmp = AgentTmp.For(version);
        tmp.Directory.Write("script.py", Text);
        tmp.Directory.Write("named.py", $"#!{tmp.Python} -E\n{Text}");
        File.SetUnixFileMode(tmp.Directory.File("named.py"), (UnixFileMode)0x1ED);
        Directory.CreateDirectory(tmp.Directory.File("dir"));
        tmp.Directory.Write("dir/__main__.py", Text);
        Directory.CreateDirectory(tmp.Directory.File("site"));
        tmp.Directory.Write("site/sitecustomize.py", "def customized(): print('customized')\ncustomized()\n");
        tmp.Without("-m", "zipapp", "/tmp/dir", "-o", "/tmp/app.pyz").Succeeded();
        tmp.Without("-m", "venv", "--without-pip", "/tmp/venv").Succeeded();

        const string Module = "cd /tmp; \"$0\" -m script";
        (string Way, string Command)[] ways =
        [
            ("a file", "\"$0\" /tmp/script.py"),
            ("isolated", "\"$0\" -I /tmp/script.py"),
            ("without site", "\"$0\" -S /tmp/script.py"),
            ("without variables", "\"$0\" -E /tmp/script.py"),
            ("all of these", "\"$0\" -I -S -E -B /tmp/script.py"),
            ("standard input", "\"$0\" - < /tmp/script.py"),
            ("standard input alone", "\"$0\" < /tmp/script.py"),
            ("a module", Module),
            ("a line", "\"$0\" -c \"$(cat /tmp/script.py)\""),
            ("a directory", "\"$0\" /tmp/dir"),
            ("an archive", "\"$0\" /tmp/app.pyz"),
            ("its first line", "/tmp/named.py"),
            ("a virtual environment", "/tmp/venv/bin/python3 /tmp/script.py"),
            ("its own sitecustomize", "PYTHONPATH=/tmp/site \"$0\" /tmp/script.py"),
        ];

        Assert.All(ways, way =>
        {
            Assert.All(tmp.Maps, File.Delete);
            var result = tmp.Start(["VIPERF=perf", $"LD_PRELOAD={AgentTmp.Library}"], "/bin/sh", "-c", way.Command, tmp.Python).Succeeded();
            Assert.Equal("", result.Error);
            Assert.Equal(way.Way == "its own sitecustomize" ? "customized\n" : "", result.Output);
            Assert.Contains("py::started:", tmp.Map, StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Children_by_multiprocessing_have_maps_of_their_own(string version)
    {
        using var tmp = AgentTmp.For(version);

        var result = tmp.With("perf", AgentTmp.Program("multiprocess.py")).Succeeded();

        // A line for each child: how it was started, and its number.
        Assert.Equal(["fork", "forkserver", "spawn"], result.Lines.Select(line => line.Split(' ')[0]).Distinct());
        Assert.Equal(6, result.Lines.Distinct().Count());
        Assert.All(result.Lines, line =>
        {
            string[] names = AgentTmp.NamesOf(tmp.Directory.File($"perf-{line.Split(' ')[1]}.map"));
            Assert.Contains("py::child:multiprocess.py", names);
        });
        Assert.Equal("", result.Error);
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void Python_within_another_program_has_trampolines_and_may_begin_anew(string version)
    {
        using var library = new CLibrary();
        using var tmp = AgentTmp.For(version);
        string prefix = Path.GetDirectoryName(Path.GetDirectoryName(tmp.Python))!;
        string[] options = [.. new Tool { File = $"{tmp.Python}-config" }.Run("--includes", "--ldflags", "--embed").Succeeded()
            .Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];
        string program = library.Compile("embedded.c", "embedded", [.. options, $"-Wl,-rpath,{prefix}/lib"]);

        var result = tmp.Start(
            ["VIPERF=perf", $"LD_PRELOAD={AgentTmp.Library}", $"PYTHONHOME={prefix}"], program).Succeeded();

        Assert.Equal("first\nsecond\n", result.Output);
        Assert.Equal("", result.Error);
        string[] names = AgentTmp.NamesOf(Assert.Single(tmp.Maps));
        Assert.Contains("py::first:<string>", names);
        Assert.Contains("py::second:<string>", names);
    }

    [Fact]
    public void Programs_that_are_no_Python_are_as_without()
    {
        using var library = new CLibrary();
        using var tmp = AgentTmp.For("3.11.7");
        string plain = library.Compile("no_python.c", "plain");
        string fixedProgram = library.Compile("no_python.c", "static", "-static");
        string calling = library.Compile("forwards.c", "forwards"); // all the functions that the agent has too

        Assert.All((string[])[plain, fixedProgram, calling, "/bin/true"], program =>
        {
            string without = tmp.Start([], program).Succeeded().Output;
            var result = tmp.Start(["VIPERF=perf_jit", $"LD_PRELOAD={AgentTmp.Library}"], program).Succeeded();
            Assert.Equal(without, result.Output);
            Assert.Equal("", result.Error);
        });
        Assert.Empty(Directory.GetFiles(tmp.Directory.Path));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_library_that_the_user_preloads_is_loaded_too(string version)
    {
        using var library = new CLibrary();
        string own = library.Compile("hook.c", "own.so", "-shared", "-fPIC");
        using var tmp = AgentTmp.For(version);

        var result = tmp.With(
            ["VIPERF=perf", $"LD_PRELOAD={AgentTmp.Library}:{own}"], "-c",
            "import ctypes, os\ndef f(): print(ctypes.CDLL(None).hook_calls(), os.environ['LD_PRELOAD'])\nf()").Succeeded();

        Assert.Equal($"0 {AgentTmp.Library}:{own}\n", result.Output);
        Assert.Contains("py::f:<string>\n", tmp.Map, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_Python_that_is_not_known_is_left_alone_and_the_reason_said(string version, string claims, string reason)
    {
        using var library = new CLibrary();
        string shim = library.Compile("version.c", "version.so", "-shared", "-fPIC", $"-DVERSION=\"{claims}\"");
        using var tmp = AgentTmp.For(version);

        var preloaded = tmp.With(
            ["VIPERF=perf", $"LD_PRELOAD={AgentTmp.Library}:{shim}"], "-c", "def f(): print('runs')\nf()").Succeeded();
        Assert.Equal("runs\n", preloaded.Output);
        string note = Assert.Single(preloaded.ErrorLines);
        // 3.12 and later have trampolines of their own, which serve then.
        Assert.StartsWith($"viperf: {reason}: ", note, StringComparison.Ordinal);
        bool hasOwn = Version.Parse(version) >= new Version(3, 12);
        Assert.EndsWith(hasOwn ? "its own trampolines are used" : "no Python functions", note, StringComparison.Ordinal);
        Assert.Equal(hasOwn ? 1 : 0, tmp.Maps.Length);
        if (hasOwn) // the module that the package imports is made for the version that it finds, and older ones refuse it
        {
            var asked = tmp.With(
                [$"LD_PRELOAD={shim}"], "-c",
                "import viperf._agent as agent\ntry: agent.activate('perf')\nexcept RuntimeError as error: print(error, agent.is_active())");
            Assert.Equal($"{reason} False\n", asked.Succeeded().Output);
        }
    }

    /// <summary>Every version, said to be one that is not known, and one without a global lock.</summary>
    public static TheoryData<string, string, string> Refused
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (string version in Interpreter.PyenvVersions)
            {
                rows.Add(version, "3.99.0 (main)", "CPython 3.99.0 is not known to this viperf, which knows 3.8 to 3.15");
                rows.Add(
                    version, "3.13.0 experimental free-threading build (main)",
                    "CPython 3.13.0 runs threads without a global lock, for which there are no safe trampolines");
            }

            return rows;
        }
    }
}
