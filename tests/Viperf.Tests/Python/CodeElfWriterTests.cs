using System.Text;
using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;
using Viperf.Formats.Python;
using Viperf.Tests.Dwarf;
using Xunit;

namespace Viperf.Tests.Python;

public class CodeElfWriterTests
{
    private const ulong Text = CodeElfWriter.TextOffset;

    private static readonly byte[] s_buildId = [.. Enumerable.Range(1, CodeElfWriter.BuildIdBytes).Select(i => (byte)i)];

    [Theory]
    [InlineData(ElfMachine.EM_X86_64)]
    [InlineData(ElfMachine.EM_AARCH64)]
    public void The_file_is_a_shared_object_whose_addresses_are_its_offsets(ElfMachine machine)
    {
        using var stream = new MemoryStream();
        var writer = new CodeElfWriter(stream, machine, s_buildId);
        writer.Add(Code("a", 0, 4, [1, 2, 3, 4]));
        writer.Add(Code("b", 10, 2, [5]));
        writer.Add(Code("hole", 0x8000, 0x3000));
        writer.Finish();
        var file = CfiFile.Open(stream.ToArray(), "codes");

        Assert.Equal((true, ElfType.ET_DYN, machine), (file.Is64Bit, file.Type, file.Machine));
        Assert.Equal(Convert.ToHexStringLower(s_buildId), ElfNotes.BuildIdOf(file));
        Assert.Equal((ElfSegmentType.PT_LOAD, 0UL), (file.Segments[0].Type, file.Segments[0].Offset));
        Assert.True(file.Segments[0].FileSize <= Text);
        Assert.Equal(new ElfSegment(ElfSegmentType.PT_LOAD, Text, Text, 0xb000, 0xb000), file.Segments[1]);
        Assert.Equal(ElfSegmentType.PT_NOTE, file.Segments[2].Type);
        var text = file.FindSection(".text"u8)!.Value;
        Assert.Equal((Text, Text, 0xb000ul, true), (text.Address, text.Offset, text.Size, text.IsExecutable));
        byte[] bytes = file.ReadSection(text).ToArray();
        Assert.Equal([1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 5, 0], bytes[..12]);
        Assert.All(bytes[12..], value => Assert.Equal(0, value));
        foreach (var section in file.Sections)
        {
            Assert.True(section.Type == ElfSectionType.SHT_NULL || !file.NameOf(section).IsEmpty);
        }
    }

    [Fact]
    public void Each_code_object_is_a_symbol_and_a_function_of_one_name()
    {
        var file = Write(writer =>
        {
            writer.Add(Code("py::<module>:/a.py", 0, 4));
            writer.Add(Code("py::f:/a.py", 4, 6));
            writer.Add(Code("py::f:/a.py", 16, 2));
        });

        var symbols = ElfSymbolTable.Read(file, file.FindSection(ElfSectionType.SHT_SYMTAB)!.Value);
        List<(string Name, ulong Start, ulong Size)> found = [];
        for (int i = 1; i < symbols.Count; i++)
        {
            var symbol = symbols[i];
            Assert.Equal((ElfSymbolType.STT_FUNC, ElfSymbolBinding.STB_LOCAL), (symbol.Type, symbol.Binding));
            Assert.Equal(".text"u8, file.NameOf(file.Section(symbol.SectionIndex)));
            found.Add((ByteReader.Text(symbols.NameOf(symbol)), symbol.Value - Text, symbol.Size));
        }

        Assert.Equal([("py::<module>:/a.py", 0ul, 4ul), ("py::f:/a.py", 4, 6), ("py::f:/a.py", 16, 2)], found);
        var debug = Open(file);
        foreach (var (name, start, size) in found)
        {
            Assert.Equal(name, Frame(debug, start)?.Function);
            Assert.Equal(name, Frame(debug, start + size - 1)?.Function);
        }

        Assert.Equal(new SourceFrame("", "/a.py", 0), Frame(debug, 10));
        Assert.Equal(new SourceFrame("", "/a.py", 0), Frame(debug, 15));
        Assert.Null(Frame(debug, 18));
        Assert.Equal(0, debug.BadUnits);
    }

    [Fact]
    public void Every_byte_has_the_line_of_its_range()
    {
        var random = new Random(20261128);
        List<(ulong Start, uint Size, string File, List<CodeLineRange> Lines)> codes = [];
        ulong end = 0;
        for (int i = 0; i < 60; i++)
        {
            List<CodeLineRange> lines = [];
            uint at = 0;
            for (int count = random.Next(20); count > 0; count--)
            {
                uint size = (uint)random.Next(1, random.Next(3) == 0 ? 600 : 20);
                if (random.Next(5) > 0)
                {
                    lines.Add(new(at, at + size, (uint)random.Next(random.Next(9) == 0 ? int.MaxValue : 12)));
                }

                at += size;
            }

            ulong start = end + (ulong)(random.Next(2) * random.Next(9000));
            codes.Add((start, at + 3, $"/lib/{random.Next(5)}.py", lines));
            end = start + at + 3;
        }

        var file = Write(writer =>
        {
            foreach (var (start, size, name, lines) in codes)
            {
                writer.Add(Code("f", start, size) with { SourceFile = Encoding.UTF8.GetBytes(name), Lines = lines.ToArray() });
            }
        });
        var debug = Open(file);
        foreach (var (start, size, name, lines) in codes)
        {
            for (uint at = 0; at < size; at++)
            {
                uint line = lines.Find(range => range.Start <= at && at < range.End).Line;
                Assert.Equal(new SourceFrame("f", name, line) { FirstLine = 1 }, Frame(debug, start + at));
            }
        }
    }

