using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;
using Xunit;

namespace Viperf.Tests.Dwarf;

public class CfiTableTests
{
    private const ulong Code = 0x4000;

    /// <summary>Encodings of functions' addresses: 2, 4 and 8 bytes, both LEB128, absolute and relative to each base.</summary>
    public static TheoryData<byte> Encodings => [0x00, 0x01, 0x02, 0x03, 0x04, 0x09, 0x0a, 0x0b, 0x0c, 0x10, 0x1b, 0x1c, 0x23, 0x2b, 0x3b, 0x33, 0x08];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Functions_addresses_are_read_in_every_encoding(byte encoding)
    {
        var table = new CfiBuilder { TextAddress = 0x3000, DataAddress = 0x2000 }
            .Common(Cfi.X64Start, "zPLR", encoding: encoding)
            .Function(Code, 0x20, new Cfi().Advance(4).DefCfaOffset(16))
            .Open();

        Assert.Equal(0, table.BadEntries);
        Assert.Equal(16, Row(table, Code + 4).Cfa.Value);
        Assert.False(table.TryFind(Code - 1, out _));
        Assert.False(table.TryFind(Code + 0x20, out _));
    }

    [Theory]
    [InlineData(CfiSectionKind.EhFrame, 1, false)]
    [InlineData(CfiSectionKind.EhFrame, 1, true)]
    [InlineData(CfiSectionKind.DebugFrame, 1, false)]
    [InlineData(CfiSectionKind.DebugFrame, 3, false)]
    [InlineData(CfiSectionKind.DebugFrame, 3, true)]
    [InlineData(CfiSectionKind.DebugFrame, 4, false)]
    [InlineData(CfiSectionKind.DebugFrame, 4, true)]
    public void Every_version_is_read_in_both_formats(CfiSectionKind kind, byte version, bool is64BitFormat)
    {
        var table = new CfiBuilder(kind)
            .Common(Cfi.X64Start, kind == CfiSectionKind.EhFrame ? "zR" : "", version, is64BitFormat: is64BitFormat)
            .Function(Code, 0x20, new Cfi().Advance(1).DefCfaOffset(16).Offset(6, 2))
            .Open();

        Assert.Equal(0, table.BadEntries);
        var row = Row(table, Code + 5);
        Assert.Equal(new CfaRule(CfaRuleKind.RegisterOffset, 7, 16), row.Cfa);
        Assert.Equal(new CfiRule(CfiRuleKind.Offset, -16), row[6]);
        Assert.Equal(new CfiRule(CfiRuleKind.Offset, -8), row[row.ReturnAddressRegister]);
        Assert.Equal((Code + 1, Code + 0x20), (row.Start, row.End));
    }

    [Fact]
    public void Addresses_of_32_bit_files_wrap_at_4_gib()
    {
        var table = new CfiBuilder(machine: ElfMachine.EM_386) { Is64Bit = false }
            .Common(new Cfi().DefCfa(4, 4).Offset(8, 1), returnAddress: 8)
            .Function(0x400, 0x10, new Cfi())
            .Open();
        Assert.Equal(4, Row(table, 0x400).Cfa.Value);
    }

    [Fact]
    public void Every_instruction_makes_its_rule()
    {
        var instructions = new Cfi()
            .Op(0x05, 20, 3) // offset_extended
            .Op(0x07, 1) // undefined
            .Op(0x08, 2) // same_value
            .Op(0x09, 3, 4) // register
            .Signed(0x11, 5, -2) // offset_extended_sf
            .Op(0x14, 8, 2) // val_offset
            .Signed(0x15, 9, -3) // val_offset_sf
            .Op(0x2f, 10, 4) // GNU_negative_offset_extended
            .Op(0x2e, 32) // GNU_args_size
            .Expression(0x10, 11, 0x77, 0)
            .Expression(0x16, 12, 0x77, 8)
            .Op(0x05, 70, 3); // a vector register
        var table = new CfiBuilder().Common(Cfi.X64Start).Function(Code, 16, instructions).Open();
        var row = Row(table, Code);

        Assert.Equal(new CfiRule(CfiRuleKind.Offset, -24), row[20]);
        Assert.Equal(CfiRuleKind.Undefined, row[1].Kind);
        Assert.Equal(CfiRuleKind.SameValue, row[2].Kind);
        Assert.Equal(new CfiRule(CfiRuleKind.Register, 4), row[3]);
        Assert.Equal(new CfiRule(CfiRuleKind.Offset, 16), row[5]);
        Assert.Equal(new CfiRule(CfiRuleKind.ValOffset, -16), row[8]);
        Assert.Equal(new CfiRule(CfiRuleKind.ValOffset, 24), row[9]);
        Assert.Equal(new CfiRule(CfiRuleKind.Offset, 32), row[10]);
        Assert.Equal(CfiRuleKind.Expression, row[11].Kind);
        Assert.Equal(CfiRuleKind.ValExpression, row[12].Kind);
        Assert.Equal(default, row[70]);
        Assert.Equal(default, row[6]);
    }

