using Viperf.Formats.Dwarf;
using Xunit;

namespace Viperf.Tests.Dwarf;

public class DebugInfoTests
{
    private const byte StartEnd = 6;
    private const byte BaseAddress = 5;

    [Theory]
    [InlineData(2, false, 8)]
    [InlineData(2, false, 4)]
    [InlineData(3, false, 8)]
    [InlineData(3, true, 8)]
    [InlineData(4, false, 4)]
    [InlineData(4, false, 8)]
    [InlineData(4, true, 8)]
    [InlineData(5, false, 4)]
    [InlineData(5, false, 8)]
    [InlineData(5, true, 8)]
    [InlineData(5, true, 4)]
    public void Every_version_format_and_address_size_tells_what_was_inlined(int version, bool is64BitFormat, int addressSize)
    {
        var info = DebugInfo.Open(DebugInfoFiles.Ordinary(version, is64BitFormat, addressSize).Sections());

        Assert.Equal("", Find(info, 0xfff));
        Assert.Equal("main a.c:10", Find(info, 0x1000));
        Assert.Equal("_Zouter b.h:4 < main a.c:21", Find(info, 0x1010));
        Assert.Equal("inner b.h:4 < _Zouter b.h:9 < main a.c:21", Find(info, 0x1014));
        Assert.Equal("_Zouter b.h:4 < main a.c:21", Find(info, 0x1018));
        Assert.Equal("inner b.h:4 < _Zouter b.h:9 < main a.c:21", Find(info, 0x1023));
        Assert.Equal("main b.h:4", Find(info, 0x1030));
        Assert.Equal(" b.h:4", Find(info, 0x1100)); // a line without a function
        Assert.Equal("", Find(info, 0x1200));
        Assert.Equal((0, 0), (info.BadUnits, info.BadNames));
    }

    [Theory]
    [InlineData((int)DwarfForm.String)]
    [InlineData((int)DwarfForm.String, true)]
    [InlineData((int)DwarfForm.StringOffset)]
    [InlineData((int)DwarfForm.StringOffset, true)]
    [InlineData((int)DwarfForm.LineString)]
    [InlineData((int)DwarfForm.StringIndex)]
    [InlineData((int)DwarfForm.StringIndex1)]
    [InlineData((int)DwarfForm.StringIndex2)]
    [InlineData((int)DwarfForm.StringIndex3)]
    [InlineData((int)DwarfForm.StringIndex4)]
    [InlineData((int)DwarfForm.StringIndex, true)]
    public void Names_are_read_in_every_form(int form, bool isIndirect = false)
    {
        foreach (bool is64BitFormat in (bool[])[false, true])
        {
            var file = new DebugInfoBuilder(5, is64BitFormat);
            file.Unit().Entry(DwarfTag.CompileUnit, true, new Value(DwarfAttribute.StringOffsetsBase, DwarfForm.SectionOffset, file.StringOffsetsBase))
                .Entry(
                    DwarfTag.Subprogram,
                    false,
                    new Value(DwarfAttribute.Name, (DwarfForm)form, Text: "before") { IsIndirect = isIndirect },
                    new Value(DwarfAttribute.LowPc, DwarfForm.Address, 0x500),
                    new Value(DwarfAttribute.HighPc, DwarfForm.Data1, 1))
                .Entry(
                    DwarfTag.Subprogram,
                    false,
                    new Value(DwarfAttribute.Name, (DwarfForm)form, Text: "grün") { IsIndirect = isIndirect },
                    new Value(DwarfAttribute.LowPc, DwarfForm.Address, 0x1000),
                    new Value(DwarfAttribute.HighPc, DwarfForm.UnsignedData, 0x10))
                .End().EndUnit();
            file.AddressRanges(0, (0x500, 0x1000));
            var info = DebugInfo.Open(file.Sections());

            Assert.Equal("grün :0", Find(info, 0x100f));
            Assert.Equal("before :0", Find(info, 0x500));
        }
    }

