using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Tests.Elf;
using Xunit;

namespace Viperf.Tests.Dwarf;

/// <summary>
/// Damaged debug information ends in names and lines or in parse errors, in nothing else; what leads a reader to the same bytes
/// again and again ends too. A test of the latter that hangs has failed.
/// </summary>
public class HostileDebugInfoTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public void Sections_cut_after_any_byte_lose_what_lay_behind(int version)
    {
        int found = 0;
        foreach (string section in DebugInfoBuilder.SectionNames)
        {
            byte[] whole = DebugInfoFiles.Ordinary(version).Section(section);
            for (int length = 0; length < whole.Length; length++)
            {
                found += Sweep(DebugInfoFiles.Ordinary(version).Replace(section, whole[..length]).Sections(), null);
            }
        }

        Assert.True(found > 100, $"only {found} addresses found: the damage hits something else than meant");
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    [InlineData(5, 4)]
    public void Bytes_changed_at_random_never_break_the_reader(int version, int seed)
    {
        var file = DebugInfoFiles.Ordinary(version, is64BitFormat: version is 3);
        Assert.True(Damage(seed, 1500, [file], damaged => Sweep(damaged[0], null)) > 1500);
    }

    [Theory]
    [InlineData(4, false, 5)]
    [InlineData(5, false, 6)]
    [InlineData(4, true, 7)]
    [InlineData(5, true, 8)]
    public void Bytes_of_split_units_changed_at_random_never_break_the_reader(int version, bool isPackage, int seed)
    {
        var (skeleton, rest) = DebugInfoFiles.Split(version);
        var other = isPackage ? DebugPackageBuilder.Build(version, (DebugInfoFiles.SplitId, rest)) : rest;
        Assert.True(Damage(seed, 1000, [skeleton, other], damaged => Sweep(damaged[0], damaged[1])) > 1000);
    }

    [Fact]
    public void A_list_that_is_cut_short_leaves_what_it_told_before()
    {
        var file = new DebugInfoBuilder(5);
        ulong list = file.RangeList(static entries => entries.U8(7).U64(0x1000).Uleb(0x10).U8(99));
        file.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), file.HighPc(0x1000, 0x1100))
            .Entry(DwarfTag.Subprogram, false, Name("f"), new Value(DwarfAttribute.Ranges, DwarfForm.RangeListIndex, list))
            .End().EndUnit();
        var info = DebugInfo.Open(file.Sections());

        Assert.Equal("f :0", DebugInfoTests.Find(info, 0x1000));
        Assert.Equal(1, info.BadUnits);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Many_entries_that_lead_to_one_long_list_of_ranges_end(int version)
    {
        const int Many = 50_000;
        var file = new DebugInfoBuilder(version);

        // Ranges of nothing, which would not even be kept.
        var ranges = version < 5
            ? new Value(DwarfAttribute.Ranges, file.OffsetForm, file.Ranges([.. Enumerable.Repeat((8UL, 8UL), Many)]))
            : new Value(DwarfAttribute.Ranges, DwarfForm.RangeListIndex, file.RangeList(static list =>
                list.Bytes([.. Enumerable.Repeat<byte[]>([4, 8, 8], Many).SelectMany(static entry => entry)])));
        file.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), file.HighPc(0x1000, 0x1100))
            .Entry(DwarfTag.Subprogram, false, Name("f"), Low(0x1000), file.HighPc(0x1000, 0x1100))
            .Entry(DwarfTag.Subprogram, "again", false, ranges);
        byte[] info = file.Section("info");
        byte[] entry = info[(int)file.OffsetOf("again")..];
        for (int i = 0; i < Many; i++)
        {
            file.Padding(entry);
        }

        var opened = DebugInfo.Open(file.End().EndUnit().Sections());
        Assert.Equal("f :0", DebugInfoTests.Find(opened, 0x1000));
        Assert.Equal(1, opened.BadUnits);
    }

    [Fact]
    public void Many_units_that_lead_to_one_long_table_of_abbreviations_end()
    {
        const int Many = 20_000;
        byte[] table = [.. Enumerable.Range(2, 100_000).SelectMany(static code => new ByteList().Uleb((ulong)code).U8(0x2e).U8(0).U8(0).U8(0).ToArray())];
        var units = new ByteList();
        for (int i = 0; i < Many; i++)
        {
            units.U32(8).U16(4).U32((uint)(i * 5)).U8(8).U8(1); // an abbreviation that no table has
        }

        var info = DebugInfo.Open(new DebugInfoBuilder(4).Replace("info", units.ToArray()).Replace("abbrev", table).Sections());
        Assert.Equal(Many, info.BadUnits);
    }

    [Fact]
    public void Many_skeletons_of_one_unit_end()
    {
        const int Many = 3000;
        var rest = new DebugInfoBuilder(5);
        rest.Unit(DebugInfoBuilder.SplitUnit, 7).Entry(DwarfTag.CompileUnit, true);
        for (int i = 0; i < 1 << 20; i++)
        {
            rest.End();
        }

        rest.EndUnit();
        var file = new DebugInfoBuilder(5);
        for (ulong low = 1; low <= Many; low++)
        {
            file.Unit(DebugInfoBuilder.SkeletonUnit, 7).Entry(
                DwarfTag.SkeletonUnit, false, Low(low * 16), file.HighPc(0, 16), new Value(DwarfAttribute.SplitName, DwarfForm.String, Text: "a.dwo")).EndUnit();
        }

        var sections = rest.Sections();
        var info = DebugInfo.Open(file.Sections(), (_, _) => sections);
        for (ulong low = 1; low <= Many; low++)
        {
            info.TryFind(low * 16, []);
        }

        Assert.InRange(info.BadUnits, Many - Limits.UnitReadings, Many - 1);
    }

    [Fact]
    public void Entries_in_entries_and_attributes_have_limits()
    {
        var deep = new DebugInfoBuilder(4);
        deep.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), deep.HighPc(0, 0x10)).Entry((DwarfTag)0x0b, "block", true);
        byte[] block = deep.Section("info")[(int)deep.OffsetOf("block")..];
        for (int i = 0; i < Limits.EntryDepth; i++)
        {
            deep.Padding(block);
        }

        var wide = new DebugInfoBuilder(4);
        wide.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), wide.HighPc(0, 0x10))
            .Entry((DwarfTag)0x0b, false, [.. Enumerable.Repeat(new Value((DwarfAttribute)0x3fff, DwarfForm.FlagPresent), Limits.EntryAttributes + 1)])
            .End().EndUnit();
        foreach (var file in (DebugInfoBuilder[])[deep.EndUnit(), wide])
        {
            var info = DebugInfo.Open(file.Sections());
            Assert.False(info.TryFind(0x1000, []));
            Assert.Equal(1, info.BadUnits);
        }
    }

    /// <summary>Reads files of which some bytes were changed; returns the sum of what that found.</summary>
    private static int Damage(int seed, int rounds, DebugInfoBuilder[] files, Func<DebugSections[], int> read)
    {
        var random = new Random(seed);
        var whole = files.Select(file => DebugInfoBuilder.SectionNames.ToDictionary(static name => name, file.Section)).ToArray();
        int found = 0;
        for (int round = 0; round < rounds; round++)
        {
            var damaged = whole.Select(static file => file.ToDictionary(static section => section.Key, static section => section.Value.ToArray())).ToArray();
            for (int change = random.Next(1, 4); change > 0;)
            {
                byte[] section = damaged[random.Next(damaged.Length)][DebugInfoBuilder.SectionNames[random.Next(DebugInfoBuilder.SectionNames.Length)]];
                if (section.Length != 0)
                {
                    section[random.Next(section.Length)] = random.Next(4) == 0 ? (byte)random.Next(8) : (byte)random.Next(256);
                    change--;
                }
            }

            found += read([.. damaged.Select(static file => new DebugSections("test", name => file[name]))]);
        }

        return found;
    }

    /// <summary>Looks up addresses in and around the functions; returns how many are known.</summary>
    private static int Sweep(DebugSections sections, DebugSections? rest)
    {
        List<SourceFrame> frames = [];
        int found = 0;
        try
        {
            var info = DebugInfo.Open(sections, (_, _) => rest);
            for (ulong address = 0xffe; address < 0x1210; address += 3)
            {
                found += info.TryFind(address, frames) ? 1 : 0;
            }
        }
        catch (ParseException)
        {
            // What callers say once and go on.
        }

        return found;
    }

    private static Value Low(ulong address) => new(DwarfAttribute.LowPc, DwarfForm.Address, address);

    private static Value Name(string text) => new(DwarfAttribute.Name, DwarfForm.String, Text: text);
}