    [Fact]
    public void Locations_advance_by_every_instruction_for_that_and_by_the_code_alignment()
    {
        var instructions = new Cfi()
            .Advance(1).DefCfaOffset(1)
            .Raw(0x02, 200).DefCfaOffset(2)
            .Raw(0x03, 0, 1).DefCfaOffset(3)
            .Raw(0x04, 0, 0, 1, 0).DefCfaOffset(4)
            .Raw(0x1d, 1, 0, 0, 0, 0, 0, 0, 0).DefCfaOffset(5)
            .Raw(0x01).Raw(BitConverter.GetBytes(Code + 0x80000)).DefCfaOffset(6);
        var table = new CfiBuilder().Common(Cfi.X64Start, encoding: 0x00, codeAlignment: 4).Function(Code, 0x100000, instructions).Open();

        ulong[] starts = [Code, Code + 4, Code + 804, Code + 1828, Code + 263972, Code + 263976, Code + 0x80000];
        for (int i = 0; i < starts.Length; i++)
        {
            var row = Row(table, starts[i]);
            Assert.Equal(i == 0 ? 8 : i, row.Cfa.Value);
            Assert.Equal(starts[i], row.Start);
            Assert.Equal(i + 1 < starts.Length ? starts[i + 1] : Code + 0x100000, row.End);
            Assert.Equal(row.Cfa, Row(table, row.End - 1).Cfa);
        }
    }

    [Fact]
    public void The_canonical_frame_address_is_defined_in_every_form()
    {
        var instructions = new Cfi()
            .Advance(1).DefCfaRegister(6)
            .Advance(1).Signed(0x12, 3, -2) // def_cfa_sf
            .Advance(1).Signed(0x13, -1, 3) // def_cfa_offset_sf
            .Advance(1).DefCfaExpression(0x76, 8, 0x06);
        var table = new CfiBuilder().Common(Cfi.X64Start).Function(Code, 16, instructions).Open();

        Assert.Equal(new CfaRule(CfaRuleKind.RegisterOffset, 6, 8), Row(table, Code + 1).Cfa);
        Assert.Equal(new CfaRule(CfaRuleKind.RegisterOffset, 3, 16), Row(table, Code + 2).Cfa);
        Assert.Equal(new CfaRule(CfaRuleKind.RegisterOffset, 3, -24), Row(table, Code + 3).Cfa);
        Assert.Equal(CfaRuleKind.Expression, Row(table, Code + 4).Cfa.Kind);
    }

    [Fact]
    public void A_remembered_row_comes_back_whole_and_a_restored_register_as_it_began()
    {
        var instructions = new Cfi()
            .Offset(3, 2).Remember()
            .Advance(1).DefCfaOffset(64).Offset(3, 5).Offset(6, 6).Remember()
            .Advance(1).Restore(3).Op(0x06, 6).DefCfa(6, 16)
            .Advance(1).RestoreState()
            .Advance(1).RestoreState();
        var table = new CfiBuilder().Common(Cfi.X64Start.Offset(6, 9)).Function(Code, 16, instructions).Open();

        Assert.Equal((-40, -48), (Row(table, Code + 1)[3].Value, Row(table, Code + 1)[6].Value));
        Assert.Equal(default, Row(table, Code + 2)[3]);
        Assert.Equal(-72, Row(table, Code + 2)[6].Value);
        Assert.Equal(new CfaRule(CfaRuleKind.RegisterOffset, 7, 64), Row(table, Code + 3).Cfa);
        Assert.Equal(-40, Row(table, Code + 3)[3].Value);
        var last = Row(table, Code + 4);
        Assert.Equal(new CfaRule(CfaRuleKind.RegisterOffset, 7, 8), last.Cfa);
        Assert.Equal((-16, -72), (last[3].Value, last[6].Value));
        Assert.Equal((Code + 4, Code + 16), (last.Start, last.End));
    }

    [Fact]
    public void An_aarch64_function_saves_its_link_register_and_signs_it()
    {
        var body = new Cfi().Advance(1).NegateRaState().Advance(1).DefCfaOffset(32).Offset(29, 4).Offset(30, 3).Offset(19, 2)
            .Advance(3).DefCfaRegister(29).Advance(4).NegateRaState();
        var table = new CfiBuilder(machine: ElfMachine.EM_AARCH64)
            .Common(Cfi.Arm64Start, "zRB", codeAlignment: 4).Function(Code, 64, body).Open();

        Assert.False(Row(table, Code).IsReturnAddressSigned);
        Assert.True(Row(table, Code).SignsWithKeyB);
        Assert.True(Row(table, Code + 4).IsReturnAddressSigned);
        var row = Row(table, Code + 20);
        Assert.Equal(new CfaRule(CfaRuleKind.RegisterOffset, 29, 32), row.Cfa);
        Assert.Equal((-32, -24, -16), (row[29].Value, row[30].Value, row[19].Value));
        Assert.True(row.IsReturnAddressSigned);
        Assert.False(Row(table, Code + 36).IsReturnAddressSigned);
    }

