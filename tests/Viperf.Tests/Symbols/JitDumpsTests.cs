using System.Diagnostics;
using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Jit;
using Viperf.Tests.Jit;
using Xunit;

namespace Viperf.Tests.Symbols;

public sealed class JitDumpsTests : IDisposable
{
    private const uint Nobody = 65534;
    private const ulong Code = 0x9000;

    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-jitdumps-").FullName;
    private readonly Profile _profile = new();
    private JitDumps _dumps;

    public JitDumpsTests() => _dumps = new JitDumps(_profile, new SymbolizerOptions());

    public void Dispose()
    {
        _dumps.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Unwind_information_is_read_where_the_process_would_have_it()
    {
        byte[] ehFrame = JitDumpSample.Bytes(0x80, 56);
        byte[] header = JitDumpSample.Bytes(0xa0, 20);
        int module = Write(7, writer =>
        {
            writer.WriteUnwindingInfo(100, ehFrame, header, 80);
            writer.WriteCodeLoad(100, 7, Code, 1, "with"u8, JitDumpSample.Bytes(0xcc, 11));
            writer.WriteCodeLoad(100, 7, Code + 0x100, 2, "without"u8, JitDumpSample.Bytes(0xcc, 16));
            writer.WriteUnwindingInfo(100, [], header, 0); // as V8 does for code that has none
            writer.WriteCodeLoad(100, 7, Code + 0x200, 3, "empty"u8, JitDumpSample.Bytes(0xcc, 16));
        });

        int code = _dumps.Find(module, Code + 10, 200);
        var unwinding = _dumps.UnwindingOf(code);
        Assert.NotNull(unwinding);
        Assert.Equal(ehFrame, unwinding.EhFrame.ToArray());
        Assert.Equal(header, unwinding.EhFrameHeader.ToArray());
        Assert.Equal(Code + 16, unwinding.Address);
        Assert.Equal((Code, 11u, 100ul), (_dumps.BlockOf(code).Start, _dumps.BlockOf(code).Size, _dumps.BlockOf(code).From));
        Assert.Null(_dumps.UnwindingOf(_dumps.Find(module, Code + 0x100, 200)));
        Assert.Null(_dumps.UnwindingOf(_dumps.Find(module, Code + 0x200, 200)));
    }

    [Fact]
    public void Lines_are_those_of_the_last_row_up_to_the_address()
    {
        int module = Write(7, writer =>
        {
            writer.WriteDebugInfo(99, Code, [new JitLine(0, "/src/a.py", 10, 0), new JitLine(8, "/src/a.py", 12, 0), new JitLine(12, "b.py", 1, 0)]);
            writer.WriteCodeLoad(100, 7, Code, 1, "f"u8, JitDumpSample.Bytes(0xcc, 16));
        });

        string?[] lines = [.. new ulong[] { 0, 7, 8, 11, 12, 15 }.Select(at => LineAt(module, Code + at))];
        Assert.Equal(["a.py:10", "a.py:10", "a.py:12", "a.py:12", "b.py:1", "b.py:1"], lines);
    }

    [Fact]
    public void Lines_that_V8_moved_by_an_ELF_header_are_moved_back()
    {
        int module = Write(7, writer =>
        {
            writer.WriteDebugInfo(99, Code, [new JitLine(64, "a.js", 10, 0), new JitLine(72, "a.js", 12, 0)]);
            writer.WriteCodeLoad(100, 7, Code, 1, "f"u8, JitDumpSample.Bytes(0xcc, 200));
        });

        Assert.Equal(["a.js:10", "a.js:12", "a.js:12"], [LineAt(module, Code), LineAt(module, Code + 8), LineAt(module, Code + 80)]);
    }

    [Fact]
    public void Lines_go_with_code_that_moves_and_are_read_once_for_all_its_places()
    {
        const uint moves = 1000;
        int module = Write(7, writer =>
        {
            writer.WriteDebugInfo(99, Code, [.. Enumerable.Range(0, 5000).Select(i => new JitLine((uint)i, "a.js", i + 1, 0))]);
            writer.WriteCodeLoad(100, 7, Code, 1, "f"u8, JitDumpSample.Bytes(0xcc, 5000));
        });
        using (var file = new FileStream(_profile.Modules[module].Path, FileMode.Append))
        {
            for (uint i = 0; i < moves; i++)
            {
                file.Write(JitDumpSample.Move(101 + i, Code + i * 0x2000, Code + (i + 1) * 0x2000, 5000, 1, processId: 7));
            }
        }

        Assert.Equal("a.js:11", LineAt(module, Code + 10, 100));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint i = 0; i < moves; i++)
        {
            Assert.Equal("a.js:12", LineAt(module, Code + (i + 1) * 0x2000 + 11, 101 + i));
        }

        // One table has 5,000 rows of 24 bytes and more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, moves * 5000 * 4L);
    }

