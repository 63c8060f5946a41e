using System.Globalization;
using Viperf.Core.Linux;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Elf;
using Viperf.Tests.Dwarf;
using Viperf.Tests.Elf;
using Xunit;

namespace Viperf.Tests.Symbols;

public sealed class SymbolizerTests : SymbolizedFiles
{
    [Fact]
    public void Frames_of_one_function_share_it_and_its_start_is_a_file_offset()
    {
        string path = Write("a.so", Library());
        var first = FunctionAt(path, 0x1010);
        var second = FunctionAt(path, 0x101f);

        Assert.Equal(new Function("main", first.Module, 0x1010), first);
        Assert.Equal(first, second);
        Assert.Equal(1, Profile.Functions.Count);
        Assert.Empty(Symbolizer.Warnings);
    }

    [Fact]
    public void Functions_are_called_as_in_the_source_and_where_threads_begin_is_told_by_symbols()
    {
        int module = FileModule(Write("a.so", Library("_ZN1A1fEi")));
        Assert.Equal(new Function("A::f", module, 0x1010), FunctionAt(module, 0x1010));
        Assert.True(IsStart(FileModule(Write("b.so", Library("_start"))), 0x1010, isReturnAddress: false));
    }

    [Fact]
    public void A_return_address_behind_a_functions_last_call_belongs_to_the_caller()
    {
        string path = Write("a.so", Library());
        Assert.Equal("main", FunctionAt(path, 0x1020, isReturnAddress: true).Name);
        Assert.Equal("", FunctionAt(path, 0x1020).Name);
    }

    [Fact]
    public void An_address_that_nothing_names_is_a_function_of_its_own()
    {
        string path = Write("a.so", Library());
        Assert.Equal(0x1080u, FunctionAt(path, 0x1080).Start);
        Assert.False(FunctionAt(path, 0x1081).IsNamed);
        Assert.Equal(2, Profile.Functions.Count);
    }

    [Fact]
    public void A_file_that_changed_since_names_nothing_and_says_both_build_ids_once()
    {
        string path = Write("a.so", Library());
        Assert.Equal("", FunctionAt(path, 0x1010, buildId: "ffee").Name);
        Assert.Equal("", FunctionAt(path, 0x1014, buildId: "ffee").Name);
        Assert.Equal("main", FunctionAt(path, 0x1010, buildId: "abcd").Name);

        string warning = Assert.Single(Symbolizer.Warnings);
        Assert.StartsWith(path, warning);
        Assert.Contains("build-id abcd, ffee was recorded", warning);
    }

    [Fact]
    public void A_deleted_file_is_named_by_what_lies_there_only_if_its_build_id_says_so()
    {
        string path = Write("a.so", Library());
        Assert.Equal("main", FunctionAt(path + " (deleted)", 0x1010, buildId: "abcd").Name);
        Assert.Equal("", FunctionAt(path + " (deleted)", 0x1010).Name);
        Assert.Contains("deleted while it ran", Assert.Single(Symbolizer.Warnings));
    }

    [Fact(Timeout = 60_000)] // opening a fifo waits for a writer, who never comes
    public async Task A_path_that_is_no_regular_file_is_not_opened()
    {
        string fifo = Path.Combine(Folder, "fifo.so");
        using (var make = System.Diagnostics.Process.Start("mkfifo", fifo))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        foreach (string path in new[] { fifo, "/dev/tty", " (deleted)" })
        {
            Assert.Equal("", (await Task.Run(() => FunctionAt(path, 0x1010, buildId: "abcd"))).Name);
        }

        Assert.Equal($"{fifo}: not a regular file", Symbolizer.Warnings.First());
    }

    [Fact]
    public void Every_file_that_cannot_be_read_is_said_once_with_its_cause()
    {
        string missing = Path.Combine(Folder, "missing.so");
        string text = Write("text.so", "not a library"u8.ToArray());
        string cut = Write("cut.so", Library()[..300]);
        foreach (string path in new[] { missing, text, cut, missing, text, cut, Folder })
        {
            Assert.Equal("", FunctionAt(path, 0x1010, buildId: path == text ? "abcd" : "").Name);
        }

        Assert.Collection(
            Symbolizer.Warnings,
            warning => Assert.Equal($"{missing}: no such file", warning),
            warning => Assert.Contains($"{text}: not an ELF file", warning),
            warning => Assert.StartsWith(cut, warning),
            warning => Assert.StartsWith(Folder, warning));
    }