    [Theory]
    [InlineData((int)DwarfForm.Reference1)]
    [InlineData((int)DwarfForm.Reference2)]
    [InlineData((int)DwarfForm.Reference4)]
    [InlineData((int)DwarfForm.Reference8)]
    [InlineData((int)DwarfForm.ReferenceUnsigned)]
    [InlineData((int)DwarfForm.SectionReference)]
    public void Names_stand_at_the_end_of_references_of_every_form(int form)
    {
        foreach (int version in (int[])[2, 3, 4, 5])
        {
            var file = new DebugInfoBuilder(version);
            file.Unit().Entry(DwarfTag.CompileUnit, false).EndUnit(); // offsets of the section are not those of the unit
            file.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), file.HighPc(0x1000, 0x1010))
                .Entry(DwarfTag.Subprogram, "declaration", false, Text(DwarfAttribute.LinkageName, "_Zf"), Text(DwarfAttribute.Name, "f"))
                .Entry(DwarfTag.Subprogram, "abstract", false, new Value(DwarfAttribute.Specification, (DwarfForm)form, Label: "declaration"))
                .Entry(
                    DwarfTag.Subprogram, false, new Value(DwarfAttribute.AbstractOrigin, (DwarfForm)form, Label: "abstract"), Low(0x1000), file.HighPc(0x1000, 0x1010))
                .End().EndUnit();

