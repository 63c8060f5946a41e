using Viperf.Formats.Dwarf;
using Xunit;

namespace Viperf.Tests.Dwarf;

public class LineTableTests
{
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(3, true)]
    [InlineData(5, true)]
    public void Every_version_and_both_formats_give_the_same_lines(int version, bool is64BitFormat)
    {
        var table = LineTableBuilder.Read(new LineTableBuilder(version, is64BitFormat)
            .SetAddress(0x1000).AdvanceLine(9).Copy()
            .Noise()
            .Special(operations: 4, lines: 2)
            .SetFile(2).AdvancePc(0x200).AdvanceLine(-11).Copy()
            .AdvancePc(8).EndSequence()
            .Unit());

        Assert.Equal("", Find(table, 0xfff));
        Assert.Equal("a.c:10", Find(table, 0x1000));
        Assert.Equal("a.c:10", Find(table, 0x1003));
        Assert.Equal("a.c:12", Find(table, 0x1004));
        Assert.Equal("a.c:12", Find(table, 0x1203));
        Assert.Equal("b.h:1", Find(table, 0x1204));
        Assert.Equal("b.h:1", Find(table, 0x120b));
        Assert.Equal("", Find(table, 0x120c));
        Assert.Equal(0, table.BadUnits);
    }

    [Theory]
    [InlineData(4, "/src/a.c", "dir/b.h")]
    [InlineData(5, "/src/a.c", "/build/b.h")]
    public void Paths_are_joined_from_their_directories(int version, string first, string second)
    {
        var table = LineTableBuilder.Read(new LineTableBuilder(version)
            .SetAddress(0x1000).Copy()
            .SetFile(2).AdvancePc(4).Copy()
            .AdvancePc(4).EndSequence()
            .Unit());

        Assert.True(table.TryFind(0x1000, out string file, out _));
        Assert.Equal(first, file);
        Assert.True(table.TryFind(0x1004, out file, out _));
        Assert.Equal(second, file);
    }

    [Fact]
    public void Constant_and_fixed_steps_advance_as_the_header_says()
    {
        var table = LineTableBuilder.Read(new LineTableBuilder(4) { MinimumInstructionLength = 4 }
            .SetAddress(0x1000).Copy()
            .ConstAddPc().AdvanceLine(1).Copy()             // opcode 255: (255 - 13) / 14 = 17 operations of 4 bytes
            .FixedAdvancePc(6).AdvanceLine(1).Copy()        // bytes, not operations
            .AdvancePc(1).EndSequence()
            .Unit());

        Assert.Equal("a.c:1", Find(table, 0x1043));
        Assert.Equal("a.c:2", Find(table, 0x1044));
        Assert.Equal("a.c:3", Find(table, 0x104a));
        Assert.Equal("a.c:3", Find(table, 0x104d));
        Assert.Equal("", Find(table, 0x104e));
    }

    [Fact]
    public void Of_rows_at_one_address_the_last_counts_and_rows_that_step_back_are_put_in_order()
    {
        var table = LineTableBuilder.Read(new LineTableBuilder(3)
            .SetAddress(0x1000).Copy().AdvanceLine(1).Copy()
            .AdvancePc(0x20).AdvanceLine(1).Copy()
            .AdvancePc(ulong.MaxValue - 0x0f).AdvanceLine(1).Copy() // 16 bytes back
            .AdvancePc(0x30).EndSequence()
            .Unit());

        Assert.Equal("a.c:2", Find(table, 0x1000));
        Assert.Equal("a.c:4", Find(table, 0x1010));
        Assert.Equal("a.c:3", Find(table, 0x1020));
    }

    [Fact]
    public void Sequences_of_removed_functions_hide_nothing()
    {
        var table = LineTableBuilder.Read(
            new LineTableBuilder(4).SetAddress(0).Copy().AdvancePc(0x10_0000).EndSequence()
                .SetAddress(0x1000).AdvanceLine(6).Copy().AdvancePc(0x10).EndSequence().Unit(),
            new LineTableBuilder(5).SetAddress(0x2000).SetFile(2).Copy().AdvancePc(0x10).EndSequence().Unit());

        Assert.Equal("a.c:7", Find(table, 0x1008));
        Assert.Equal("b.h:1", Find(table, 0x2008));
    }

    [Fact]
    public void Files_that_a_program_defines_follow_those_of_its_header()
    {
        var table = LineTableBuilder.Read(new LineTableBuilder(2)
            .DefineFile("/gen/c.inc")
            .SetAddress(0x1000).SetFile(3).Copy().AdvancePc(4).EndSequence()
            .SetAddress(0x2000).SetFile(4).Copy().AdvancePc(4).EndSequence()
            .Unit());

        Assert.Equal("c.inc:1", Find(table, 0x1000));
        Assert.Equal("", Find(table, 0x2000));
    }

    [Fact]
    public void A_bad_unit_costs_its_own_lines_and_is_counted()
    {
        byte[] good = new LineTableBuilder(5).SetAddress(0x1000).Copy().AdvancePc(4).EndSequence().Unit();
        var table = LineTableBuilder.Read(
            new LineTableBuilder(4) { LineRangeInHeader = 0 }.SetAddress(0x1000).Copy().EndSequence().Unit(),
            new LineTableBuilder(6).Unit(),
            good);

        Assert.Equal(2, table.BadUnits);
        Assert.Equal("a.c:1", Find(table, 0x1000));
    }

    [Fact]
    public void Tables_cut_at_any_byte_or_damaged_are_read_or_counted_but_never_break_the_reader()
    {
        byte[] whole = [.. Enumerable.Range(2, 4).SelectMany(version => new LineTableBuilder(version)
            .SetAddress((ulong)version << 12).Noise().Copy().Special(3, 1).SetFile(2).ConstAddPc().Copy().AdvancePc(9).EndSequence()
            .Unit())];
        int found = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            found += Sweep(whole[..length]);
        }

        var random = new Random(20260802);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] damaged = [.. whole];
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            found += Sweep(damaged);
        }

        Assert.True(found > 10_000, $"only {found} lines found: the damage hits something else than meant");
    }

    private static int Sweep(byte[] lines)
    {
        int found = 0;
        var table = LineTable.Read(LineTableBuilder.Sections(lines));
        for (ulong address = 0x1fff; address < 0x6000; address += 0x101)
        {
            found += table.TryFind(address, out _, out _) ? 1 : 0;
        }

        for (ulong version = 2; version <= 5; version++)
        {
            found += table.TryFind(version << 12, out _, out _) ? 1 : 0;
        }

        return found;
    }

    private static string Find(LineTable table, ulong address) =>
        table.TryFind(address, out string file, out uint line) ? $"{Path.GetFileName(file)}:{line}" : "";
}
