using Viperf.Core;
using Viperf.Core.Recording;
using Xunit;

namespace Viperf.Tests.Recording;

public class RingPagesTests
{
    private const int PageSize = 4096;

    [Theory]
    [InlineData("1", 1, false)]
    [InlineData("128", 128, false)]
    [InlineData("100", 128, true)]
    [InlineData("4096B", 1, false)]
    [InlineData("4097b", 2, false)]
    [InlineData("512K", 128, false)]
    [InlineData("2M", 512, false)]
    [InlineData("3M", 1024, true)]
    [InlineData("1G", 262144, false)]
    public void Sizes_are_pages_or_bytes_and_become_powers_of_two(string text, int pages, bool rounded)
    {
        Assert.Equal(pages, RingPages.Parse(text, PageSize, out bool wasRounded));
        Assert.Equal(rounded, wasRounded);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("K")]
    [InlineData("4x")]
    [InlineData("1.5M")]
    [InlineData("8,8")]
    [InlineData("99999999999")]
    public void What_is_no_size_is_wrong_usage(string text) =>
        Assert.Equal(2, Assert.Throws<UserErrorException>(() => RingPages.Parse(text, PageSize, out _)).ExitCode);

    [Theory]
    [InlineData("2G")]
    [InlineData("4000000000")]
    [InlineData("4294967295G")]
    public void More_than_can_be_mapped_gets_perfs_hint(string text)
    {
        var error = Assert.Throws<UserErrorException>(() => RingPages.Parse(text, PageSize, out _));

        Assert.Contains("try again with a smaller value of -m/--mmap_pages", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(516, 4096, 128)]
    [InlineData(516, 65536, 4)]
    [InlineData(0, 4096, 1)]
    [InlineData(4, 4096, 1)]
    [InlineData(1028, 4096, 256)]
    public void The_default_is_what_may_be_locked_less_the_headers_page(long mlockKib, int pageSize, int pages) =>
        Assert.Equal(pages, RingPages.MayBeLocked(mlockKib, pageSize));

    [Theory]
    [InlineData(65528, 2, 4096, 16384)]
    [InlineData(8192, 2, 4096, 2048)]
    [InlineData(8192, 2, 65536, 128)]
    [InlineData(65528, 6, 4096, 8192)]
    [InlineData(65528, 256, 4096, 256)]
    [InlineData(8, 2, 4096, 2)]
    [InlineData(0, 2, 4096, 1)]
    public void Rings_for_stack_dumps_hold_a_thousand_and_not_too_much_together(uint stackDump, int rings, int pageSize, int pages) =>
        Assert.Equal(pages, RingPages.ForDumps(stackDump, rings, pageSize));

    [Theory]
    [InlineData(16384, 999, 65528)] // 64 MiB: as wanted
    [InlineData(128, 999, 32768)] // 512 KiB, an ordinary user's: 16 samples
    [InlineData(128, 9999, 4096)]
    [InlineData(1, 100000, 4096)]
    public void Dumps_become_smaller_where_rings_hold_few(int pages, double frequency, int bytes) =>
        Assert.Equal(bytes, RingPages.DumpThatFits(pages, frequency, RecordOptions.LargestStackDump));
}
