using System.Text.RegularExpressions;
using Viperf.EndToEnd.Harness;
using Xunit;

namespace Viperf.EndToEnd.Agent;

/// <summary>A /tmp that is full, closed or full of traps costs the profile, and nothing else: the program goes on, one note says why.</summary>
public partial class HostileTmpTests
{
    /// <summary>Calls more new functions than fit into what a full disk has left.</summary>
    private const string Program = """
        def f(): return 1
        assert f() == 1
        for number in range(100): exec("def new_%d(): return %d\nassert new_%d() == %d" % ((number,) * 4))
        print("unharmed")
        """;

    /// <summary>A script that puts something in the way at $file; and what the note says then.</summary>
    private static readonly Dictionary<string, (string Script, string Note)> s_traps = new()
    {
        ["read-only"] = ("mount -t tmpfs -o ro none /tmp", "cannot be made: /tmp must be there, and writable"),
        ["full"] = (
            "mount -t tmpfs -o size=64k,mode=1777 none /tmp; head -c 53248 /dev/zero > /tmp/fill",
            "cannot be written: no space left on the device"),
        ["full at once"] = (
            "mount -t tmpfs -o size=16k,mode=1777 none /tmp; head -c 16384 /dev/zero > /tmp/fill",
            "cannot be written: no space left on the device"),
        ["a link"] = ("ln -s /tmp/victim \"$file\"", "is another user's, a link or no plain file: remove it"),
        ["a link to nothing"] = ("ln -s /tmp/nothing \"$file\"", "is another user's, a link or no plain file: remove it"),
        ["a second name"] = ("ln /tmp/victim \"$file\"", "is another user's, a link or no plain file: remove it"),
        ["a pipe"] = ("mkfifo \"$file\"", "is another user's, a link or no plain file: remove it"),
        ["a directory"] = ("mkdir \"$file\"", "is another user's, a link or no plain file: remove it"),
        ["another user's file"] = (
            "echo theirs > \"$file\"; chown 65534 \"$file\"; chmod 666 \"$file\"", "is another user's, a link or no plain file: remove it"),
    };

    /// <summary>Every version with every trap.</summary>
    public static TheoryData<string, string> AllWithTraps
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string version in Interpreter.PyenvVersions)
            {
                foreach (string trap in s_traps.Keys)
                {
                    rows.Add(version, trap);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(AllWithTraps))]
    public void The_program_is_unharmed_and_one_note_says_why_there_is_no_map(string version, string trap)
    {
        SkipWhereNotPossible(trap);
        using var tmp = AgentTmp.For(version);
        var (script, note) = s_traps[trap];

        var result = Run(tmp, "perf", script);

        AssertOneNote(result, note);
        AssertVictimIsWhole(tmp);
        Assert.False(File.Exists(tmp.Directory.File("nothing")));
    }

    [Theory]
    [MemberData(nameof(AllWithTraps))]
    public void A_jitdump_takes_the_place_of_own_files_and_follows_nothing(string version, string trap)
    {
        SkipWhereNotPossible(trap);
        using var tmp = AgentTmp.For(version);
        var (script, note) = s_traps[trap];

        var result = Run(tmp, "perf_jit", script);

        AssertVictimIsWhole(tmp);
        Assert.False(File.Exists(tmp.Directory.File("nothing")));
        if (script.Contains("mount", StringComparison.Ordinal) || trap == "a directory")
        {
            AssertOneNote(result, note);
            return;
        }

        // Whoever may remove what lies there (here root, else the owner) gets a file of its own.
        Assert.Equal("unharmed\n", result.Succeeded().Output);
        Assert.Equal("", result.Error);
        var dump = new FileInfo(Assert.Single(tmp.Dumps));
        Assert.Null(dump.LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, dump.UnixFileMode);
        Assert.Contains("py::f:<string>", JitDumpFile.Read(dump.FullName));
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void A_tmp_without_execution_has_maps_and_no_jitdumps(string version)
    {
        using var tmp = AgentTmp.For(version);
        SkipWhereNotPossible("noexec");
        const string NoExecution = "mount -t tmpfs -o noexec,mode=1777 none /tmp";

        var map = Run(tmp, "perf", NoExecution);

        Assert.Equal("unharmed\n", map.Succeeded().Output);
        Assert.Equal("", map.Error);
        AssertOneNote(Run(tmp, "perf_jit", NoExecution), "cannot be mapped: /tmp must not be mounted noexec");
    }

    [Theory]
    [MemberData(nameof(Interpreter.All), MemberType = typeof(Interpreter))]
    public void What_is_left_of_a_process_that_had_the_number_stays_in_the_map_and_not_in_the_dump(string version)
    {
        using var tmp = AgentTmp.For(version);
        const string Stale = "printf '1000 8 stale\\n' > \"$file\"";

        Run(tmp, "perf", Stale).Succeeded();
        Run(tmp, "perf_jit", Stale).Succeeded();

        Assert.StartsWith("1000 8 stale\n", tmp.Map, StringComparison.Ordinal);
        Assert.Contains("py::f:<string>\n", tmp.Map, StringComparison.Ordinal);
        Assert.Contains("py::f:<string>", JitDumpFile.Read(Assert.Single(tmp.Dumps)));
    }

    /// <summary>Sets a trap at the file of the process that then becomes Python.</summary>
    private static ToolResult Run(AgentTmp tmp, string backend, string trap)
    {
        string file = backend == "perf" ? "/tmp/perf-$$.map" : "/tmp/jit-$$.dump";
        return tmp.Start(
            [], "/bin/sh", "-c",
            $"echo whole > /tmp/victim; file={file}; {trap}; export VIPERF={backend} LD_PRELOAD={AgentTmp.Library}; exec \"$0\" -c \"$1\"",
            tmp.Python, Program);
    }

    private static void SkipWhereNotPossible(string trap)
    {
        Assert.SkipWhen(trap.StartsWith("another", StringComparison.Ordinal) && !Environment.IsPrivilegedProcess, "only root can give files away");
        Assert.SkipWhen(
            trap is "read-only" or "full" or "full at once" or "noexec" && Repository.Root.StartsWith("/tmp/", StringComparison.Ordinal),
            "the checkout lies below /tmp, over which the test mounts another file system");
    }

    private static void AssertOneNote(ToolResult result, string note)
    {
        Assert.Equal("unharmed\n", result.Succeeded().Output);
        string line = Assert.Single(result.ErrorLines);
        Assert.Matches(NoteOfFile(), line);
        Assert.Contains(note, line, StringComparison.Ordinal);
        Assert.EndsWith("no Python functions", line.Replace(": Python functions are missing from then on", ": no Python functions", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static void AssertVictimIsWhole(AgentTmp tmp) =>
        Assert.Equal("whole\n", File.ReadAllText(tmp.Directory.File("victim")));

    [GeneratedRegex(@"^viperf: /tmp/(perf-\d+\.map|jit-\d+\.dump) ")]
    private static partial Regex NoteOfFile();
}