    [Fact]
    public void Modules_that_were_prepared_have_the_same_names_and_warnings()
    {
        string path = Write("a.so", Library());
        string missing = Path.Combine(Folder, "missing.so");
        foreach (string file in new[] { path, missing, path })
        {
            Symbolizer.Prepare(Profile, Profile.Modules.Intern(new Module(ModuleKind.File, file, "", 0, 0)));
        }

        Assert.Equal("main", FunctionAt(path, 0x1010).Name);
        Assert.Empty(Symbolizer.Warnings); // said when it is asked for
        Assert.Equal("", FunctionAt(missing, 0x1010).Name);
        Assert.Equal("", FunctionAt(missing, 0x1014).Name);
        Assert.Equal($"{missing}: no such file", Assert.Single(Symbolizer.Warnings));
    }

    [Fact]
    public void A_mapped_file_that_never_was_a_program_needs_no_warning()
    {
        Assert.Equal("", FunctionAt(Write("assembly.dll", "MZ and so on"u8.ToArray()), 0x1010).Name);
        Assert.Empty(Symbolizer.Warnings);
    }

    [Fact]
    public void Frames_of_nothing_known_have_no_names_and_need_no_warning()
    {
        int frame = FrameAt(ModuleTable.Unknown, 0x1234);
        Assert.False(Profile.Functions[Symbolizer.FunctionOf(Profile, frame)].IsNamed);
        Assert.Null(Symbolizer.LineOf(Profile, frame));
        Assert.Empty(Symbolizer.Warnings);
    }

    [Fact]
    public void Lines_are_found_by_file_offset_at_the_address_that_names_are_looked_up_by()
    {
        byte[] lines = new LineTableBuilder(4)
            .SetAddress(0x401010).AdvanceLine(4).Copy().Special(8, 1).AdvancePc(8).EndSequence().Unit();
        string path = Write("a", new ElfBuilder(type: ElfType.ET_EXEC)
            .Segment(0x1000, 0x401000, 0x1000)
            .Text(0x401000)
            .Compressed(".debug_line", lines)
            .Build());

        Assert.Equal(new SourceLine("/src/a.c", 5), LineAt(path, 0x1010));
        Assert.Equal(new SourceLine("/src/a.c", 6), LineAt(path, 0x1018));
        Assert.Equal(new SourceLine("/src/a.c", 5), LineAt(path, 0x1018, isReturnAddress: true));
        Assert.Null(LineAt(path, 0x1020));
    }

