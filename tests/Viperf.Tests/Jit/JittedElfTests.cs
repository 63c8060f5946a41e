using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;
using Viperf.Formats.Jit;
using Viperf.Tests.Dwarf;
using Xunit;

namespace Viperf.Tests.Jit;

public class JittedElfTests
{
    /// <summary>Where all of CPython's trampolines have moved the stack pointer, but not called yet.</summary>
    private const int CallOffset = 6;

    private const int StackPointer = 7; // rsp, in DWARF's numbers

    [Theory]
    [InlineData(JittedElfLayout.Perf, 0x80, 0x80)]
    [InlineData(JittedElfLayout.SharedObject, 0x40, 0)]
    public void The_segment_begins_where_the_layout_says_and_ends_with_the_code(JittedElfLayout layout, int text, int start)
    {
        var file = Build(layout, Code("f"u8, [0x90, 0xc3]), out int offset);

        Assert.Equal(text, offset);
        Assert.Equal((true, ElfType.ET_DYN, ElfMachine.EM_X86_64), (file.Is64Bit, file.Type, file.Machine));
        var segment = Assert.Single(file.Segments.ToArray());
        ulong length = (ulong)(text - start) + 2;
        Assert.Equal(new ElfSegment(ElfSegmentType.PT_LOAD, (ulong)start, (ulong)start, length, length), segment);
        var section = file.FindSection(".text"u8)!.Value;
        Assert.Equal(((ulong)text, (ulong)text, 2UL), (section.Address, section.Offset, section.Size));
        Assert.Equal([0x90, 0xc3], file.ReadSection(section).ToArray());
        Assert.Null(file.FindSection(".eh_frame"u8));
        Assert.Null(file.FindSection(".debug_line"u8));
    }

    [Theory]
    [InlineData(JittedElfLayout.Perf)]
    [InlineData(JittedElfLayout.SharedObject)]
    public void The_function_is_the_one_symbol_and_the_build_id_a_note(JittedElfLayout layout)
    {
        var elf = new JittedElf(layout);
        byte[] buildId = [.. Enumerable.Range(1, JittedElf.BuildIdBytes).Select(i => (byte)i)];
        elf.Build(Code("something longer before it"u8, JitDumpSample.Bytes(0xcc, 1000)));
        var content = elf.Build(Code("py::foo:/tmp/a.py"u8, [0xc3]));
        elf.SetBuildId(buildId);

        Assert.True(JittedElf.IsOne(content));
        Assert.False(JittedElf.IsOne(content[..63]));
        Assert.False(JittedElf.IsOne(File.ReadAllBytes("/proc/self/exe").AsSpan(0, 64)));
        var file = CfiFile.Open(content.ToArray(), "jitted");
        Assert.Equal(Convert.ToHexStringLower(buildId), ElfNotes.BuildIdOf(file));
        var symbols = ElfSymbolTable.Read(file, file.FindSection(ElfSectionType.SHT_SYMTAB)!.Value);
        Assert.Equal(2, symbols.Count);
        var symbol = symbols[1];
        Assert.Equal("py::foo:/tmp/a.py"u8, symbols.NameOf(symbol));
        Assert.Equal((ElfSymbolType.STT_FUNC, ElfSymbolBinding.STB_LOCAL), (symbol.Type, symbol.Binding));
        Assert.Equal(((ulong)elf.TextOffset, 1UL, 1u), (symbol.Value, symbol.Size, symbol.SectionIndex));
    }

    [Theory]
    [InlineData("3.13.0")]
    [InlineData("3.14.10")]
    [InlineData("3.15.2")]
    public void Unwind_information_of_CPython_holds_for_the_code_where_the_file_has_it(string version)
    {
        var source = new MemorySource(File.ReadAllBytes(Fixtures.PathOf("jitdump-cpython", version + ".dump")), version);
        var index = JitDumpIndex.Open(source);
        int functions = 0;
        foreach (ref readonly var block in index.Blocks)
        {
            foreach (var layout in Enum.GetValues<JittedElfLayout>())
            {
                var info = index.UnwindingOf(block)!.Value;
                var file = Build(
                    layout,
                    Code(index.NameOf(block), source.Slice(block.CodeOffset, block.Size, Limits.JitRecordBytes).Span) with
                    {
                        Unwinding = source.Slice(info.Offset, info.EhFrameSize + info.EhFrameHeaderSize, Limits.JitRecordBytes).Span,
                        EhFrameHeaderSize = (int)info.EhFrameHeaderSize,
                    },
                    out int text);
                var table = CfiTable.Open(CfiFile.Section(file)!, CfiFile.Header(file));

                Assert.True(table.TryFind((ulong)text, out var entry));
                Assert.Equal((StackPointer, 8L), (entry.Cfa.Register, entry.Cfa.Value));
                Assert.True(table.TryFind((ulong)text + CallOffset, out var inside));
                Assert.Equal(16, inside.Cfa.Value);
                Assert.False(table.TryFind((ulong)text + block.Size, out _));
                Assert.False(table.TryFind((ulong)text - 1, out _));
            }

            functions++;
        }

        Assert.True(functions >= 5);
    }

    [Fact]
    public void Lines_are_found_by_address()
    {
        JitLine[] lines =
        [
            new(8, "b.py", 70000, 0), new(0, "a.py", 3, 0), new(4, "a.py", 2, 0), new(12, "a.py", 1, 0), new(16, "beyond.py", 9, 0),
        ];
        var file = Build(JittedElfLayout.Perf, Code("f"u8, JitDumpSample.Bytes(0x90, 16)) with { Lines = lines }, out int text);

        var section = file.ReadSection(file.FindSection(".debug_line"u8)!.Value);
        var table = LineTable.Read(new LineSections(section, default, default, "jitted"));
        Assert.Equal(0, table.BadUnits);
        List<string> found = [];
        for (int i = 0; i < 16; i += 4)
        {
            Assert.True(table.TryFind((ulong)(text + i + 3), out string name, out uint line));
            found.Add($"{name}:{line}");
        }

        Assert.Equal(["a.py:3", "a.py:2", "b.py:70000", "a.py:1"], found);
        Assert.False(table.TryFind((ulong)text + 16, out _, out _));
        Assert.NotNull(file.FindSection(".debug_info"u8));
        Assert.NotNull(file.FindSection(".debug_abbrev"u8));
    }

    [Fact]
    public void Code_whose_bytes_were_lost_keeps_its_place_and_size()
    {
        var file = Build(JittedElfLayout.SharedObject, Code("lost"u8, []) with { Size = 100 }, out int text);

        var section = file.FindSection(".text"u8)!.Value;
        Assert.Equal((ElfSectionType.SHT_NOBITS, (ulong)text, 100UL), (section.Type, section.Address, section.Size));
        Assert.Equal(((ulong)text, (ulong)text + 100), (file.Segments[0].FileSize, file.Segments[0].MemorySize));
    }

    private static JittedFunction Code(ReadOnlySpan<byte> name, ReadOnlySpan<byte> code) => new()
    {
        Machine = ElfMachine.EM_X86_64,
        Name = name,
        Size = (uint)code.Length,
        Code = code,
    };

    private static ElfFile Build(JittedElfLayout layout, JittedFunction code, out int text)
    {
        var elf = new JittedElf(layout);
        text = elf.TextOffset;
        return CfiFile.Open(elf.Build(code).ToArray(), "jitted");
    }
}
