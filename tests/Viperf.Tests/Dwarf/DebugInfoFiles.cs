using Viperf.Formats.Dwarf;

namespace Viperf.Tests.Dwarf;

/// <summary>Files with debug information that several tests look at.</summary>
internal static class DebugInfoFiles
{
    public const ulong SplitId = 0x1122334455667788;

    /// <summary>a.c:10 from 0x1000, b.h:4 from 0x1010 to 0x1200.</summary>
    public static LineTableBuilder Lines(int version) => new LineTableBuilder(version)
        .SetAddress(0x1000).AdvanceLine(9).Copy()
        .SetFile(2).AdvancePc(0x10).AdvanceLine(-6).Copy()
        .AdvancePc(0x1f0).EndSequence();

    /// <summary>
    /// One unit: main (0x1000 to 0x1100), into which _Zouter was inlined (0x1010 to 0x1030) and into that inner (four bytes at
    /// 0x1014 and 0x1020).
    /// </summary>
    public static DebugInfoBuilder Ordinary(int version, bool is64BitFormat = false, int addressSize = 8)
    {
        var file = new DebugInfoBuilder(version, is64BitFormat, addressSize);
        var lines = new Value(DwarfAttribute.LineProgram, file.OffsetForm, file.Lines(Lines(version)));
        file.Unit().Entry(
            DwarfTag.CompileUnit,
            true,
            new Value(DwarfAttribute.Language, DwarfForm.Data1, 4),
            lines,
            new Value(DwarfAttribute.CompilationDirectory, DwarfForm.String, Text: "/build"),
            new Value(DwarfAttribute.LowPc, DwarfForm.Address, 0x1000),
            file.HighPc(0x1000, 0x1200));
        return Functions(file, new Value(DwarfAttribute.LowPc, DwarfForm.Address, 0x1000), file.RangesOf((0x10, 0x30)), file.RangesOf((0x14, 0x18), (0x20, 0x24)))
            .End().EndUnit();
    }

    /// <summary>A skeleton and the rest of its unit, which is the one of <see cref="Ordinary"/>.</summary>
    public static (DebugInfoBuilder Skeleton, DebugInfoBuilder Other) Split(int version, ulong id = SplitId, ulong shift = 0)
    {
        var skeleton = new DebugInfoBuilder(version);
        skeleton.AddressIndex(0xbad); // so that numbers differ from offsets
        ulong low = skeleton.AddressIndex(0x1000 + shift);
        bool isStandard = version >= 5;
        List<Value> root =
        [
            new(DwarfAttribute.LowPc, DwarfForm.Address, 0x1000 + shift),
            skeleton.HighPc(0, 0x200),
            new(DwarfAttribute.LineProgram, DwarfForm.SectionOffset, skeleton.Lines(Lines(version))),
            new(DwarfAttribute.CompilationDirectory, DwarfForm.String, Text: "/build"),
            new(isStandard ? DwarfAttribute.SplitName : DwarfAttribute.GnuSplitName, DwarfForm.String, Text: "a.dwo"),
            new(isStandard ? DwarfAttribute.AddressBase : DwarfAttribute.GnuAddressBase, DwarfForm.SectionOffset, skeleton.AddressBase),
        ];
        var rest = new DebugInfoBuilder(version);
        rest.StringOffset("not the first");
        Value outer;
        Value inner;
        if (isStandard)
        {
            (outer, inner) = (rest.RangesOf((0x10, 0x30)), rest.RangesOf((0x14, 0x18), (0x20, 0x24)));
            skeleton.Unit(DebugInfoBuilder.SkeletonUnit, id).Entry(DwarfTag.SkeletonUnit, false, [.. root]).EndUnit();
            rest.Unit(DebugInfoBuilder.SplitUnit, id).Entry(DwarfTag.CompileUnit, true, new Value(DwarfAttribute.Language, DwarfForm.Data1, 4));
        }
        else
        {
            skeleton.Ranges((0x1, 0x2));
            outer = new(DwarfAttribute.Ranges, DwarfForm.SectionOffset, skeleton.Ranges((0x10, 0x30)) - 8); // from a base of eight bytes
            inner = new(DwarfAttribute.Ranges, DwarfForm.SectionOffset, skeleton.Ranges((0x14, 0x18), (0x20, 0x24)) - 8);
            root.Add(new(DwarfAttribute.GnuRangesBase, DwarfForm.SectionOffset, 8));
            root.Add(new(DwarfAttribute.GnuSplitId, DwarfForm.Data8, id));
            skeleton.Unit().Entry(DwarfTag.CompileUnit, false, [.. root]).EndUnit();
            rest.Unit().Entry(DwarfTag.CompileUnit, true, new Value(DwarfAttribute.GnuSplitId, DwarfForm.Data8, id));
        }

        var lowPc = new Value(DwarfAttribute.LowPc, isStandard ? DwarfForm.AddressIndex : DwarfForm.GnuAddressIndex, low);
        Functions(rest, lowPc, outer, inner, isStandard ? DwarfForm.StringIndex : DwarfForm.GnuStringIndex).End().EndUnit();
        return (skeleton, rest);
    }

    /// <summary>Adds the functions below a unit's own entry.</summary>
    /// <param name="file">A file whose unit's own entry was added last.</param>
    /// <param name="low">0x1000, in the form wanted.</param>
    /// <param name="outerRanges">Those of the function that was inlined into main.</param>
    /// <param name="innerRanges">Those of the function that was inlined into that.</param>
    /// <param name="text">The form of the names.</param>
    private static DebugInfoBuilder Functions(
        DebugInfoBuilder file, Value low, Value outerRanges, Value innerRanges, DwarfForm text = DwarfForm.StringOffset) => file
        .Entry((DwarfTag)0x39, true, new Value(DwarfAttribute.Name, text, Text: "space"))
        .Entry(DwarfTag.Subprogram, "outer", false, new Value(DwarfAttribute.Name, text, Text: "outer"), new Value(DwarfAttribute.MipsLinkageName, text, Text: "_Zouter"))
        .End()
        .Entry(DwarfTag.Subprogram, "inner", false, new Value(DwarfAttribute.Name, text, Text: "inner"))
        .Entry(DwarfTag.Subprogram, "abstract", false, new Value(DwarfAttribute.Specification, DwarfForm.Reference4, Label: "outer"))
        .Entry(DwarfTag.Subprogram, true, new Value(DwarfAttribute.Name, text, Text: "main"), low, file.HighPc(0x1000, 0x1100))
        .Entry(
            DwarfTag.InlinedSubroutine,
            true,
            new Value(DwarfAttribute.AbstractOrigin, DwarfForm.Reference4, Label: "abstract"),
            outerRanges,
            new Value(DwarfAttribute.CallFile, DwarfForm.Data1, 1),
            new Value(DwarfAttribute.CallLine, DwarfForm.Data1, 21))
        .Entry(
            DwarfTag.InlinedSubroutine,
            false,
            new Value(DwarfAttribute.AbstractOrigin, DwarfForm.ReferenceUnsigned, Label: "inner"),
            innerRanges,
            new Value(DwarfAttribute.CallFile, DwarfForm.UnsignedData, 2),
            new Value(DwarfAttribute.CallLine, DwarfForm.Data2, 9))
        .End().End();
}