    [Fact]
    public void A_process_in_another_mount_namespace_shows_its_own_file()
    {
        Assert.SkipUnless(NoFollowFile.EffectiveUser == 0, "only root can make mount namespaces");
        string path = Write("a.so", Library("outside"));
        string hidden = Write("b.so", Library("inside"));
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "unshare", ["-m", "sh", "-c", "mount --bind \"$0\" \"$1\" && echo ready && exec cat", hidden, path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.SkipUnless(process.StandardOutput.ReadLine() == "ready", "mounting is not allowed here");

        Assert.Equal("inside", FunctionAt(path, 0x1010, pid: process.Id).Name);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal("outside", FunctionAt(path, 0x1010, buildId: "abcd", pid: process.Id).Name);
    }

    [Fact]
    public void The_vdso_is_read_from_our_own_memory()
    {
        int module = Profile.Modules.Intern(new Module(ModuleKind.Vdso, "[vdso]", "", 0, 0));
        var elf = ElfFile.Open(new Formats.Bytes.MemorySource(VdsoSymbols.ReadOwnImage(), "[vdso]"));
        var symbols = ElfSymbolTable.Read(elf, elf.FindSection(ElfSectionType.SHT_DYNSYM)!.Value);
        var getTime = Enumerable.Range(0, symbols.Count).Select(i => symbols[i])
            .First(symbol => symbols.NameOf(symbol).EndsWith("clock_gettime"u8) && symbol.Size != 0);
        Assert.True(elf.TryGetFileOffset(getTime.Value, out ulong offset));

        Assert.EndsWith("clock_gettime", FunctionAt(module, offset + 1).Name);
        int other = Profile.Modules.Intern(new Module(ModuleKind.Vdso, "[vdso]", "00ff", 0, 0));
        Assert.Equal("", FunctionAt(other, offset + 1).Name);
        Assert.Contains("00ff was recorded", Assert.Single(Symbolizer.Warnings));
    }

    [Theory]
    [InlineData("_start", 0x1010, false, true)]
    [InlineData("clone3", 0x1018, true, true)]
    [InlineData("clone3", 0x1018, false, false)] // a thread that begins another
    [InlineData("start_thread", 0x1018, true, true)]
    [InlineData("main", 0x1018, true, false)]
    [InlineData("__libc_start_main@@GLIBC_2.34", 0x1018, true, true)]
    public void Code_that_programs_and_threads_begin_with_is_known_by_name(
        string name, ulong offset, bool isReturnAddress, bool expected) =>
        Assert.Equal(expected, IsStart(FileModule(Write("a.so", Library(name))), offset, isReturnAddress));

    [Theory]
    [InlineData("pthread_create", 0x300, true)]
    [InlineData("pthread_create@@GLIBC_2.34", 0x300, true)]
    [InlineData("pthread_create", 0x500, false)]
    [InlineData("pthread_create_other", 0x300, false)]
    [InlineData("__libc_start_main", 0x90, true)]
    [InlineData("__libc_start_main", 0x300, false)]
    public void In_stripped_C_libraries_it_is_known_by_its_neighbours(string neighbour, ulong before, bool expected)
    {
        byte[] library = new ElfBuilder().Segment(0x1000, 0x1000, 0x1000).Text().Symbol(neighbour, 0x1800, 0x10).SymbolTable().Build();
        Assert.Equal(expected, IsStart(FileModule(Write("c.so", library)), 0x1800 - before, isReturnAddress: true));
    }

    [Fact]
    public void A_function_called_start_begins_threads_only_in_musl()
    {
        static byte[] With(ulong pthreadCreate) => new ElfBuilder().Segment(0x1000, 0x1000, 0x1000).Text()
            .Symbol("start", 0x1010, 0x10).Symbol("pthread_create", pthreadCreate, 0x10).SymbolTable().Build();

        Assert.True(IsStart(FileModule(Write("musl.so", With(0x1020))), 0x1018, isReturnAddress: true));
        Assert.False(IsStart(FileModule(Write("other.so", With(0x1800))), 0x1018, isReturnAddress: true));
    }

    [Fact]
    public void A_programs_entry_point_is_where_it_begins()
    {
        const string Program = "/usr/bin/env";
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not there");
        using var source = new FileSource(Program);
        var elf = ElfFile.Open(source);
        Assert.True(elf.TryGetFileOffset(elf.EntryPoint, out ulong entry));

        Assert.True(IsStart(FileModule(Program), entry, isReturnAddress: false));
        Assert.True(IsStart(FileModule(Program), entry + 0x26, isReturnAddress: true));
        Assert.False(IsStart(FileModule(Program), entry + 0x100, isReturnAddress: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_running_kernels_functions_are_named(bool isPrepared)
    {
        string? line = File.ReadLines("/proc/kallsyms").FirstOrDefault(line => line.EndsWith(" T vfs_read", StringComparison.Ordinal));
        Assert.SkipWhen(line is null, "/proc/kallsyms does not list vfs_read");
        ulong address = ulong.Parse(line.AsSpan(0, line.IndexOf(' ')), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.SkipWhen(address == 0, "the kernel hides its addresses from this user");

        if (isPrepared)
        {
            Symbolizer.PrepareKernel();
        }

        int module = Profile.Modules.Intern(new Module(ModuleKind.Kernel, "[kernel.kallsyms]", "", 0, 0));
        Assert.Equal(new Function("vfs_read", module, address), FunctionAt(module, address + 4));
    }

    private static byte[] Library(string function = "main") => new ElfBuilder()
        .Segment(0x1000, 0x1000, 0x1000)
        .Text()
        .BuildId(0xab, 0xcd)
        .Symbol(function, 0x1010, 0x10)
        .SymbolTable()
        .Build();

    private Function FunctionAt(string path, ulong offset, bool isReturnAddress = false, string buildId = "", int pid = 0) =>
        FunctionAt(FileModule(path, buildId, pid), offset, isReturnAddress);

    private Function FunctionAt(int module, ulong address, bool isReturnAddress = false) =>
        Profile.Functions[Symbolizer.FunctionOf(Profile, FrameAt(module, address, isReturnAddress))];

    private bool IsStart(int module, ulong address, bool isReturnAddress)
    {
        int frame = FrameAt(module, address, isReturnAddress);
        Symbolizer.FunctionOf(Profile, frame);
        return Profile.Frames.IsStart(frame);
    }

    private SourceLine? LineAt(string path, ulong offset, bool isReturnAddress = false) =>
        Symbolizer.LineOf(Profile, FrameAt(FileModule(path), offset, isReturnAddress));
}