    [Fact]
    public void Ranges_that_overlap_descend_or_lead_beyond_the_code_do_no_harm()
    {
        CodeLineRange[] lines = [new(4, 8, 1), new(2, 6, 2), new(9, 9, 3), new(10, 5, 4), new(12, 99, 5), new(100, 200, 6)];
        var debug = Open(Write(writer =>
        {
            writer.Add(Code("f", 0, 16) with { Lines = lines });
            writer.Add(Code("g", 16, 2) with { Lines = [new(0, 2, 9)] });
        }));

        uint?[] found = [.. Enumerable.Range(0, 20).Select(at => Frame(debug, (ulong)at)?.Line)];

        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 5, 5, 5, 5, 9, 9, null, null], found);
    }

    [Fact]
    public void Names_that_files_cannot_have_are_cut()
    {
        byte[] endless = new byte[Limits.NameBytes + 10];
        endless.AsSpan().Fill((byte)'x');
        CodeLineRange[] lines = [new(0, 2, 7)];
        var debug = Open(Write(writer =>
        {
            writer.Add(Code("", 0, 2) with { SourceFile = default, Lines = lines });
            writer.Add(Code("f\0g", 2, 2) with { SourceFile = "a.py\0b.py"u8, Lines = lines });
            writer.Add(Code("", 4, 2) with { Name = endless, SourceFile = [0xff, 0xfe], Lines = lines });
            writer.Add(Code("last", 6, 2) with { SourceFile = "c.py"u8, Lines = lines });
        }));

        Assert.Equal(new SourceFrame("", "??", 7) { FirstLine = 1 }, Frame(debug, 0));
        Assert.Equal(new SourceFrame("f", "a.py", 7) { FirstLine = 1 }, Frame(debug, 2));
        Assert.Equal(Limits.NameBytes - 1, Frame(debug, 4)!.Value.Function.Length);
        Assert.Equal(new SourceFrame("last", "c.py", 7) { FirstLine = 1 }, Frame(debug, 6));
    }

    [Fact]
    public void What_no_file_could_hold_is_refused()
    {
        using var stream = new MemoryStream();
        var writer = new CodeElfWriter(stream, ElfMachine.EM_X86_64, s_buildId);
        writer.Add(Code("f", 10, 4));

        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(Code("before", 13, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(Code("empty", 20, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(Code("far", ulong.MaxValue - 5, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(Code("long", 20, 2, [1, 2, 3])));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CodeElfWriter(stream, ElfMachine.EM_X86_64, [1]));
        writer.Finish();
        Assert.Throws<ObjectDisposedException>(() => writer.Add(Code("late", 20, 2)));
        Assert.Throws<ObjectDisposedException>(writer.Finish);
    }

    [Fact]
    public void A_file_without_code_is_whole_too()
    {
        var file = Write(_ => { });

        Assert.Equal(0ul, file.FindSection(".text"u8)!.Value.Size);
        Assert.Null(Frame(Open(file), 0));
    }

    [Fact]
    public void The_same_code_gives_the_same_bytes()
    {
        byte[] Once()
        {
            using var stream = new MemoryStream();
            var writer = new CodeElfWriter(stream, ElfMachine.EM_X86_64, s_buildId);
            for (uint i = 0; i < 100; i++)
            {
                writer.Add(Code($"f{i}", i * 100, 50) with { SourceFile = Encoding.UTF8.GetBytes($"{i % 7}.py"), FirstLine = i });
            }

            writer.Finish();
            return stream.ToArray();
        }

        Assert.Equal(Once(), Once());
    }

    [Fact]
    public void Code_without_bytes_takes_no_room_on_a_disk()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (var stream = File.Create(path))
            {
                var writer = new CodeElfWriter(stream, ElfMachine.EM_X86_64, s_buildId);
                writer.Add(Code("near", 0, 2, [1, 2]));
                writer.Add(Code("far", 1ul << 40, 100));
                writer.Finish();
            }

            Assert.True(new FileInfo(path).Length > 1L << 40);
            using var source = new Core.Linux.FileSource(path);
            Assert.Equal("far", Frame(Open(ElfFile.Open(source)), (1ul << 40) + 99)?.Function);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static ElfFile Write(Action<CodeElfWriter> add)
    {
        using var stream = new MemoryStream();
        var writer = new CodeElfWriter(stream, ElfMachine.EM_X86_64, s_buildId);
        add(writer);
        writer.Finish();
        return CfiFile.Open(stream.ToArray(), "codes");
    }

    private static PlacedCode Code(string name, ulong offset, uint size, byte[]? code = null) => new()
    {
        Offset = offset,
        Size = size,
        Name = Encoding.UTF8.GetBytes(name),
        SourceFile = "/a.py"u8,
        FirstLine = 1,
        Code = code,
    };

    private static DebugInfo Open(ElfFile file) => DebugInfo.Open(new DebugSections(file.Name, file.ReadDebugSection));

    /// <summary>The one function at an offset in the text.</summary>
    private static SourceFrame? Frame(DebugInfo debug, ulong offset)
    {
        List<SourceFrame> frames = [];
        return debug.TryFind(Text + offset, frames) ? Assert.Single(frames) : null;
    }
}
