using Viperf.Formats.Dwarf;
using Viperf.Tests.Elf;
using Xunit;

namespace Viperf.Tests.Dwarf;

public class SplitDebugInfoTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void The_rest_of_a_unit_lies_in_the_file_that_it_names(int version)
    {
        var (skeleton, rest) = DebugInfoFiles.Split(version);
        List<string> asked = [];
        var info = DebugInfo.Open(skeleton.Sections(), (name, directory) =>
        {
            asked.Add($"{directory} {name}");
            return rest.Sections();
        });
        Assert.Empty(asked); // nobody wants to know yet

        Assert.Equal("main a.c:10", DebugInfoTests.Find(info, 0x1000));
        Assert.Equal("inner b.h:4 < _Zouter b.h:9 < main a.c:21", DebugInfoTests.Find(info, 0x1014));
        Assert.Equal("_Zouter b.h:4 < main a.c:21", DebugInfoTests.Find(info, 0x1018));
        Assert.Equal(["/build a.dwo"], asked);
        Assert.Equal(0, info.BadUnits);
        Assert.Empty(info.MissingSplitFiles);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_package_holds_the_rest_of_several_units(int version)
    {
        // Ids that meet in one slot of the index, and one that nobody asks for.
        (ulong Id, ulong Shift)[] units = [(0x12_0000_0008, 0), (0x22_0000_0000, 0x4000), (0x34_0000_0010, 0x8000), (3, 0xc000)];
        var files = units.Select(unit => (unit.Id, Parts: DebugInfoFiles.Split(version, unit.Id, unit.Shift))).ToArray();
        var package = DebugPackageBuilder.Build(version, [.. files.Select(file => (file.Id, file.Parts.Other))]);
        foreach (var (id, file) in files)
        {
            ulong shift = units.Single(unit => unit.Id == id).Shift;
            var info = DebugInfo.Open(file.Skeleton.Sections(), (_, _) => package.Sections());
            Assert.StartsWith("inner ", DebugInfoTests.Find(info, 0x1014 + shift));
            Assert.Equal(2, DebugInfoTests.Find(info, 0x1014 + shift).Count(static letter => letter == '<'));
            Assert.Equal(0, info.BadUnits);
        }

        var stranger = DebugInfo.Open(DebugInfoFiles.Split(version, 0x40_0000_0008).Skeleton.Sections(), (_, _) => package.Sections());
        Assert.Equal(" a.c:10", DebugInfoTests.Find(stranger, 0x1000));
        Assert.Equal(["a.dwo"], stranger.MissingSplitFiles);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Without_the_rest_a_unit_has_lines_and_the_file_is_said_to_be_missing(int version)
    {
        var (skeleton, _) = DebugInfoFiles.Split(version);
        foreach (var open in (SplitFileOpener?[])[null, (_, _) => null, (_, _) => DebugInfoFiles.Split(version, id: 5).Other.Sections(), (_, _) => new DebugInfoBuilder(version).Sections()])
        {
            var info = DebugInfo.Open(skeleton.Sections(), open);
            Assert.Equal(" a.c:10", DebugInfoTests.Find(info, 0x1000));
            Assert.Equal(["a.dwo"], info.MissingSplitFiles);
            Assert.Equal(0, info.BadUnits);
        }
    }

    [Fact]
    public void Types_may_lie_before_the_rest_of_a_unit()
    {
        var (skeleton, rest) = DebugInfoFiles.Split(5);
        var types = new DebugInfoBuilder(5);
        types.Unit(DebugInfoBuilder.TypeUnit).Entry(DwarfTag.TypeUnit, false).EndUnit();
        rest.Replace("info", [.. types.Section("info"), .. rest.Section("info")]);
        var info = DebugInfo.Open(skeleton.Sections(), (_, _) => rest.Sections());

        // References of the unit count from its own first byte, wherever that lies.
        Assert.Equal("inner b.h:4 < _Zouter b.h:9 < main a.c:21", DebugInfoTests.Find(info, 0x1014));
    }

    [Fact]
    public void Damage_in_the_other_file_is_counted_and_costs_no_lines()
    {
        var (skeleton, rest) = DebugInfoFiles.Split(5);
        byte[] info = rest.Section("info");
        foreach (var damaged in (DebugInfoBuilder[])
            [
                DebugInfoFiles.Split(5).Other.Replace("info", info[..20]),
                DebugInfoFiles.Split(5).Other.Replace("abbrev", []),
                DebugInfoFiles.Split(5).Other.Replace("cu_index", [1, 2, 3]),
                DebugInfoFiles.Split(5).Other.Replace("cu_index", new ByteList().U32(5).U32(4).U32(1).U32(3).Bytes(new byte[200]).ToArray()), // three slots
                DebugInfoFiles.Split(5).Other.Replace("cu_index", new ByteList().U32(5).U32(uint.MaxValue).U32(uint.MaxValue).U32(1u << 31).ToArray()),
            ])
        {
            var opened = DebugInfo.Open(skeleton.Sections(), (_, _) => damaged.Sections());
            Assert.Equal(" a.c:10", DebugInfoTests.Find(opened, 0x1000));
            Assert.Equal(1, opened.BadUnits);
            Assert.Empty(opened.MissingSplitFiles);
        }
    }
}
