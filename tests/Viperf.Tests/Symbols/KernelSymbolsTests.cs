using System.Text;
using Viperf.Core.Symbols;
using Xunit;

namespace Viperf.Tests.Symbols;

public class KernelSymbolsTests
{
    [Fact]
    public void A_kernel_symbol_reaches_to_the_next_and_not_into_modules()
    {
        var table = Parse("""
            0000000000000000 A fixed_percpu_data
            ffffffff81000000 T startup_64
            ffffffff81000100 t helper
            ffffffff81000180 r constants
            ffffffff81000200 T last_of_the_kernel
            ffffffffc0001000 t module_start	[snd]
            ffffffffc0001010 T module_end	[snd]
            ffffffffc0009000 t other	[kvm]

            """);

        Assert.Equal("startup_64", ElfSymbolsTests.NameAt(table, 0xffffffff810000ff));
        Assert.Equal("helper", ElfSymbolsTests.NameAt(table, 0xffffffff810001ff));
        Assert.Equal("last_of_the_kernel", ElfSymbolsTests.NameAt(table, 0xffffffff81001fff));
        Assert.Equal("", ElfSymbolsTests.NameAt(table, 0xffffffff81002000));
        Assert.Equal("module_start", ElfSymbolsTests.NameAt(table, 0xffffffffc000100f));
        Assert.Equal("module_end", ElfSymbolsTests.NameAt(table, 0xffffffffc0002fff));
        Assert.Equal("", ElfSymbolsTests.NameAt(table, 0xffffffffc0008fff));
        Assert.Equal("other", ElfSymbolsTests.NameAt(table, 0xffffffffc0009000));
    }

    /// <summary>Only the last one's size reaches to the next symbol, and a symbol with a size is preferred to all others.</summary>
    [Theory]
    [InlineData("T memcpy", "T __pi_memcpy")]
    [InlineData("T global", "t local")]
    [InlineData("T plain", "W weak_name")]
    [InlineData("T sys_read", "T SyS_read")]
    public void Of_names_at_one_address_the_last_one_stays_as_in_perf(string first, string last)
    {
        var table = Parse($"ffffffff81000000 {first}\nffffffff81000000 {last}\nffffffff81000100 T next\n");
        Assert.Equal(last[2..], ElfSymbolsTests.NameAt(table, 0xffffffff81000050));
    }

    [Fact]
    public void Hidden_addresses_name_nothing_and_are_told_from_an_empty_list()
    {
        Assert.Equal(0, KernelSymbols.Parse("0000000000000000 T a\n0000000000000000 t b\n"u8.ToArray(), out bool hidden).Count);
        Assert.True(hidden);
        KernelSymbols.Parse(ReadOnlyMemory<byte>.Empty, out hidden);
        Assert.False(hidden);
    }

    [Fact]
    public void A_list_of_another_start_is_moved_by_the_symbol_that_the_recording_knows_and_modules_stay_behind()
    {
        byte[] text = "0000000000001000 A percpu_text\nffffffff81000000 T x_text\nffffffff82000000 T _text\nffffffff82000010 T main\nffffffffc0001000 t m\t[snd]\n"u8.ToArray();
        var list = new KernelList(KernelSymbols.Parse(text, out _), text);

        var moved = list.At(("_text", 0xffffffff92000000));
        Assert.Equal("main", ElfSymbolsTests.NameAt(moved, 0xffffffff92000010));
        Assert.Equal("", ElfSymbolsTests.NameAt(moved, 0xffffffff82000010));
        Assert.Equal("", ElfSymbolsTests.NameAt(moved, 0xffffffffc0001000));
        Assert.Same(list.Table, list.At(("_text", 0xffffffff82000000)));
        Assert.Same(list.Table, list.At(("_unknown", 1)));
        Assert.Same(list.Table, list.At(null));
    }

    [Fact]
    public void Lines_of_another_form_are_stepped_over()
    {
        var table = Parse("nonsense\n\nffffffff81000000\nffffffff81000000 T\nffffffff81000000 T \nffffffff81000010 T good\nffffffff81000020 T cut");
        Assert.Equal(1, table.Count);
        Assert.Equal("good", table.NameOf(0));
    }

    [Theory]
    [InlineData("", "1.2.3-other")]
    [InlineData("00ff", null)]
    public void Another_kernels_addresses_are_not_named(string buildId, string? release)
    {
        List<string> warnings = [];
        Assert.False(KernelSymbols.IsRecorded(buildId, new SymbolizerOptions { KernelRelease = release }, warnings.Add));
        Assert.Contains(release ?? buildId, Assert.Single(warnings));
    }

    private static SymbolTable Parse(string text) => KernelSymbols.Parse(Encoding.UTF8.GetBytes(text), out _);
}
