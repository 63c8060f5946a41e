using System.ComponentModel;
using System.Diagnostics;
using Viperf.Core.Linux;
using Viperf.Core.Symbols;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;
using Viperf.Tests.Elf;
using Xunit;

namespace Viperf.Tests.Dwarf;

/// <summary>Call frame information of the machine's own files, row by row as binutils reads it.</summary>
public sealed class RealCfiTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-cfi-").FullName;

    public static TheoryData<string> Files => [.. new[]
    {
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv/versions/3.13.0/lib/libpython3.13.so.1.0"),
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/lib64/ld-linux-x86-64.so.2",
        "/bin/sh",
        Fixtures.PathOf("elf-arm64", "libz.so.1.2.13"),
    }.Where(File.Exists)];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_row_of_every_function_is_the_one_that_readelf_prints(string path)
    {
        using var source = new FileSource(path);
        var file = ElfFile.Open(source);
        var section = CfiFile.Section(file);
        Assert.SkipWhen(section is null, $"{path} has no .eh_frame");
        var functions = ReadelfRows.Read(path, ".eh_frame");
        Assert.SkipWhen(functions is null, "readelf is not installed");

        Compare(functions, CfiTable.Open(section, CfiFile.Header(file)));
        var indexed = CfiTable.Open(section);
        Assert.Equal(0, indexed.BadEntries);
        Compare(functions, indexed);
    }

    [Fact]
    public void The_vdsos_rows_are_those_that_readelf_prints()
    {
        byte[] image = VdsoSymbols.ReadOwnImage().ToArray();
        Assert.SkipWhen(image.Length == 0, "this kernel maps no vdso");
        string path = Path.Combine(_directory, "vdso.so");
        File.WriteAllBytes(path, image);
        var file = CfiFile.Open(image, "[vdso]");
        var functions = ReadelfRows.Read(path, ".eh_frame");
        Assert.SkipWhen(functions is null, "readelf is not installed");
        Compare(functions, CfiTable.Open(CfiFile.Section(file)!, CfiFile.Header(file)));
    }

    [Fact]
    public void A_compilers_debug_frame_is_read_as_readelf_reads_it()
    {
        string source = Path.Combine(_directory, "a.c");
        string path = Path.Combine(_directory, "a.so");
        File.WriteAllText(source, """
            int use(void *memory);
            int plain(int a) { char room[100]; return use(room) + a; }
            int loop(int n) { int sum = 0; for (int i = 0; i < n; i++) { char room[n]; sum += use(room) + plain(i); } return sum; }
            int aligned(int n) { int wide[64] __attribute__((aligned(64))); char room[n]; return use(wide) + use(room); }
            """);
        Assert.SkipUnless(
            TryRun("gcc", "-g", "-O2", "-shared", "-fPIC", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-nostdlib", "-o", path, source),
            "gcc is not installed");
        var file = CfiFile.Open(File.ReadAllBytes(path), path);
        var section = CfiFile.Section(file, CfiSectionKind.DebugFrame);
        Assert.NotNull(section);
        var functions = ReadelfRows.Read(path, ".debug_frame");
        Assert.SkipWhen(functions is null, "readelf is not installed");
        Assert.Equal(3, functions.Count);
        Compare(functions, CfiTable.Open(section));
    }

    [Fact]
    public void Rows_built_for_aarch64_are_those_that_readelf_prints()
    {
        var builder = new CfiBuilder(machine: ElfMachine.EM_AARCH64)
            .Common(Cfi.Arm64Start, "zR", codeAlignment: 4)
            .Function(0x4000, 64, new Cfi().Advance(1).NegateRaState().Advance(1).DefCfaOffset(48).Offset(29, 6).Offset(30, 5)
                .Advance(1).Offset(19, 4).Offset(20, 3).DefCfaRegister(29).Remember()
                .Advance(8).Restore(30).Restore(29).Restore(19).Restore(20).DefCfa(31, 0).Advance(1).RestoreState())
            .Common(Cfi.Arm64Start.Offset(30, 1), "zPLRSB", codeAlignment: 1)
            .Function(0x5000, 64, new Cfi().Advance(4).Signed(0x12, 29, -4).Op(0x09, 30, 9).Op(0x08, 21).Op(0x14, 22, 2)
                .Advance(4).DefCfaExpression(0x8f, 8).Expression(0x10, 29, 0x8f, 0).Expression(0x16, 30, 0x8f, 8));
        var elf = new ElfBuilder(machine: ElfMachine.EM_AARCH64)
            .Section(".eh_frame", ElfSectionType.SHT_PROGBITS, builder.Bytes(), builder.Section().Address, ElfSectionFlags.SHF_ALLOC);
        string path = Path.Combine(_directory, "arm64.so");
        File.WriteAllBytes(path, elf.Build());
        var functions = ReadelfRows.Read(path, ".eh_frame");
        Assert.SkipWhen(functions is null, "readelf is not installed");
        Assert.Equal(2, functions.Count);
        Compare(functions, CfiTable.Open(CfiFile.Section(elf.Open())!));
    }

    [Theory]
    [InlineData("libpython", 10_000)]
    [InlineData("elf-arm64", 500)]
    public void Nearly_all_rows_fit_the_compact_rule(string name, int atLeast)
    {
        string? path = Files.Select(row => row.Data).FirstOrDefault(path => path.Contains(name, StringComparison.Ordinal));
        Assert.SkipWhen(path is null, "no libpython of pyenv");
        using var source = new FileSource(path);
        var file = ElfFile.Open(source);
        var table = CfiTable.Open(CfiFile.Section(file)!, CfiFile.Header(file));
        var text = file.FindSection(".text"u8)!.Value;
        int rows = 0;
        int compact = 0;
        for (ulong address = text.Address; address < text.Address + text.Size;)
        {
            if (table.TryFind(address, out var row))
            {
                rows++;
                compact += UnwindRule.From(row, file.Machine).Kind == UnwindRuleKind.NeedsRow ? 0 : 1;
                address = row.End;
            }
            else
            {
                address++;
            }
        }

        Assert.InRange(compact, rows * 999L / 1000, rows);
        Assert.True(rows > atLeast, $"only {rows} rows");
    }

    private static void Compare(List<ReadelfFunction> functions, CfiTable table)
    {
        Assert.NotEmpty(functions);
        int rows = 0;
        foreach (var function in functions)
        {
            List<ulong> starts = [];
            for (ulong address = function.Start; address < function.End;)
            {
                Assert.True(table.TryFind(address, out var row), $"no row at 0x{address:x}");
                Assert.Equal(address, row.Start);
                Assert.True(row.End > address);
                starts.Add(address);
                rows++;
                if (function.Rows.TryGetValue(address, out var cells))
                {
                    foreach (var (column, cell) in cells)
                    {
                        string ours = ReadelfRows.Cell(row, column);
                        Assert.True(cell == ours, $"0x{address:x}, {column}: readelf has {cell}, we have {ours}");
                    }
                }

                address = row.End;
            }

            // A function without instructions of its own has one row, its common information's, which readelf leaves out.
            if (function.Rows.Count > 0)
            {
                Assert.Equal(function.Rows.Keys, starts);
            }
            else
            {
                Assert.Single(starts);
            }
        }

        Assert.True(rows >= functions.Count);
    }

    private static bool TryRun(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(program, arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