    [Fact]
    public void File_names_that_are_none_are_no_lines()
    {
        int module = Write(7, writer =>
        {
            writer.WriteDebugInfo(99, Code, [new JitLine(0, "\u0001\u0002", 10, 0), new JitLine(8, "a.js", 0, 0)]);
            writer.WriteCodeLoad(100, 7, Code, 1, "f"u8, JitDumpSample.Bytes(0xcc, 16));
        });

        Assert.Null(LineAt(module, Code));
        Assert.Null(LineAt(module, Code + 8));
    }

    [Fact]
    public void The_files_of_real_runtimes_are_read()
    {
        int cpython = Module(Fixtures.PathOf("jitdump-cpython", "3.14.10.dump"));
        using (var source = new FileSource(_profile.Modules[cpython].Path))
        {
            foreach (var block in JitDumpIndex.Open(source).Blocks)
            {
                int code = _dumps.Find(cpython, block.Start, block.From);
                Assert.StartsWith("py::", _dumps.NameOf(code), StringComparison.Ordinal);
                Assert.Equal(56, _dumps.UnwindingOf(code)?.EhFrame.Length);
            }
        }

        int node = Module(Fixtures.PathOf("jitdump-node", "program.dump"));
        using (var source = new FileSource(_profile.Modules[node].Path))
        {
            var outer = JitDumpIndex.Open(source).Blocks[^2];
            int code = _dumps.Find(node, outer.Start + 1, null);
            Assert.Equal("JS:*outer /tmp/program.js:2:15", _dumps.NameOf(code));
            Assert.Null(_dumps.LineOf(code, outer.Start + 1)); // its file names are none
        }
    }

    [Fact]
    public void A_file_that_grows_is_read_on()
    {
        string path = Path.Combine(_directory, "jit-7.dump");
        File.WriteAllBytes(path, []);
        int module = Module(path);
        Assert.Equal(JitCodeTable.None, _dumps.Find(module, Code, 200));

        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var writer = new JitDumpWriter(file, new JitDumpHeader(62, 7, 0));
        for (uint i = 0; i < 3; i++)
        {
            writer.WriteCodeLoad(100, 7, Code + 0x100 * i, i, "grown"u8, JitDumpSample.Bytes(0xcc, 16));
            Assert.Equal("grown", _dumps.NameOf(FindLater(module, Code + 0x100 * i)));
        }

        Assert.Empty(_dumps.Warnings);
    }

