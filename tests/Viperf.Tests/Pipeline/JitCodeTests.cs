using System.Text;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Jit;
using Viperf.Formats.PerfData;
using Viperf.Tests.Jit;
using Xunit;

namespace Viperf.Tests.Pipeline;

/// <summary>Jitted code on the way from jitdumps to frames.</summary>
public sealed class JitCodeTests : IDisposable
{
    private const RecordMisc User = RecordMisc.PERF_RECORD_MISC_USER;
    private const int Realtime = 0; // CLOCK_REALTIME
    private const int Monotonic = 1; // CLOCK_MONOTONIC
    private const ulong Code = 0x9000;

    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-jit-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Code_that_replaced_other_code_at_its_address_is_told_apart_by_time()
    {
        string dump = Write(7, writer =>
        {
            Load(writer, 100, Code, 1, "first");
            Load(writer, 200, Code, 2, "second");
        });
        var scene = Python(7, dump)
            .SampleAt(99, 7, Code + 4, User)
            .SampleAt(100, 7, Code + 4, User)
            .SampleAt(199, 7, Code + 4, User)
            .SampleAt(200, 7, Code + 4, User);

        Assert.Equal(
            [":7 [JIT] tid 7+9004", ":7 [JIT] tid 7+9004=first", ":7 [JIT] tid 7+9004=first", ":7 [JIT] tid 7+9004=second"],
            scene.Samples);
        Assert.Equal([.. Maps(7), dump], Modules(scene));
        Assert.Equal(3, scene.Profile.Frames.Count);
        Assert.Empty(scene.JitDumps.Warnings);
    }

    [Fact]
    public void Code_that_moved_is_where_it_was_before_and_where_it_is_since()
    {
        string dump = Write(7, writer => Load(writer, 100, Code, 1, "mover"));
        File.AppendAllBytes(dump, JitDumpSample.Move(200, Code, Code + 0x100, 16, 1, processId: 7));
        var scene = Python(7, dump);
        foreach (ulong time in new ulong[] { 150, 250 })
        {
            scene.SampleAt(time, 7, Code + 4, User).SampleAt(time, 7, Code + 0x104, User);
        }

        Assert.Equal(
            [":7 [JIT] tid 7+9004=mover", ":7 [JIT] tid 7+9104", ":7 [JIT] tid 7+9004", ":7 [JIT] tid 7+9104=mover"],
            scene.Samples);
    }

