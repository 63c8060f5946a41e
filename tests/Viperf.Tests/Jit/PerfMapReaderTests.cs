using System.Text;
using Viperf.Formats.Jit;
using Xunit;

namespace Viperf.Tests.Jit;

public class PerfMapReaderTests
{
    [Theory]
    [InlineData("7f00 b py::f:/tmp/a b.py\n", 0x7f00, 0xb, "py::f:/tmp/a b.py")]
    [InlineData("0x7f00 0xB f\n", 0x7f00, 0xb, "f")]
    [InlineData("ffffffffffffff00 10 Lfoo;::bar\r\n", 0xffffffffffffff00, 0x10, "Lfoo;::bar")]
    [InlineData("7f00 b  two blanks\n", 0x7f00, 0xb, " two blanks")]
    public void A_line_is_start_size_and_all_the_rest_as_name(string map, ulong start, ulong size, string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(map);
        var entry = Assert.Single(PerfMapReader.Read(bytes, out int badLines));

        Assert.Equal((start, size), (entry.Start, entry.Size));
        Assert.Equal(name, Encoding.UTF8.GetString(bytes, entry.NameOffset, entry.NameLength));
        Assert.Equal(0, badLines);
    }

    [Theory]
    [InlineData("hello\n")]
    [InlineData("7f00 f\n")]
    [InlineData("7f00 b \n")]
    [InlineData("7f00 b\n")]
    [InlineData("7f00 0 empty\n")]
    [InlineData("11112222333344445 b too_long\n")]
    [InlineData(" 7f00 b f\n")]
    [InlineData("7f00  b f\n")]
    [InlineData("0x b f\n")]
    public void Other_lines_are_counted_and_left_out(string map)
    {
        var entries = PerfMapReader.Read(Encoding.UTF8.GetBytes(map + "10 1 good\n"), out int badLines);
        Assert.Equal(1, badLines);
        Assert.Equal(0x10u, Assert.Single(entries).Start);
    }

    [Fact]
    public void A_last_line_that_is_still_being_written_does_not_count()
    {
        byte[] map = Encoding.UTF8.GetBytes("10 1 first\n20 1 second\n");
        for (int length = 0; length <= map.Length; length++)
        {
            int whole = length == map.Length ? 2 : length >= 11 ? 1 : 0;
            Assert.Equal(whole, PerfMapReader.Read(map.AsSpan(0, length), out int badLines).Count);
            Assert.Equal(0, badLines);
        }
    }

    [Fact]
    public void Any_bytes_are_read_without_harm()
    {
        var random = new Random(20260803);
        byte[] alphabet = "0123456789abcdefx \n\n\0\xff"u8.ToArray();
        int entries = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] map = new byte[random.Next(64)];
            for (int i = 0; i < map.Length; i++)
            {
                map[i] = alphabet[random.Next(alphabet.Length)];
            }

            foreach (var entry in PerfMapReader.Read(map, out _))
            {
                entries++;
                Assert.False(map.AsSpan(entry.NameOffset, entry.NameLength).Contains((byte)'\n'));
            }
        }

        Assert.NotEqual(0, entries);
    }
}