    [Fact]
    public void Of_many_files_few_are_open_and_all_can_be_read()
    {
        List<int> codes = [];
        for (uint number = 1; number <= 200; number++)
        {
            int module = Write(number, writer =>
            {
                writer.WriteUnwindingInfo(100, JitDumpSample.Bytes((byte)number, 8), [], 0);
                writer.WriteCodeLoad(100, number, Code, 1, "f"u8, JitDumpSample.Bytes(0xcc, 16));
            });
            codes.Add(_dumps.Find(module, Code, 200));
        }

        Assert.InRange(OpenFiles(), 1, 100);
        for (int i = 0; i < codes.Count; i++)
        {
            Assert.Equal((byte)(i + 1), _dumps.UnwindingOf(codes[i])?.EhFrame.Span[0]);
        }

        Assert.InRange(OpenFiles(), 1, 100);
        _dumps.Dispose();
        Assert.Equal(0, OpenFiles());

        int OpenFiles() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(_directory, StringComparison.Ordinal) == true);
    }

    [Fact]
    public void What_is_missing_is_said_once_for_all_files_that_lack_the_same_and_only_if_samples_met_it()
    {
        foreach (uint number in new uint[] { 1, 2, 3 })
        {
            int module = Write(number, writer => writer.WriteCodeLoad(100, number, Code, 1, "f"u8, JitDumpSample.Bytes(0xcc, 16)));
            using (var file = new FileStream(_profile.Modules[module].Path, FileMode.Open))
            {
                file.SetLength(file.Length - 5);
            }

            Assert.NotEqual(JitCodeTable.None, _dumps.Find(module, Code, 200));
            if (number != 2)
            {
                _dumps.AddMissed(module, Code + 0x100);
                _dumps.AddMissed(module, Code + 0x100);
            }
        }

        int gone = Module(Path.Combine(_directory, "jit-4.dump"));
        int other = Module(Path.Combine(_directory, "jit-5.dump"));
        File.WriteAllText(_profile.Modules[other].Path, "something else");
        int empty = Module(Path.Combine(_directory, "jit-6.dump"));
        File.WriteAllText(_profile.Modules[empty].Path, "");
        foreach (int module in new[] { gone, other, empty })
        {
            Assert.Equal(JitCodeTable.None, _dumps.Find(module, Code, 200));
            _dumps.AddMissed(module, Code);
        }

        Assert.Equal(
            [
                $"{_directory}/jit-1.dump and 1 more jitdumps: ends inside a record, since its process runs on or was killed; "
                    + "2 sampled addresses lie in code that nothing tells of",
                $"{_directory}/jit-4.dump: no such file; 1 sampled addresses lie in code that nothing tells of",
                $"{_directory}/jit-5.dump: not a jitdump file; 1 sampled addresses lie in code that nothing tells of",
                $"{_directory}/jit-6.dump: empty file; 1 sampled addresses lie in code that nothing tells of",
            ],
            _dumps.Warnings);
    }

    [Fact]
    public void Another_users_file_is_refused_unless_he_owns_the_recording()
    {
        Assert.SkipUnless(NoFollowFile.EffectiveUser == 0, "only root can make files of other users");
        int module = Write(7, writer => writer.WriteCodeLoad(100, 7, Code, 1, "f"u8, JitDumpSample.Bytes(0xcc, 16)));
        using (var chown = Process.Start("chown", [Nobody.ToString(), _profile.Modules[module].Path]))
        {
            chown.WaitForExit();
            Assert.Equal(0, chown.ExitCode);
        }

        Assert.Equal(JitCodeTable.None, _dumps.Find(module, Code, 200));
        _dumps.AddMissed(module, Code);
        Assert.Contains($"belongs to user {Nobody}", Assert.Single(_dumps.Warnings));

        _dumps = new JitDumps(_profile, new SymbolizerOptions { RecordingOwner = Nobody });
        Assert.NotEqual(JitCodeTable.None, _dumps.Find(module, Code, 200));
    }

    [Fact]
    public void A_process_in_a_container_has_its_file_under_its_own_root()
    {
        Assert.SkipUnless(NoFollowFile.EffectiveUser == 0, "only root can make namespaces");
        int outside = Write(1, writer => writer.WriteCodeLoad(100, 1, Code, 1, "inside"u8, JitDumpSample.Bytes(0xcc, 16)));
        string path = _profile.Modules[outside].Path;
        string hidden = Path.Combine(_directory, "hidden");
        Directory.CreateDirectory(hidden);
        File.Move(path, Path.Combine(hidden, Path.GetFileName(path)));
        using var container = Process.Start(new ProcessStartInfo(
            "unshare", ["-m", "sh", "-c", "mount --bind \"$0\" \"$1\" && echo ready && exec cat", hidden, _directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.SkipUnless(container.StandardOutput.ReadLine() == "ready", "mounting is not allowed here");

        int module = Module(path, container.Id);
        Assert.Equal("inside", _dumps.NameOf(_dumps.Find(module, Code, 200)));
        container.StandardInput.Close();
        container.WaitForExit();
    }

    private string? LineAt(int module, ulong address, ulong time = 200) =>
        _dumps.LineOf(_dumps.Find(module, address, time), address) is { } line ? $"{line.FileName}:{line.Line}" : null;

    /// <summary>Finds what was just written: the file is not looked at every time.</summary>
    private int FindLater(int module, ulong address)
    {
        int code;
        while ((code = _dumps.Find(module, address, 200)) == JitCodeTable.None)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            Thread.Sleep(5);
        }

        return code;
    }

    private int Module(string path, int pid = 0) => _profile.Modules.Intern(new Module(ModuleKind.Jit, path, "", 0, pid));

    private int Write(uint number, Action<JitDumpWriter> write)
    {
        string path = Path.Combine(_directory, $"jit-{number}.dump");
        using var file = File.Create(path);
        write(new JitDumpWriter(file, new JitDumpHeader(62, number, 0)));
        return Module(path);
    }
}
