using Viperf.Core.Symbols;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Tests.Elf;
using Xunit;

namespace Viperf.Tests.Symbols;

public class ElfSymbolsTests
{
    [Fact]
    public void Symbols_are_found_by_file_offset_whatever_address_the_file_is_linked_to()
    {
        var table = Read(new ElfBuilder(type: ElfType.ET_EXEC)
            .Segment(0x1000, 0x401000, 0x1000)
            .Text(0x401000)
            .Symbol("main", 0x401010, 0x10)
            .SymbolTable());

        Assert.Equal("main", NameAt(table, 0x1010));
        Assert.Equal("main", NameAt(table, 0x101f));
        Assert.Equal("", NameAt(table, 0x1020));
        Assert.Equal("", NameAt(table, 0x100f));
        Assert.Equal(0x1010u, table.StartOf(table.Find(0x101f)));
    }

    [Fact]
    public void A_symbol_without_a_size_reaches_to_the_next_and_the_last_to_the_end_of_the_next_page()
    {
        var table = Read(Code()
            .Symbol("first", 0x1000)
            .Symbol("second", 0x1100, 0x10)
            .Symbol("last", 0x1200));

        Assert.Equal("first", NameAt(table, 0x10ff));
        Assert.Equal("", NameAt(table, 0x1110));
        Assert.Equal("last", NameAt(table, 0x2fff));
        Assert.Equal("", NameAt(table, 0x3000));
    }

    [Theory]
    [InlineData("with_size", "unsized")]
    [InlineData("function", "label")]
    [InlineData("global", "weak")]
    [InlineData("local", "weak")]
    [InlineData("global", "local")]
    [InlineData("plain", "_underscored")]
    [InlineData("a_longer_name", "short")]
    [InlineData("earlier", "laterer")]
    public void Of_symbols_at_one_address_the_one_stays_that_perf_prefers(string better, string worse)
    {
        foreach (string[] order in new[] { new[] { better, worse }, [worse, better] })
        {
            if (better == "earlier" && order[0] != better)
            {
                continue; // nothing but the order tells these two apart
            }

            var builder = Code();
            foreach (string name in order)
            {
                builder.Symbol(
                    name,
                    0x1000,
                    name is "unsized" ? 0ul : 0x10ul,
                    name is "label" ? ElfSymbolType.STT_NOTYPE : ElfSymbolType.STT_FUNC,
                    name is "weak" ? ElfSymbolBinding.STB_WEAK : name is "local" ? ElfSymbolBinding.STB_LOCAL : ElfSymbolBinding.STB_GLOBAL);
            }

            Assert.Equal(better, NameAt(Read(builder.Symbol("next", 0x1000 + 0x20)), 0x1000));
        }
    }

    [Fact]
    public void Only_code_counts()
    {
        var table = Read(new ElfBuilder()
            .Segment(0, 0, 0x10000)
            .Text(0x1000)
            .Section(".data", ElfSectionType.SHT_PROGBITS, new byte[16], 0x3000, ElfSectionFlags.SHF_ALLOC)
            .Text(0x4000, 16, ".init")
            .Symbol("imported", 0x1000, section: 0)
            .Symbol("absolute", 0x1000, section: 0xfff1)
            .Symbol("variable", 0x3000, 8, ElfSymbolType.STT_OBJECT, section: 2)
            .Symbol("label_elsewhere", 0x4000, 0, ElfSymbolType.STT_NOTYPE, section: 3)
            .Symbol("hidden_label", 0x1000, 0, ElfSymbolType.STT_NOTYPE, visibility: ElfSymbolVisibility.STV_HIDDEN)
            .Symbol("file.c", 0x1000, 0, (ElfSymbolType)4)
            .Symbol("label", 0x1800, 0, ElfSymbolType.STT_NOTYPE)
            .Symbol("resolver", 0x1900, 8, ElfSymbolType.STT_GNU_IFUNC)
            .Symbol("table_in_code", 0x1a00, 8, ElfSymbolType.STT_OBJECT));

        Assert.Equal(["label", "resolver", "table_in_code"], Enumerable.Range(0, table.Count).Select(table.NameOf));
    }

    [Fact]
    public void A_label_inside_a_function_is_nearer_than_the_function_and_hides_only_itself()
    {
        var table = Read(Code()
            .Symbol("function", 0x1000, 0x100)
            .Symbol("inner", 0x1020, 0x10)
            .Symbol("innermost", 0x1024, 4));

        Assert.Equal("function", NameAt(table, 0x101f));
        Assert.Equal("inner", NameAt(table, 0x1020));
        Assert.Equal("innermost", NameAt(table, 0x1027));
        Assert.Equal("inner", NameAt(table, 0x1028));
        Assert.Equal("function", NameAt(table, 0x1030));
        Assert.Equal("", NameAt(table, 0x1100));
    }