    [Fact]
    public void A_return_address_behind_the_codes_last_byte_belongs_to_it()
    {
        string dump = Write(7, writer => Load(writer, 100, Code, 1, "caller"));
        var scene = Python(7, dump).SampleAt(200, 7, Code + 16, User, CallchainContext.PERF_CONTEXT_USER, Code + 16, Code + 16);
        Assert.Equal([":7 [JIT] tid 7+9010 ~[JIT] tid 7+9010=caller"], scene.Samples);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Realtime)]
    public void By_another_clock_the_last_code_counts_and_that_is_said_where_there_was_other_code(int? clock)
    {
        string dump = Write(7, writer =>
        {
            Load(writer, 100, Code, 1, "first");
            Load(writer, 200, Code, 2, "second");
            Load(writer, 300, Code + 0x100, 3, "same");
            Load(writer, 400, Code + 0x100, 4, "same");
        });
        var scene = Python(7, dump, clock).SampleAt(1, 7, Code + 0x104, User);
        Assert.Empty(scene.JitDumps.Warnings);

        scene.SampleAt(2, 7, Code + 4, User);
        Assert.Equal([":7 [JIT] tid 7+9104=same", ":7 [JIT] tid 7+9004=second"], scene.Samples);
        Assert.Contains("record with -k mono", Assert.Single(scene.JitDumps.Warnings));
    }

    [Fact]
    public void A_jitdump_with_times_of_the_processor_is_read_by_place()
    {
        string dump = Path.Combine(_directory, "jit-7.dump");
        using (var file = File.Create(dump))
        {
            var writer = new JitDumpWriter(file, new JitDumpHeader(62, 7, 0, JitDumpFlags.ArchTimestamp));
            Load(writer, 1UL << 60, Code, 1, "ticks");
        }

        Assert.Equal([":7 [JIT] tid 7+9004=ticks"], Python(7, dump).SampleAt(200, 7, Code + 4, User).Samples);
    }

    [Fact]
    public void A_forked_child_has_its_parents_code_as_it_was_and_its_own()
    {
        string parents = Write(7, writer =>
        {
            Load(writer, 100, Code, 1, "inherited");
            Load(writer, 300, Code, 2, "parent's");
            Load(writer, 310, Code + 0x100, 3, "parent's too");
        });
        string childs = Write(8, writer => Load(writer, 400, Code + 0x100, 1, "child's"));
        var scene = Python(7, parents)
            .Comm(7, "python")
            .Fork(8, parent: 7, time: 200)
            .SampleAt(350, 8, Code + 4, User)
            .SampleAt(350, 7, Code + 4, User)
            .Map(8, 0x1000, 0x1000, childs)
            .SampleAt(500, 8, Code + 4, User)
            .SampleAt(500, 8, Code + 0x104, User)
            .SampleAt(500, 7, Code + 0x104, User)
            .Fork(9, parent: 8, time: 600)
            .SampleAt(700, 9, Code + 4, User)
            .SampleAt(700, 9, Code + 0x104, User);

        Assert.Equal(
            [
                "python [JIT] tid 7+9004=inherited", "python [JIT] tid 7+9004=parent's", "python [JIT] tid 7+9004=inherited",
                "python [JIT] tid 8+9104=child's", "python [JIT] tid 7+9104=parent's too", "python [JIT] tid 7+9004=inherited",
                "python [JIT] tid 8+9104=child's",
            ],
            scene.Samples);
    }

    [Fact]
    public void The_jitdump_with_the_processs_own_number_comes_first_where_a_late_recorder_finds_several()
    {
        string parents = Write(7, writer => Load(writer, 100, Code, 1, "parent's"));
        string childs = Write(8, writer => Load(writer, 100, Code, 1, "child's"));
        foreach (string[] order in new string[][] { [parents, childs], [childs, parents] })
        {
            var scene = new Scene(clock: Monotonic).Map(8, Code, 0x1000, "//anon");
            foreach (string dump in order)
            {
                scene.Map(8, 0x1000, 0x1000, dump);
            }

            Assert.Equal([":8 [JIT] tid 8+9004=child's"], scene.SampleAt(200, 8, Code + 4, User).Samples);
        }
    }

    [Fact]
    public void After_exec_the_jitdump_serves_the_old_programs_code_alone()
    {
        string dump = Write(7, writer => Load(writer, 100, Code, 1, "old"));
        var scene = Python(7, dump)
            .Comm(7, "new", exec: true)
            .Map(7, 0x5000, 0x1000, "/bin/new")
            .SampleAt(200, 7, Code + 4, User)
            .SampleAt(210, 7, 0x5004, User)
            .Map(7, Code, 0x1000, "//anon")
            .SampleAt(220, 7, Code + 4, User);

        Assert.Equal(["new [JIT] tid 7+9004=old", "new new+4", "new [JIT] tid 7+9004"], scene.Samples);
    }

    [Fact]
    public void In_a_container_the_file_has_the_number_that_the_process_has_inside()
    {
        string dump = Write(1, writer => Load(writer, 100, Code, 1, "inside"));
        Assert.Equal([":7 [JIT] tid 7+9004=inside"], Python(7, dump).SampleAt(200, 7, Code + 4, User).Samples);
    }

    [Theory]
    [InlineData("jit-.dump")]
    [InlineData("jit-7x.dump")]
    [InlineData("jit--7.dump")]
    [InlineData("jit-7.dump.so")]
    [InlineData("jit-99999999999.dump")]
    [InlineData("jit-.dum")]
    [InlineData("jit-dump")]
    public void Other_files_are_not_opened(string name)
    {
        string dump = Write(7, writer => Load(writer, 100, Code, 1, "f"));
        string other = Path.Combine(_directory, name);
        File.Move(dump, other);
        var scene = Python(7, other).SampleAt(200, 7, Code + 4, User);
        Assert.Equal([":7 [JIT] tid 7+9004"], scene.Samples);
        Assert.Empty(scene.JitDumps.Warnings);
    }

    [Fact]
    public void Code_in_files_is_the_files_whatever_a_jitdump_says()
    {
        string dump = Write(7, writer => Load(writer, 100, Code, 1, "injected"));
        var scene = Python(7, dump).Map(7, Code, 0x1000, "/tmp/jitted-7-1.so", fileOffset: 0x80).SampleAt(200, 7, Code + 4, User);
        Assert.Equal([":7 jitted-7-1.so+84"], scene.Samples);
    }

    [Fact]
    public void Samples_of_code_that_was_found_before_allocate_nothing()
    {
        string dump = Write(7, writer => Load(writer, 100, Code, 1, "f"));
        var scene = Python(7, dump).SampleAt(200, 7, Code + 4, User);
        var process = new Core.Processes.ProcessTimeline(scene.Profile).Thread(7, 7).Process;
        process.Memory.AddJitDump(scene.Profile.Frames[0].Module, isOwn: true);
        var finder = new Core.Pipeline.JitCodeFinder(scene.JitDumps);
        int code = finder.Find(process, Code + 4, 200);
        Assert.NotEqual(JitCodeTable.None, code);
        Assert.Equal(code, finder.Find(process, Code + 5, null));

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(finder.Find(process, Code + 4, 200) == code && finder.Find(process, Code + 5, null) == code);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Words_that_the_unwinder_looks_up_are_no_sampled_addresses()
    {
        string dump = Write(7, writer => Load(writer, 100, Code, 1, "f"));
        using (var file = new FileStream(dump, FileMode.Append))
        {
            file.Write(new byte[5]); // so that it ends inside a record
        }

        var scene = Python(7, dump).SampleAt(200, 7, Code + 4, User);
        var process = new Core.Processes.ProcessTimeline(scene.Profile).Thread(7, 7).Process;
        process.Memory.AddJitDump(scene.Profile.Frames[0].Module, isOwn: true);
        var jitted = new JittedCode(
            scene.Profile, Formats.Elf.ElfMachine.EM_X86_64, scene.JitDumps, new SymbolizerOptions(), isLive: true, static _ => { });
        Assert.Equal(Code, jitted.Find(process, 0, Code + 4, 200).FunctionStart);
        Assert.Equal(0ul, jitted.Find(process, 0, Code + 0x500, 200).FunctionStart);
        Assert.Empty(scene.JitDumps.Warnings);

        scene.SampleAt(200, 7, Code + 0x500, User);
        Assert.Contains("1 sampled addresses", Assert.Single(scene.JitDumps.Warnings));
    }

    private static void Load(JitDumpWriter writer, ulong time, ulong address, ulong index, string name) =>
        writer.WriteCodeLoad(time, 99, address, index, Encoding.UTF8.GetBytes(name), JitDumpSample.Bytes(0xcc, 16));

    /// <summary>A process with memory for code that has mapped a jitdump.</summary>
    private static Scene Python(int pid, string dump, int? clock = Monotonic) =>
        new Scene(clock: clock).Map(pid, Code, 0x1000, "//anon").Map(pid, 0x1000, 0x1000, dump);

    private static string[] Maps(int pid) => ["[unknown]", $"/tmp/perf-{pid}.map"];

    /// <summary>Modules of frames.</summary>
    private static IEnumerable<string> Modules(Scene scene) => Enumerable.Range(0, scene.Profile.Modules.Count)
        .Select(i => scene.Profile.Modules[i])
        .Where(module => module.Kind is ModuleKind.Unknown or ModuleKind.Jit)
        .Select(module => module.Path);

    private string Write(uint number, Action<JitDumpWriter> write)
    {
        string path = Path.Combine(_directory, $"jit-{number}.dump");
        using var file = File.Create(path);
        write(new JitDumpWriter(file, new JitDumpHeader(62, number, 0)));
        return path;
    }
}
