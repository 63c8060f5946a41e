using Viperf.Formats.Bytes;
using Viperf.Formats.Python;
using Xunit;

namespace Viperf.Tests.Python;

public class CodeLinesTests
{
    /// <summary>Versions of each kind of table; 99 for those to come.</summary>
    public static TheoryData<int> Versions => [6, 8, 9, 10, 11, 12, 13, 15, 99];

    [Theory]
    [InlineData(8, "", "0-20:10")]
    [InlineData(8, "0001 0602 08ff", "0-6:11 6-14:13 14-20:12")] // forward, and back by one
    [InlineData(8, "0602 0002 0600", "0-6:10 6-20:14")] // two steps at one place
    [InlineData(8, "067f 0001 0680", "0-6:10 6-12:138 12-20:10")] // more than a byte holds, and its least
    [InlineData(8, "ff00 ff01", "0-20:10")] // lines of code that was optimized away
    [InlineData(8, "0601 04", "0-6:10 6-20:11")] // half an entry is none
    [InlineData(10, "0600 0e01", "0-6:10 6-20:11")]
    [InlineData(10, "0601 0880 0602", "0-6:11 6-14:0 14-20:13")] // code without a line between lines
    [InlineData(10, "007f 007f 1401", "0-20:265")]
    [InlineData(10, "0681 0e00", "0-6:0 6-20:0")] // a line before the file's first
    [InlineData(10, "ff01", "0-20:11")]
    [InlineData(13, "823f c1", "0-6:10 6-20:0", false)] // an entry without what its kind demands
    [InlineData(13, "d00f00 d90f00 e20f00 ea05", "0-2:10 2-6:11 6-12:13 12-18:11 18-20:0", false)] // 10 to 13
    [InlineData(13, "800f cf0f f70600000000 f9", "0-2:10 2-18:10 18-20:13")] // short ones, a long one
    [InlineData(13, "ff f04602020304", "0-16:0 16-18:77 18-20:0", false)] // none; a step of several bytes
    [InlineData(13, "ef00 eb00", "0-20:10")]
    [InlineData(13, "ff fb", "0-20:0")]
    [InlineData(5, "0601", "0-20:0", false)]
    public void Tables_are_read_as_CPython_reads_them(int minor, string table, string expected, bool isWhole = true)
    {
        List<CodeLineRange> ranges = [];

        bool read = CodeLines.Read(minor, 10, Convert.FromHexString(table.Replace(" ", "")), 20, ranges);

        Assert.Equal(ParseRanges(expected), ranges);
        Assert.Equal(isWhole, read);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void What_was_written_is_read(int minor)
    {
        var random = new Random(minor);
        List<CodeLineRange> before = [new(0, 4, 7)];
        for (int round = 0; round < 300; round++)
        {
            var expected = RandomRanges(random, mayLack: minor >= 10);
            int firstLine = random.Next(1, 5000);
            List<CodeLineRange> ranges = [.. before];

            byte[] table = CodeLineTables.Write(minor, firstLine, expected, random);
            Assert.True(CodeLines.Read(minor, firstLine, table, expected[^1].End, ranges));

            Assert.Equal([.. before, .. expected], ranges);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Ranges_of_any_bytes_cover_the_code(int minor)
    {
        var random = new Random(minor);
        byte[] table = new byte[64];
        for (int round = 0; round < 20_000; round++)
        {
            random.NextBytes(table);
            uint length = (uint)random.Next(300);
            List<CodeLineRange> ranges = [];

            CodeLines.Read(minor, random.Next(), table.AsSpan(0, random.Next(table.Length)), length, ranges);

            uint at = 0;
            uint? line = null;
            foreach (var range in ranges)
            {
                Assert.Equal(at, range.Start);
                Assert.True(range.End > range.Start && range.Line != line && range.Line <= int.MaxValue);
                (at, line) = (range.End, range.Line);
            }

            Assert.Equal(length, at);
        }
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-int.MaxValue)]
    [InlineData(1 << 20)]
    public void Steps_of_all_32_bits_are_read_and_lines_that_no_file_has_are_none(int step)
    {
        List<CodeLineRange> ranges = [];
        byte[] table = [0xe8, .. CodeLineTables.Signed(step), 0xe8, .. CodeLineTables.Signed(step)];

        Assert.True(CodeLines.Read(13, 1, table, 4, ranges));

        Assert.Equal(step == 1 << 20 ? [new(0, 2, (1 << 20) + 1), new(2, 4, (2 << 20) + 1)] : [new(0, 4, 0)], ranges);
    }

    [Theory]
    [InlineData("e8 7f7f7f7f7f7f7f7f7f7f7f7f7f00")]
    [InlineData("e8 7f7f7f7f7f7f")]
    [InlineData("e8 7e7f7f7f7f7f00")]
    public void Numbers_of_more_than_32_bits_end_the_table(string table)
    {
        List<CodeLineRange> ranges = [];

        Assert.False(CodeLines.Read(13, 1, Convert.FromHexString(table.Replace(" ", "")), 2, ranges));

        Assert.Equal([new(0, 2, 0)], ranges);
    }

    [Fact]
    public void Lines_beyond_the_limit_are_left_out()
    {
        byte[] table = new byte[(Limits.CodeLineRanges + 5) * 2];
        for (int i = 0; i < table.Length; i += 2)
        {
            (table[i], table[i + 1]) = (1, 1);
        }

        List<CodeLineRange> ranges = [];
        uint length = (uint)table.Length / 2;

        Assert.False(CodeLines.Read(9, 1, table, length, ranges));

        Assert.Equal(Limits.CodeLineRanges + 1, ranges.Count);
        Assert.Equal(new(Limits.CodeLineRanges, length, 0), ranges[^1]);
    }

    [Fact]
    public void Code_of_no_bytes_has_no_ranges()
    {
        List<CodeLineRange> ranges = [];

        Assert.True(CodeLines.Read(13, 1, [0xe8, 0x02], 0, ranges));

        Assert.Empty(ranges);
    }

    /// <summary>Ranges as a test writes them, neighbours of one line put together.</summary>
    private static List<CodeLineRange> ParseRanges(string text)
    {
        List<CodeLineRange> ranges = [];
        foreach (string part in text.Split(' '))
        {
            uint[] numbers = [.. part.Split('-', ':').Select(uint.Parse)];
            if (ranges.Count > 0 && ranges[^1].Line == numbers[2])
            {
                ranges[^1] = ranges[^1] with { End = numbers[1] };
            }
            else
            {
                ranges.Add(new(numbers[0], numbers[1], numbers[2]));
            }
        }

        return ranges;
    }

    private static List<CodeLineRange> RandomRanges(Random random, bool mayLack)
    {
        List<CodeLineRange> ranges = [];
        uint at = 0;
        for (int count = random.Next(1, 40); count > 0; count--)
        {
            uint end = at + (2 * (uint)random.Next(1, random.Next(4) == 0 ? 400 : 10));
            uint line = mayLack && random.Next(5) == 0 ? 0 : (uint)random.Next(1, random.Next(3) == 0 ? 100_000 : 20);
            if (ranges.Count > 0 && ranges[^1].Line == line)
            {
                continue;
            }

            ranges.Add(new(at, end, line));
            at = end;
        }

        return ranges;
    }
}
