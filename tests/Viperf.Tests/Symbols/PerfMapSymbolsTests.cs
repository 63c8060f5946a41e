using System.Diagnostics;
using System.Text;
using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Xunit;

namespace Viperf.Tests.Symbols;

public sealed class PerfMapSymbolsTests : IDisposable
{
    private const uint Nobody = 65534;

    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-maps-").FullName;
    private readonly List<string> _warnings = [];

    private string MapPath => Path.Combine(_directory, "perf-1.map");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Of_lines_that_overlap_the_later_one_names_the_address()
    {
        var table = PerfMapSymbols.Build(
            "1000 40 stale\n1010 10 newer\n1018 20 newest\n2000 10 twice\n2000 10 again\n3000 ffffffffffffffff endless\n"u8.ToArray(), out _);

        Assert.Equal("stale", ElfSymbolsTests.NameAt(table, 0x100f));
        Assert.Equal("newer", ElfSymbolsTests.NameAt(table, 0x1017));
        Assert.Equal("newest", ElfSymbolsTests.NameAt(table, 0x1018));
        Assert.Equal("newest", ElfSymbolsTests.NameAt(table, 0x1037));
        Assert.Equal("stale", ElfSymbolsTests.NameAt(table, 0x1038));
        Assert.Equal("again", ElfSymbolsTests.NameAt(table, 0x200f));
        Assert.Equal("", ElfSymbolsTests.NameAt(table, 0x2010));
        Assert.Equal("endless", ElfSymbolsTests.NameAt(table, 0x7fff_0000_0000));
    }

    [Fact]
    public void Overlaps_are_resolved_as_painting_one_line_over_the_other_would()
    {
        var random = new Random(20260804);
        for (int round = 0; round < 500; round++)
        {
            var map = new StringBuilder();
            var painted = new string[256];
            for (int line = 0; line < 30; line++)
            {
                int start = random.Next(200);
                int size = random.Next(1, 56);
                map.Append($"{start:x} {size:x} f{line}\n");
                Array.Fill(painted, $"f{line}", start, size);
            }

            var table = PerfMapSymbols.Build(Encoding.UTF8.GetBytes(map.ToString()), out _);
            for (int address = 0; address < painted.Length; address++)
            {
                Assert.Equal(painted[address] ?? "", ElfSymbolsTests.NameAt(table, (ulong)address));
            }
        }
    }

    [Fact]
    public void Our_own_map_is_believed()
    {
        File.WriteAllText(MapPath, "1000 10 py::f:a.py\nnonsense\n");
        Assert.Equal("py::f:a.py", ElfSymbolsTests.NameAt(Load(), 0x1008));
        Assert.Equal($"{MapPath}: 1 lines are not of the form START SIZE NAME and were left out", Assert.Single(_warnings));
    }

    [Fact]
    public void A_process_without_a_map_is_nothing_to_speak_of()
    {
        Assert.Equal(0, Load().Count);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_symbolic_link_is_not_followed()
    {
        string target = Path.Combine(_directory, "target");
        File.WriteAllText(target, "1000 10 f\n");
        File.CreateSymbolicLink(MapPath, target);

        Assert.Equal(0, Load().Count);
        Assert.Contains("symbolic link", Assert.Single(_warnings));
    }

    [Fact]
    public void What_is_no_regular_file_is_refused_without_waiting_for_it()
    {
        Run("mkfifo", MapPath);
        Assert.Equal(0, Load().Count);
        Assert.Contains("not a regular file", Assert.Single(_warnings));
    }

    [Fact]
    public void Another_users_map_is_refused_unless_he_owns_the_recording_or_is_the_profiled_one()
    {
        Assert.SkipUnless(NoFollowFile.EffectiveUser == 0, "only root can make files of other users");
        File.WriteAllText(MapPath, "1000 10 f\n");
        Run("chown", Nobody.ToString(), MapPath);

        Assert.Equal(0, Load().Count);
        Assert.Contains($"belongs to user {Nobody}", Assert.Single(_warnings));
        Assert.Equal(1, Load(recordingOwner: Nobody).Count);

        using var profiled = Start("setpriv", "--reuid", Nobody.ToString(), "--clear-groups", "sh", "-c", "echo; exec cat");
        profiled.StandardOutput.ReadLine();
        Assert.Equal(1, Load(pid: profiled.Id).Count);
        profiled.StandardInput.Close();
        profiled.WaitForExit();
    }

    [Fact]
    public void A_process_in_a_container_has_its_map_under_its_own_root_and_its_own_pid()
    {
        Assert.SkipUnless(NoFollowFile.EffectiveUser == 0, "only root can make namespaces");
        using var container = Start(
            "unshare",
            "--mount", "--pid", "--fork", "sh", "-c",
            "mount -t tmpfs none /tmp && echo 1000 10 inside > /tmp/perf-$$.map && echo ready && exec cat");
        Assert.SkipUnless(container.StandardOutput.ReadLine() == "ready", "mounting is not allowed here");
        int child = int.Parse(File.ReadAllText($"/proc/{container.Id}/task/{container.Id}/children"));

        var table = PerfMapSymbols.Load(
            new Module(ModuleKind.Jit, $"/tmp/perf-{child}.map", "", 0, child), new SymbolizerOptions(), _warnings.Add);
        Assert.Equal("inside", ElfSymbolsTests.NameAt(table, 0x1008));
        Assert.Equal(1, ProcessNamespaces.OwnPidOf(child));
        container.StandardInput.Close();
        container.WaitForExit();
    }

    private SymbolTable Load(uint? recordingOwner = null, int pid = 0) => PerfMapSymbols.Load(
        new Module(ModuleKind.Jit, MapPath, "", 0, pid),
        new SymbolizerOptions { RecordingOwner = recordingOwner },
        _warnings.Add);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