    [Fact]
    public void Stubs_are_named_after_the_function_that_they_jump_to()
    {
        // jmp *slot(%rip) with the slot at 0x5000; then an IBT stub's lazy half and its jump in .plt.sec.
        byte[] plt = [0xff, 0x25, .. BitConverter.GetBytes(0x5000 - 0x2006), 0x68, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0,
            0xf3, 0x0f, 0x1e, 0xfa, 0x68, 1, 0, 0, 0, 0xf2, 0xe9, 0, 0, 0, 0, 0x90];
        byte[] second = [0xf3, 0x0f, 0x1e, 0xfa, 0xf2, 0xff, 0x25, .. BitConverter.GetBytes(0x5008 - 0x300b), 0, 0, 0, 0, 0];
        var code = ElfSectionFlags.SHF_ALLOC | ElfSectionFlags.SHF_EXECINSTR;
        var table = ElfSymbols.Read(new ElfBuilder()
            .Segment(0, 0, 0x10000)
            .Section(".plt", ElfSectionType.SHT_PROGBITS, plt, 0x2000, code, entrySize: 16)
            .Section(".plt.sec", ElfSectionType.SHT_PROGBITS, second, 0x3000, code, entrySize: 16)
            .Section(".rela.plt", ElfSectionType.SHT_RELA, new ByteList().U64(0x5000).U32(7).U32(1).U64(0).U64(0x5008).U32(7).U32(2).U64(0).ToArray())
            .Symbol("malloc", 0, section: 0)
            .Symbol("free", 0, section: 0)
            .SymbolTable(ElfSectionType.SHT_DYNSYM)
            .Open());

        Assert.Equal("malloc@plt", NameAt(table, 0x200f));
        Assert.Equal("free@plt", NameAt(table, 0x2010));
        Assert.Equal("free@plt", NameAt(table, 0x3005));
    }

    [Fact]
    public void A_name_without_an_end_in_sight_is_none()
    {
        var table = Read(Code()
            .Symbol(new string('x', Limits.NameBytes - 1), 0x1000, 0x10)
            .Symbol(new string('y', Limits.NameBytes), 0x1020, 0x10));

        Assert.Equal(Limits.NameBytes - 1, NameAt(table, 0x1000).Length);
        Assert.Equal("", NameAt(table, 0x1020));
    }

    [Fact]
    public void Symbols_of_a_stripped_file_come_from_its_debug_file_by_the_stripped_files_offsets()
    {
        var stripped = new ElfBuilder().Segment(0x1000, 0x401000, 0x1000).Text(0x401000).Open();
        var debug = new ElfBuilder()
            .Segment(0, 0x401000, 0, 0x1000)
            .Text(0x401000)
            .Symbol("hidden", 0x401010, 0x10)
            .SymbolTable()
            .Open();

        Assert.Equal("hidden", NameAt(ElfSymbols.Read(stripped, debug), 0x1010));
        Assert.Equal(0, ElfSymbols.Read(stripped).Count);
    }

    internal static string NameAt(SymbolTable table, ulong address) =>
        table.Find(address) is >= 0 and int symbol ? table.NameOf(symbol) : "";

    private static ElfBuilder Code() => new ElfBuilder().Segment(0, 0, 0x10000).Text(0x1000);

    /// <summary>usize's name is longer than u64's, their symbols are not.</summary>
    [Fact]
    public void Of_aliases_the_one_with_the_longer_name_as_it_is_shown_stays()
    {
        var file = new ElfBuilder()
            .Segment(0x1000, 0x1000, 0x1000)
            .Text()
            .Symbol("_RINvC1a1fyE", 0x1010, 0x10)
            .Symbol("_RINvC1a1fjE", 0x1010, 0x10)
            .SymbolTable()
            .Open();
        Assert.Equal("_RINvC1a1fjE", NameAt(ElfSymbols.Read(file, names: NameOptions.Default), 0x1010));
        Assert.Equal("_RINvC1a1fyE", NameAt(ElfSymbols.Read(file, names: new NameOptions { Demangle = false }), 0x1010));
    }

    private static SymbolTable Read(ElfBuilder builder) => ElfSymbols.Read(builder.SymbolTable().Open());
}
