using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Elf;
using Viperf.Tests.Dwarf;
using Viperf.Tests.Elf;
using Viperf.Tests.Symbols;
using Xunit;

namespace Viperf.Tests.Pipeline;

/// <summary>Inlined functions of a file with debug information: what the symbolizer says of them, and stacks made anew with them.</summary>
public sealed class InlineExpansionTests : SymbolizedFiles
{
    [Theory]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(5, true)]
    public void The_functions_at_a_place_are_named_outermost_first_and_each_has_its_line(int version, bool compressed)
    {
        int module = Write(DebugInfoFiles.Ordinary(version), compressed);
        int frame = FrameAt(module, 0x1014);
        int[] functions = [.. Symbolizer.FunctionsAt(Profile, frame)];

        Assert.Equal(["_main_symbol", "_Zouter (inlined)", "inner (inlined)"], functions.Select(Title));
        Assert.Equal(["a.c:21", "b.h:9", "b.h:4"], functions.Select(Line));
        Assert.Equal("b.h:4", Line(frame)); // of the place as a whole: the line that runs
        Assert.Equal([1, 2, 3], functions.Select(function => (int)Profile.Frames[function].InlineLevel));
        Assert.Equal(functions, Symbolizer.FunctionsAt(Profile, frame).ToArray());

        Assert.True(Symbolizer.FunctionsAt(Profile, FrameAt(module, 0x1000)).IsEmpty); // nothing was inlined there
        Assert.Equal("a.c:10", Line(FrameAt(module, 0x1000)));
        Assert.True(Symbolizer.FunctionsAt(Profile, FrameAt(module, 0x1800)).IsEmpty);
        Assert.Null(Symbolizer.LineOf(Profile, FrameAt(module, 0x1800)));
        Assert.Empty(Symbolizer.Warnings);
    }

    [Fact]
    public void A_return_address_is_looked_up_where_the_call_is()
    {
        int module = Write(DebugInfoFiles.Ordinary(5));

        Assert.Equal(2, Symbolizer.FunctionsAt(Profile, FrameAt(module, 0x1014, isReturnAddress: true)).Length);
        Assert.Equal(3, Symbolizer.FunctionsAt(Profile, FrameAt(module, 0x1018, isReturnAddress: true)).Length);
    }

    [Fact]
    public void Stacks_have_inlined_functions_as_if_they_were_called_and_samples_are_kept()
    {
        int module = Write(DebugInfoFiles.Ordinary(4));
        int main = FrameAt(module, 0x1031, isReturnAddress: true);
        int caller = FrameAt(module, 0x1020, isReturnAddress: true);
        int leaf = FrameAt(module, 0x1021);
        int stack = Profile.Stacks.Intern(Profile.Stacks.Intern(Profile.Stacks.Intern(StackTable.Empty, main), caller), leaf);
        Profile.Samples.Add(new SampleKey(0, 1, 1, Profile.Comms.Intern("a"), -1, stack, StackEnd.Unknown, false), period: 7);
        Symbolizer.SymbolizeAll(Profile);
        InlineExpansion.Apply(Profile, Symbolizer);

        var key = Profile.Samples.KeyOf(0);
        List<string> titles = [];
        for (int node = key.Stack; node != StackTable.Empty; node = Profile.Stacks.ParentOf(node))
        {
            titles.Add(Title(Profile.Stacks.FrameOf(node)));
        }

        Assert.Equal(["inner (inlined)", "_Zouter (inlined)", "_main_symbol", "_Zouter (inlined)", "_main_symbol", "_main_symbol"], titles);
        Assert.Equal((1, 7UL), (Profile.Samples.Count, Profile.Samples.PeriodOf(0)));
    }

    [Fact]
    public void What_prepared_frames_are_is_found_by_another_thread()
    {
        int module = Write(DebugInfoFiles.Ordinary(5));
        int[] frames = [FrameAt(module, 0x1014), FrameAt(module, 0x1000), FrameAt(module, 0x1014, isReturnAddress: true)];
        foreach (int frame in frames)
        {
            Symbolizer.PrepareSource(Profile, frame);
        }

        Symbolizer.FinishSources();
        Assert.Equal([3, 0, 2], frames.Select(frame => Symbolizer.FunctionsAt(Profile, frame).Length));
    }

    [Fact]
    public void The_rest_of_a_unit_is_read_from_the_file_that_it_names_and_missed_where_that_is_gone()
    {
        var (skeleton, other) = DebugInfoFiles.Split(5);
        int module = Write(skeleton);
        Assert.True(Symbolizer.FunctionsAt(Profile, FrameAt(module, 0x1014)).IsEmpty);
        string warning = Assert.Single(Symbolizer.Warnings);
        Assert.Contains("a.dwo", warning);

        // A package beside the file is looked at first.
        var elf = Sections(new ElfBuilder(), DebugPackageBuilder.Build(5, (DebugInfoFiles.SplitId, other)), ".dwo");
        File.WriteAllBytes(Profile.Modules[module].Path + ".dwp", elf.Build());
        using var again = NewSymbolizer();
        Assert.Equal(3, again.FunctionsAt(Profile, FrameAt(module, 0x1014)).Length);
        Assert.Empty(again.Warnings);
    }

    [Fact]
    public void A_unit_that_names_no_file_for_its_rest_has_its_lines()
    {
        var file = new DebugInfoBuilder(5);
        file.Unit(DebugInfoBuilder.SkeletonUnit, 7).Entry(
            Formats.Dwarf.DwarfTag.SkeletonUnit,
            false,
            new Value(Formats.Dwarf.DwarfAttribute.LowPc, Formats.Dwarf.DwarfForm.Address, 0x1000),
            file.HighPc(0, 0x100),
            new Value(Formats.Dwarf.DwarfAttribute.LineProgram, Formats.Dwarf.DwarfForm.SectionOffset, file.Lines(DebugInfoFiles.Lines(5))),
            new Value(Formats.Dwarf.DwarfAttribute.SplitName, Formats.Dwarf.DwarfForm.String)).EndUnit();

        Assert.Equal("a.c:10", Line(FrameAt(Write(file), 0x1000)));
        Assert.Single(Symbolizer.Warnings);
    }

    [Fact]
    public void A_shared_file_that_is_not_there_is_said_and_damage_to_the_link_costs_no_lines()
    {
        byte[] link = [.. "shared.debug\0"u8, 0xab, 0xcd];
        foreach (var (bytes, text) in ((byte[], string)[])[(link, "shared.debug"), (link[..5], ".gnu_debugaltlink")])
        {
            int module = Write(DebugInfoFiles.Ordinary(4), link: bytes);
            Assert.Equal(3, Symbolizer.FunctionsAt(Profile, FrameAt(module, 0x1014)).Length);
            Assert.Contains(Symbolizer.Warnings, warning => warning.Contains(text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Names_that_cannot_be_read_are_said_to_be_unknown()
    {
        int module = Write(DebugInfoFiles.Ordinary(4).Replace("str", []));
        Assert.Equal(
            ["_main_symbol", "[unknown] (inlined)", "[unknown] (inlined)"], ((int[])[.. Symbolizer.FunctionsAt(Profile, FrameAt(module, 0x1014))]).Select(Title));
    }

    private string Title(int frame) => Profile.Functions[Symbolizer.FunctionOf(Profile, frame)].Title;

    private string Line(int frame) => Symbolizer.LineOf(Profile, frame) is { } line ? $"{line.FileName}:{line.Line}" : "";

    /// <summary>Writes a library whose file offsets are its addresses, and whose one symbol is main's.</summary>
    private int Write(DebugInfoBuilder debug, bool compressed = false, byte[]? link = null)
    {
        var elf = new ElfBuilder().Segment(0, 0, 0x2000).Text();
        elf.Symbol("_main_symbol", 0x1000, 0x100).SymbolTable();
        if (link is not null)
        {
            elf.Section(".gnu_debugaltlink", ElfSectionType.SHT_PROGBITS, link);
        }

        return FileModule(Write($"{Profile.Modules.Count}.so", Sections(elf, debug, suffix: "", compressed).Build()));
    }

    private static ElfBuilder Sections(ElfBuilder elf, DebugInfoBuilder debug, string suffix, bool compressed = false)
    {
        foreach (string name in DebugInfoBuilder.SectionNames.Where(name => debug.Section(name).Length != 0))
        {
            string section = $".debug_{name}{(name == "cu_index" ? "" : suffix)}";
            _ = compressed ? elf.Compressed(section, debug.Section(name)) : elf.Section(section, ElfSectionType.SHT_PROGBITS, debug.Section(name));
        }

        return elf;
    }
}