            Assert.Equal("_Zf :0", Find(DebugInfo.Open(file.Sections()), 0x1000));
        }
    }

    [Theory]
    [InlineData(4, (int)DwarfForm.GnuAlternativeReference, (int)DwarfForm.GnuAlternativeString)]
    [InlineData(5, (int)DwarfForm.SupplementaryReference4, (int)DwarfForm.SupplementaryString)]
    [InlineData(5, (int)DwarfForm.SupplementaryReference8, (int)DwarfForm.SupplementaryString)]
    public void Names_lie_in_a_supplementary_file(int version, int reference, int text)
    {
        var shared = new DebugInfoBuilder(version);
        ulong outer = shared.StringOffset("outer");
        shared.Unit(DebugInfoBuilder.PartialUnit).Entry(DwarfTag.PartialUnit, true)
            .Entry(DwarfTag.Subprogram, "inner", false, new Value(DwarfAttribute.Name, DwarfForm.StringOffset, Text: "inner"))
            .End().EndUnit();
        var file = new DebugInfoBuilder(version);
        file.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), file.HighPc(0x1000, 0x1100))
            .Entry(DwarfTag.Subprogram, true, new Value(DwarfAttribute.Name, (DwarfForm)text, outer), Low(0x1000), file.HighPc(0x1000, 0x1100))
            .Entry(
                DwarfTag.InlinedSubroutine,
                false,
                new Value(DwarfAttribute.AbstractOrigin, (DwarfForm)reference, shared.OffsetOf("inner")),
                Low(0x1010),
                file.HighPc(0x1010, 0x1020))
            .End().End().EndUnit();

        Assert.Equal("inner :0 < outer :0", Find(DebugInfo.Open(file.Sections(shared.Sections())), 0x1010));
        var alone = DebugInfo.Open(file.Sections());
        Assert.Equal(" :0 <  :0", Find(alone, 0x1010));
        Assert.Equal(0, alone.BadNames);
        var damaged = DebugInfo.Open(file.Sections(shared.Replace("abbrev", []).Sections()));
        Assert.Equal(" :0 < outer :0", Find(damaged, 0x1010));
        Assert.Equal((1, 1), (damaged.BadUnits, damaged.BadNames));
    }

    [Fact]
    public void Partial_units_hold_what_others_inline()
    {
        var file = new DebugInfoBuilder(4);
        file.Unit().Entry(DwarfTag.PartialUnit, true).Entry(DwarfTag.Subprogram, "f", false, Text(DwarfAttribute.Name, "f")).End().EndUnit();
        file.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), file.HighPc(0x1000, 0x1010))
            .Entry(DwarfTag.Subprogram, false, new Value(DwarfAttribute.AbstractOrigin, DwarfForm.SectionReference, Label: "f"), Low(0x1000), file.HighPc(0x1000, 0x1010))
            .End().EndUnit();

        Assert.Equal("f :0", Find(DebugInfo.Open(file.Sections()), 0x1008));
    }

    [Fact]
    public void Every_entry_of_a_list_of_ranges_is_understood()
    {
        var file = new DebugInfoBuilder(5);
        ulong first = file.AddressIndex(0x1000);
        ulong second = file.AddressIndex(0x2000);
        ulong list = file.RangeList(entries => entries
            .U8(1).Uleb(second) // base_addressx
            .U8(4).Uleb(0x10).Uleb(0x20) // offset_pair
            .U8(2).Uleb(first).Uleb(second) // startx_endx
            .U8(3).Uleb(second).Uleb(0x8) // startx_length
            .U8(BaseAddress).U64(0x3000)
            .U8(4).Uleb(0x10).Uleb(0x20)
            .U8(StartEnd).U64(0x4000).U64(0x4004)
            .U8(7).U64(0x5000).Uleb(5)); // start_length
        foreach (var ranges in (Value[])
            [
                new(DwarfAttribute.Ranges, DwarfForm.RangeListIndex, list),
                new(DwarfAttribute.Ranges, DwarfForm.SectionOffset, file.RangeListOffset(list)),
            ])
        {
            file.Unit().Entry(
                DwarfTag.CompileUnit,
                true,
                new Value(DwarfAttribute.AddressBase, DwarfForm.SectionOffset, file.AddressBase),
                new Value(DwarfAttribute.RangeListsBase, DwarfForm.SectionOffset, file.RangeListsBase),
                ranges)
                .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "f"), ranges)
                .End().EndUnit();
        }

        var info = DebugInfo.Open(file.Sections());
        ulong[] inside = [0x2010, 0x201f, 0x1000, 0x1fff, 0x2000, 0x2007, 0x3010, 0x301f, 0x4000, 0x4003, 0x5000, 0x5004];
        ulong[] outside = [0x0fff, 0x2008, 0x200f, 0x2020, 0x300f, 0x3020, 0x3fff, 0x4004, 0x5005];
        Assert.All(inside, address => Assert.Equal("f :0", Find(info, address)));
        Assert.All(outside, address => Assert.Equal("", Find(info, address)));
        Assert.Equal(0, info.BadUnits);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Ranges_count_from_their_unit_or_from_a_base_of_their_own(int version)
    {
        var file = new DebugInfoBuilder(version);
        ulong offset = file.Ranges((0x10, 0x20), (ulong.MaxValue, 0x5000), (0x10, 0x20));
        file.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), new Value(DwarfAttribute.Ranges, file.OffsetForm, offset))
            .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "f"), new Value(DwarfAttribute.Ranges, file.OffsetForm, offset))
            .End().EndUnit();
        var info = DebugInfo.Open(file.Sections());

        Assert.All([0x1010UL, 0x101fUL, 0x5010UL, 0x501fUL], address => Assert.Equal("f :0", Find(info, address)));
        Assert.All([0x10UL, 0x100fUL, 0x1020UL, 0x5020UL], address => Assert.Equal("", Find(info, address)));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void Functions_that_the_linker_removed_hide_nothing(ulong removed)
    {
        var file = new DebugInfoBuilder(5);
        ulong list = file.RangeList(entries => entries
            .U8(BaseAddress).U64(removed).U8(4).Uleb(0x1005).Uleb(0x1009)
            .U8(StartEnd).U64(removed).U64(removed + 0x4000)
            .U8(7).U64(removed).Uleb(0x4000));
        file.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), file.HighPc(0x1000, 0x1010))
            .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "kept"), Low(0x1000), file.HighPc(0x1000, 0x1010))
            .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "removed"), new Value(DwarfAttribute.Ranges, DwarfForm.RangeListIndex, list))
            .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "removed too"), Low(removed), file.HighPc(0, 0x4000))
            .End().EndUnit();

        var info = DebugInfo.Open(file.Sections());
        Assert.Equal("kept :0", Find(info, 0x1000));
        Assert.Equal("kept :0", Find(info, 0x1006));
    }

    [Theory]
    [InlineData(5, (int)DwarfForm.AddressIndex)]
    [InlineData(5, (int)DwarfForm.AddressIndex1)]
    [InlineData(5, (int)DwarfForm.AddressIndex2)]
    [InlineData(5, (int)DwarfForm.AddressIndex3)]
    [InlineData(5, (int)DwarfForm.AddressIndex4)]
    [InlineData(4, (int)DwarfForm.GnuAddressIndex)]
    public void Addresses_are_numbers_in_every_form(int version, int form)
    {
        var file = new DebugInfoBuilder(version);
        file.AddressIndex(0x7777);
        var low = new Value(DwarfAttribute.LowPc, (DwarfForm)form, file.AddressIndex(0x1000));
        var addresses = new Value(version >= 5 ? DwarfAttribute.AddressBase : DwarfAttribute.GnuAddressBase, DwarfForm.SectionOffset, file.AddressBase);
        file.Unit().Entry(DwarfTag.CompileUnit, true, low, file.HighPc(0, 0x10), addresses)
            .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "f"), low, file.HighPc(0, 0x10))
            .End().EndUnit();

        Assert.Equal("f :0", Find(DebugInfo.Open(file.Sections()), 0x100f));
        Assert.Equal("", Find(DebugInfo.Open(file.Sections()), 0x1010));
    }

    [Fact]
    public void Values_that_nobody_needs_are_stepped_over_in_every_form()
    {
        const DwarfAttribute Other = (DwarfAttribute)0x3fff;
        var file = new DebugInfoBuilder(5);
        DwarfForm[] forms =
        [
            DwarfForm.Block, DwarfForm.Block1, DwarfForm.Block2, DwarfForm.Block4, DwarfForm.Expression, DwarfForm.Data16, DwarfForm.Flag,
            DwarfForm.FlagPresent, DwarfForm.Signature, DwarfForm.LocationListIndex, DwarfForm.SignedData, DwarfForm.ImplicitConstant,
            DwarfForm.Data1, DwarfForm.Data2, DwarfForm.Data8, DwarfForm.SupplementaryReference4, DwarfForm.SupplementaryReference8,
        ];
        Value[] others = [.. forms.Select(form => new Value(Other, form, 5)), .. forms.Where(form => form != DwarfForm.ImplicitConstant).Select(form => new Value(Other, form, 3) { IsIndirect = true })];
        file.Unit().Entry(DwarfTag.CompileUnit, true, [.. others, Low(0x1000), file.HighPc(0x1000, 0x1010)])
            .Entry((DwarfTag)0x4444, true, others).Entry(DwarfTag.CallSite, false, others)
            .Entry(DwarfTag.Subprogram, false, [.. others, Text(DwarfAttribute.Name, "f"), Low(0x1000), file.HighPc(0x1000, 0x1010)])
            .End().End().EndUnit();

        Assert.Equal("f :0", Find(DebugInfo.Open(file.Sections()), 0x1000));
    }

    [Fact]
    public void Functions_in_types_blocks_and_functions_are_found_and_siblings_are_not_lost()
    {
        foreach (ulong language in (ulong[])[0x0c, 0x1c]) // C99, Rust
        {
            bool isC = language == 0x0c;
            var file = new DebugInfoBuilder(4);
            file.Unit().Entry(DwarfTag.CompileUnit, true, new Value(DwarfAttribute.Language, DwarfForm.Data1, language), Low(0x1000), file.HighPc(0x1000, 0x2000))
                .Entry(DwarfTag.StructureType, true, new Value(DwarfAttribute.Sibling, DwarfForm.Reference4, Label: "behind"))
                .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "method"), Low(0x1000), file.HighPc(0x1000, 0x1010))
                .End()
                .Entry(DwarfTag.Subprogram, "behind", true, Text(DwarfAttribute.Name, "outer"), Low(0x1100), file.HighPc(0x1100, 0x1200))
                .Entry((DwarfTag)0x0b, true) // a lexical block without addresses
                .Entry(DwarfTag.InlinedSubroutine, true, new Value(DwarfAttribute.CallLine, DwarfForm.Data1, 7)) // whose code is gone
                .Entry(DwarfTag.InlinedSubroutine, false, Text(DwarfAttribute.Name, "inlined"), Low(0x1110), file.HighPc(0x1110, 0x1120))
                .End().End()
                .Entry(DwarfTag.Subprogram, true, Text(DwarfAttribute.Name, "nested"), Low(0x1300), file.HighPc(0x1300, 0x1400))
                .Entry(DwarfTag.InlinedSubroutine, false, Text(DwarfAttribute.Name, "deep"), Low(0x1310), file.HighPc(0x1310, 0x1320))
                .End().End()
                .Entry(DwarfTag.Subprogram, true, Text(DwarfAttribute.Name, "declared"), new Value(DwarfAttribute.Sibling, DwarfForm.Reference4, Label: "last"))
                .Entry((DwarfTag)0x05, false).End()
                .Entry(DwarfTag.Subprogram, "last", false, Text(DwarfAttribute.Name, "last"), Low(0x1500), file.HighPc(0x1500, 0x1510))
                .End().EndUnit();
            var info = DebugInfo.Open(file.Sections());

            Assert.Equal(isC ? "" : "method :0", Find(info, 0x1000));
            Assert.Equal("outer :0", Find(info, 0x1100));
            Assert.Equal("inlined :0 < outer :0", Find(info, 0x1110));
            Assert.Equal("nested :0", Find(info, 0x1300));
            Assert.Equal("deep :0 < nested :0", Find(info, 0x1310));
            Assert.Equal("last :0", Find(info, 0x1500));
        }
    }

    [Fact]
    public void The_line_of_a_call_may_stand_in_the_abbreviation()
    {
        var file = new DebugInfoBuilder(5);
        file.Unit().Entry(
            DwarfTag.CompileUnit, true, Low(0x1000), file.HighPc(0x1000, 0x1100), new Value(DwarfAttribute.LineProgram, DwarfForm.SectionOffset, file.Lines(DebugInfoFiles.Lines(5))))
            .Entry(DwarfTag.Subprogram, true, Text(DwarfAttribute.Name, "f"), Low(0x1000), file.HighPc(0x1000, 0x1100))
            .Entry(
                DwarfTag.InlinedSubroutine,
                false,
                Text(DwarfAttribute.Name, "g"),
                Low(0x1000),
                file.HighPc(0x1000, 0x1100),
                new Value(DwarfAttribute.CallFile, DwarfForm.ImplicitConstant, 2),
                new Value(DwarfAttribute.CallLine, DwarfForm.ImplicitConstant, 300))
            .End().End().EndUnit();

        // Both cover the same addresses: the one that lies in the other is the inner one.
        Assert.Equal("g a.c:10 < f b.h:300", Find(DebugInfo.Open(file.Sections()), 0x1000));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void A_table_tells_of_addresses_that_units_do_not_list(int addressSize)
    {
        foreach (bool is64BitFormat in (bool[])[false, true])
        {
            var file = new DebugInfoBuilder(3, is64BitFormat, addressSize);
            file.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), file.HighPc(0x1000, 0x1010))
                .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "f"), Low(0x1000), file.HighPc(0x1000, 0x1010))
                .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "g"), Low(0x3000), file.HighPc(0x3000, 0x3010))
                .End().EndUnit();
            Assert.Equal("", Find(DebugInfo.Open(file.Sections()), 0x3000));

            file.AddressRanges(7, (0x1000, 0x4000)).AddressRanges(0, (0x1000, 0x10), (0x3000, 0x10));
            var info = DebugInfo.Open(file.Sections());
            Assert.Equal("g :0", Find(info, 0x3000));
            Assert.Equal("f :0", Find(info, 0x1000));
            Assert.Equal("", Find(info, 0x2000));
            Assert.Equal(0, info.BadUnits);
        }
    }

    [Fact]
    public void Lines_of_no_unit_are_found()
    {
        var file = new DebugInfoBuilder(4);
        file.Lines(new LineTableBuilder(4).SetAddress(0x9000).AdvanceLine(4).Copy().AdvancePc(8).EndSequence());
        ulong lines = file.Lines(DebugInfoFiles.Lines(4));
        file.Unit().Entry(DwarfTag.CompileUnit, false, Low(0x1000), file.HighPc(0x1000, 0x1010), new Value(DwarfAttribute.LineProgram, file.OffsetForm, lines)).EndUnit();
        var info = DebugInfo.Open(file.Sections());

        Assert.Equal(" a.c:5", Find(info, 0x9000));
        Assert.Equal(" a.c:10", Find(info, 0x1000));
        Assert.Equal("", Find(info, 0x8000));
    }

    [Fact]
    public void A_bad_unit_costs_itself_and_is_counted()
    {
        var file = new DebugInfoBuilder(4);
        void Function(string name, ulong low) => file.Unit().Entry(DwarfTag.CompileUnit, true, Low(low), file.HighPc(low, low + 0x10))
            .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, name), Low(low), file.HighPc(low, low + 0x10))
            .End().EndUnit();
        Function("f", 0x1000);
        file.Padding(0, 0, 0, 0); // a unit without a byte
        file.Padding(2, 0, 0, 0, 4, 0); // one cut short in its header
        file.Unit(versionInHeader: 9).Entry(DwarfTag.CompileUnit, false).EndUnit(); // of a version to come: nothing to count
        file.Unit().Entry(DwarfTag.CompileUnit, false, new Value(DwarfAttribute.Name, DwarfForm.Block4, 3)).EndUnit(); // fine
        file.Padding(9, 0, 0, 0, 4, 0, 0xff, 0xff, 0, 0, 8, 1, 0); // abbreviations beyond the section
        Function("g", 0x2000);
        var info = DebugInfo.Open(file.Sections());

        Assert.Equal("f :0", Find(info, 0x1000));
        Assert.Equal("g :0", Find(info, 0x2000));
        Assert.Equal(3, info.BadUnits);
    }

    [Fact]
    public void Names_that_cannot_be_read_are_counted_and_loops_end()
    {
        var file = new DebugInfoBuilder(4);
        file.Unit().Entry(DwarfTag.CompileUnit, true, Low(0x1000), file.HighPc(0x1000, 0x1030))
            .Entry(DwarfTag.Subprogram, "loop", false, new Value(DwarfAttribute.AbstractOrigin, DwarfForm.Reference4, Label: "loop"), Low(0x1000), file.HighPc(0x1000, 0x1010))
            .Entry(DwarfTag.Subprogram, false, new Value(DwarfAttribute.AbstractOrigin, DwarfForm.Reference4, 0xffffff), Low(0x1010), file.HighPc(0x1010, 0x1020))
            .Entry(DwarfTag.Subprogram, false, Text(DwarfAttribute.Name, "known"), new Value(DwarfAttribute.AbstractOrigin, DwarfForm.SectionReference, 0xffffff), Low(0x1020), file.HighPc(0x1020, 0x1030))
            .End().EndUnit();
        var info = DebugInfo.Open(file.Sections());

        Assert.Equal(" :0", Find(info, 0x1000));
        Assert.Equal(0, info.BadNames);
        Assert.Equal(" :0", Find(info, 0x1010));
        Assert.Equal(" :0", Find(info, 0x1010));
        Assert.Equal(1, info.BadNames);
        Assert.Equal("known :0", Find(info, 0x1020));
        Assert.Equal(1, info.BadNames); // there is a name, though not the linker's
    }

    internal static string Find(DebugInfo info, ulong address)
    {
        List<SourceFrame> frames = [];
        bool found = info.TryFind(address, frames);
        Assert.Equal(frames.Count != 0, found);
        return string.Join(" < ", frames.Select(static frame => $"{frame.Function} {Path.GetFileName(frame.File)}:{frame.Line}"));
    }

    private static Value Low(ulong address) => new(DwarfAttribute.LowPc, DwarfForm.Address, address);

    private static Value Text(DwarfAttribute name, string text) => new(name, DwarfForm.String, Text: text);
}
