using Viperf.Core.Symbols;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Xunit;

namespace Viperf.Tests.Elf;

public class ElfFileTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Headers_of_both_classes_and_both_numberings_are_read(bool is64Bit, bool extended)
    {
        var file = new ElfBuilder(is64Bit) { ExtendedNumbering = extended }
            .Segment(0, 0x400000, 0x2000, 0x3000)
            .Text(0x401000, 0x10)
            .BuildId(0xab, 0xcd)
            .Symbol("main", 0x401000, 4)
            .SymbolTable()
            .Open();

        Assert.Equal(is64Bit, file.Is64Bit);
        Assert.Equal(1, file.Segments.Length);
        Assert.Equal(0x401000u, file.FindSection(".text"u8)!.Value.Address);
        Assert.Equal("abcd", ElfNotes.BuildIdOf(file));
        var symbols = ElfSymbolTable.Read(file, file.FindSection(ElfSectionType.SHT_SYMTAB)!.Value);
        var main = symbols[1];
        Assert.Equal("main"u8, symbols.NameOf(main));
        Assert.Equal((0x401000ul, 4ul, 1u), (main.Value, main.Size, main.SectionIndex));
    }

    [Fact]
    public void Addresses_and_file_offsets_are_translated_by_the_loaded_segments_alone()
    {
        var file = new ElfBuilder()
            .Segment(0, 0x9000, 0x100, kind: ElfSegmentType.PT_NOTE)
            .Segment(0x1000, 0x401000, 0x800, 0x1000)
            .Text()
            .Open();

        Assert.True(file.TryGetAddress(0x17ff, out ulong address));
        Assert.Equal(0x4017ffu, address);
        Assert.False(file.TryGetAddress(0x1800, out _));
        Assert.False(file.TryGetAddress(0x20, out _));
        Assert.True(file.TryGetFileOffset(0x401fff, out ulong offset));
        Assert.Equal(0x1fffu, offset);
        Assert.False(file.TryGetFileOffset(0x402000, out _));
    }

    [Fact]
    public void Sections_compressed_with_zlib_are_read_and_with_zstd_refused_by_name_where_nobody_decompresses()
    {
        byte[] bytes = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i / 100))];
        var file = new ElfBuilder().Compressed(".debug_line", bytes).Compressed(".debug_str", bytes, compression: 2).Open();

        Assert.Equal(bytes, file.ReadSection(file.FindSection(".debug_line"u8)!.Value).ToArray());
        var zstd = Assert.Throws<ParseException>(() => file.ReadSection(file.FindSection(".debug_str"u8)!.Value));
        Assert.Contains("zstd", zstd.Message);
    }

    /// <summary>Each way in which compilers and linkers write a debug section.</summary>
    [Fact]
    public void A_debug_section_is_read_whichever_way_it_is_compressed()
    {
        byte[] bytes = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i / 100))];
        byte[] zlib = new ElfBuilder().Compressed("x", bytes).Open() is var packed ? Raw(packed)[24..] : [];
        byte[] old = [.. "ZLIB"u8, 0, 0, 0, 0, 0, 0, 0x13, 0x88, .. zlib];
        using var compressor = new ZstdSharp.Compressor();
        byte[] zstd = new ByteList().U32(2).U32(0).U64(5000).U64(1).Bytes(compressor.Wrap(bytes).ToArray()).ToArray();
        byte[] image = new ElfBuilder()
            .Section(".debug_str", ElfSectionType.SHT_PROGBITS, bytes)
            .Compressed(".debug_line", bytes)
            .Section(".debug_info", ElfSectionType.SHT_PROGBITS, zstd, flags: ElfSectionFlags.SHF_COMPRESSED)
            .Section(".zdebug_abbrev", ElfSectionType.SHT_PROGBITS, old)
            .Section(".zdebug_addr", ElfSectionType.SHT_PROGBITS, [.. "ZLIB"u8, 0, 0, 0, 0, 0x3f, 0, 0, 0, .. zlib])
            .Section(".zdebug_loc", ElfSectionType.SHT_PROGBITS, zlib)
            .Build();
        var file = ElfFile.Open(new MemorySource(image, "test"), Core.Symbols.SectionDecompressor.TryUnwrapZstd);

        Assert.All((string[])["str", "line", "info", "abbrev"], name =>
        {
            Assert.True(file.HasDebugSection(name));
            Assert.Equal(bytes, file.ReadDebugSection(name).ToArray());
        });
        Assert.False(file.HasDebugSection("ranges"));
        Assert.True(file.ReadDebugSection("ranges").IsEmpty);
        Assert.Throws<ParseException>(() => file.ReadDebugSection("addr"));
        Assert.Throws<ParseException>(() => file.ReadDebugSection("loc"));
    }

    private static byte[] Raw(ElfFile file)
    {
        var section = file.Section(1);
        return file.ReadSection(section with { Flags = 0 }).ToArray();
    }

    [Fact]
    public void A_compressed_section_that_announces_more_than_deflate_can_give_is_refused_before_it_allocates()
    {
        byte[] header = new ByteList().U32(1).U32(0).U64(1 << 30).U64(1).Bytes(new byte[64]).ToArray();
        var file = new ElfBuilder().Section(".debug_line", ElfSectionType.SHT_PROGBITS, header, flags: ElfSectionFlags.SHF_COMPRESSED).Open();

        var error = Assert.Throws<ParseException>(() => file.ReadSection(file.Section(1)));
        Assert.Contains("announced", error.Message);
    }

    [Fact]
    public void Headers_that_share_their_notes_do_not_have_them_read_over_and_over()
    {
        const int noteBytes = 1 << 20;
        var builder = new ElfBuilder().Section(".data", ElfSectionType.SHT_PROGBITS, new byte[noteBytes]);
        for (int i = 0; i < 1000; i++)
        {
            builder.Segment(offset: 0x100, address: 0, noteBytes, kind: ElfSegmentType.PT_NOTE);
        }

        var source = new CountingSource(builder.Build());
        var file = ElfFile.Open(source);
        long before = source.BytesRead;
        Assert.Equal("", ElfNotes.BuildIdOf(file));
        Assert.InRange(source.BytesRead - before, noteBytes, Limits.NoteBytes);
    }

    [Fact]
    public void Big_endian_files_are_refused_by_name()
    {
        var error = Assert.Throws<ParseException>(() => new ElfBuilder { ByteOrder = 2 }.Text().Open());
        Assert.Contains("big-endian", error.Message);
        Assert.Equal(5u, error.Offset);
    }

    [Fact]
    public void What_is_no_elf_file_says_so()
    {
        Assert.Contains("not an ELF", Assert.Throws<ParseException>(() => Open([])).Message);
        Assert.Contains("not an ELF", Assert.Throws<ParseException>(() => Open(new byte[200])).Message);
    }

    [Fact]
    public void A_file_cut_at_any_byte_is_read_or_refused_but_never_breaks_the_reader()
    {
        byte[] whole = Rich();
        int refused = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            refused += Read(whole[..length]) ? 0 : 1;
        }

        // The section headers stand last: without them nothing is left to read.
        Assert.Equal(whole.Length, refused);
    }

    [Fact]
    public void Damaged_bytes_are_read_or_refused_but_never_break_the_reader()
    {
        byte[] whole = Rich();
        var random = new Random(20260801);
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] damaged = [.. whole];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                // The headers at both ends decide most.
                int at = random.Next(3) switch
                {
                    0 => random.Next(200),
                    1 => whole.Length - 1 - random.Next(600),
                    _ => random.Next(whole.Length),
                };
                damaged[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)0xff;
            }

            refused += Read(damaged) ? 0 : 1;
        }

        Assert.InRange(refused, 1, 19_999);
    }

    private static ElfFile Open(byte[] bytes) => ElfFile.Open(new MemorySource(bytes, "test"));

    private static byte[] Rich() => new ElfBuilder()
        .Segment(0, 0, 0x1000)
        .Text(0x200, 0x80)
        .Section(".plt", ElfSectionType.SHT_PROGBITS, [0xff, 0x25, 1, 2, 3, 4, .. new byte[10]], 0x300, ElfSectionFlags.SHF_ALLOC | ElfSectionFlags.SHF_EXECINSTR)
        .Section(".rela.plt", ElfSectionType.SHT_RELA, new ByteList().U64(0x5000).U32(7).U32(1).U64(0).ToArray())
        .BuildId(1, 2, 3, 4, 5)
        .Compressed(".debug_line", new byte[100])
        .Symbol("imported", 0, section: 0).SymbolTable(ElfSectionType.SHT_DYNSYM)
        .Symbol("f", 0x200, 8).Symbol("g", 0x208).SymbolTable()
        .Build();

    /// <summary>Reads all that viperf reads of a file; false if it was refused.</summary>
    private static bool Read(byte[] bytes)
    {
        try
        {
            var file = Open(bytes);
            ElfNotes.BuildIdOf(file);
            ElfSymbols.Read(file);
            foreach (var section in file.Sections)
            {
                file.NameOf(section);
                file.ReadSection(section);
            }

            return true;
        }
        catch (ParseException)
        {
            return false;
        }
    }

    /// <summary>Bytes that count how many of them are read.</summary>
    private sealed class CountingSource(byte[] bytes) : ByteSource
    {
        private readonly MemorySource _bytes = new(bytes, "counted.so");

        public long BytesRead { get; private set; }

        public override string Name => _bytes.Name;

        public override ulong Length => _bytes.Length;

        public override int ReadAt(ulong offset, Span<byte> destination)
        {
            int count = _bytes.ReadAt(offset, destination);
            BytesRead += count;
            return count;
        }
    }
}