    [Fact]
    public void Window_save_of_other_processors_signs_nothing()
    {
        var table = new CfiBuilder().Common(Cfi.X64Start).Function(Code, 16, new Cfi().NegateRaState()).Open();
        Assert.False(Row(table, Code).IsReturnAddressSigned);
    }

    [Theory]
    [InlineData("zR", false)]
    [InlineData("zRS", true)]
    [InlineData("zPLRSG", true)]
    public void Signal_frames_are_told_by_their_letter(string augmentation, bool isSignal)
    {
        var table = new CfiBuilder().Common(Cfi.X64Start, augmentation).Function(Code, 16, new Cfi()).Open();
        Assert.Equal(isSignal, Row(table, Code).IsSignalFrame);
    }

    [Theory]
    [InlineData(0x3b)] // datarel | sdata4
    [InlineData(0x33)] // datarel | udata4
    [InlineData(0x3c)] // datarel | sdata8
    [InlineData(0x04)] // udata8
    [InlineData(0x00)] // absptr
    public void The_headers_table_finds_what_the_own_index_finds(byte encoding)
    {
        var builder = new CfiBuilder { DataAddress = 0x5000 }.Common(Cfi.X64Start);
        for (uint i = 20; i > 0; i--)
        {
            builder.Function(0x20000 + (i * 0x40), 0x30, new Cfi().DefCfaOffset(i * 8));
        }

        var header = builder.Header(encoding);
        Assert.Equal(20, header.Count);
        Assert.Equal(builder.Section().Address, header.EhFrameAddress);
        var withHeader = CfiTable.Open(builder.Section(), header);
        var indexed = builder.Open();
        for (ulong address = 0x20000; address < 0x20600; address += 8)
        {
            bool found = withHeader.TryFind(address, out var row);
            Assert.Equal(address >= 0x20040 && address % 0x40 < 0x30 && address < 0x20530, found);
            Assert.Equal(found, indexed.TryFind(address, out var other));
            if (found)
            {
                Assert.Equal((long)(address - 0x20000) / 0x40 * 8, row.Cfa.Value);
                Assert.Equal(row.Cfa, other.Cfa);
            }
        }
    }

    [Fact]
    public void A_headers_table_out_of_order_is_not_believed()
    {
        var builder = new CfiBuilder().Common(Cfi.X64Start)
            .Function(0x3000, 16, new Cfi()).Function(0x2000, 16, new Cfi()).Function(0x1000, 16, new Cfi());
        var header = builder.Header(sorted: false);
        Assert.Equal(0, header.Count);
        var table = CfiTable.Open(builder.Section(), header);
        Assert.All([0x1000ul, 0x2000ul, 0x3000ul], address => Assert.True(table.TryFind(address, out _)));
    }

    [Fact]
    public void A_terminator_between_object_files_ends_nothing_and_a_bad_entry_costs_itself_alone()
    {
        var table = new CfiBuilder()
            .Common(Cfi.X64Start).Function(0x1000, 16, new Cfi()).Terminator()
            .Common(Cfi.X64Start, "zRx").Function(0x2000, 16, new Cfi())
            .Common(Cfi.X64Start, version: 9).Function(0x3000, 16, new Cfi())
            .Common(Cfi.X64Start).Function(0x4000, 16, new Cfi())
            .Open();

        Assert.Equal(2, table.BadEntries);
        Assert.True(table.TryFind(0x1000, out _));
        Assert.False(table.TryFind(0x2000, out _));
        Assert.False(table.TryFind(0x3000, out _));
        Assert.True(table.TryFind(0x4000, out _));
    }

    public static TheoryData<string, byte[]> BadInstructions => new()
    {
        { "not remembered", [0x0b] },
        { "more than 16 rows", [.. Enumerable.Repeat((byte)0x0a, 17)] },
        { "which viperf does not know", [0x3f] },
        { "an expression of 100 bytes", [0x0f, 100] },
        { "half a rule", [0x0f, 1, 0x37, 0x0e, 8] },
        { "goes back", [0x41, 0x01, 0, 0x40, 0, 0, 0, 0, 0, 0] },
        { "register 65536", [0x0d, 0x80, 0x80, 4] },
    };

    [Theory]
    [MemberData(nameof(BadInstructions))]
    public void A_bad_instruction_is_an_error_with_its_offset(string problem, byte[] instructions)
    {
        var builder = new CfiBuilder().Common(Cfi.X64Start, encoding: 0).Function(Code, 16, new Cfi().Raw(instructions));
        var error = Assert.Throws<ParseException>(() => builder.Open().TryFind(Code + 15, out _));
        Assert.Contains(problem, error.Message);
        Assert.InRange(error.Offset, (ulong)(builder.Length - instructions.Length), (ulong)builder.Length);
    }

    private static CfiRow Row(CfiTable table, ulong address)
    {
        Assert.True(table.TryFind(address, out var row), $"no row at 0x{address:x}");
        return row;
    }
}
