using Viperf.Formats.Bytes;
using Viperf.Formats.Dwarf;
using Viperf.Formats.Elf;
using Xunit;

namespace Viperf.Tests.Dwarf;

/// <summary>Damaged sections end in rows or in parse errors, in nothing else, and in finite time.</summary>
public class HostileCfiTests
{
    private const int Mutants = 20_000;
    private const ulong Code = 0x4000;

    [Theory]
    [InlineData(CfiSectionKind.EhFrame)]
    [InlineData(CfiSectionKind.DebugFrame)]
    public void A_section_cut_after_any_byte_loses_what_lay_behind_it(CfiSectionKind kind)
    {
        var builder = WellFormed(kind);
        byte[] bytes = builder.Bytes();
        int most = Rows(builder, bytes, header: null);
        Assert.Equal(8, most);
        int before = 0;
        for (int length = 0; length < bytes.Length; length++)
        {
            int rows = Rows(builder, bytes[..length], header: null);
            Assert.InRange(rows, before, most);
            before = rows;
            if (kind == CfiSectionKind.EhFrame)
            {
                Rows(builder, bytes[..length], builder.HeaderBytes());
            }
        }
    }

    [Fact]
    public void A_header_cut_after_any_byte_is_an_error_or_has_no_table()
    {
        var builder = WellFormed(CfiSectionKind.EhFrame);
        byte[] header = builder.HeaderBytes();
        for (int length = 0; length < header.Length; length++)
        {
            byte[] cut = header[..length];
            if (length < 12)
            {
                Assert.Throws<ParseException>(() => EhFrameHeader.Read(cut, builder.HeaderAddress, true, "test"));
            }
            else
            {
                Assert.Equal(0, EhFrameHeader.Read(cut, builder.HeaderAddress, true, "test").Count);
            }
        }
    }

    [Theory]
    [InlineData(1, CfiSectionKind.EhFrame)]
    [InlineData(2, CfiSectionKind.DebugFrame)]
    public void Bytes_changed_at_random_give_rows_or_a_parse_error(int seed, CfiSectionKind kind)
    {
        var builder = WellFormed(kind);
        byte[] bytes = builder.Bytes();
        byte[]? header = kind == CfiSectionKind.EhFrame ? builder.HeaderBytes() : null;
        var random = new Random(seed);
        int readable = 0;
        for (int i = 0; i < Mutants; i++)
        {
            byte[] mutant = Damage(bytes, random);
            readable += Rows(builder, mutant, header: null) > 0 ? 1 : 0;
            if (header is not null)
            {
                Rows(builder, mutant, Damage(header, random));
            }
        }

        Assert.InRange(readable, Mutants / 4, Mutants); // or the test would not reach past the headers
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        byte[] mutant = [.. bytes];
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            int at = random.Next(mutant.Length);
            mutant[at] = random.Next(4) switch
            {
                0 => 0,
                1 => 0xff,
                2 => (byte)(mutant[at] ^ 1 << random.Next(8)),
                _ => (byte)random.Next(256),
            };
        }

        return mutant;
    }

    /// <summary>Looks up and evaluates addresses of every function; the number of good rows. Other exceptions fail the test.</summary>
    private static int Rows(CfiBuilder builder, byte[] bytes, byte[]? header)
    {
        CfiTable table;
        try
        {
            table = CfiTable.Open(
                builder.Section(bytes), header is null ? null : EhFrameHeader.Read(header, builder.HeaderAddress, true, "test"));
        }
        catch (ParseException)
        {
            return 0;
        }

        int rows = 0;
        var frame = new FakeFrame(new ulong[17], 0, new byte[256]);
        for (ulong address = Code; address < Code + 0x200; address += 0x40)
        {
            try
            {
                if (table.TryFind(address + 20, out var row))
                {
                    Assert.InRange(address + 20, row.Start, row.End - 1);
                    rows++;
                    UnwindRule.From(row, ElfMachine.EM_X86_64);
                    table.TryGetCfa(row, ref frame, out ulong cfa);
                    for (int register = 0; register < CfiRow.RegisterCount; register++)
                    {
                        table.TryGetRegister(row, register, cfa, ref frame, out _);
                    }
                }
            }
            catch (ParseException)
            {
                // The function is lost, the others are not.
            }
        }

        return rows;
    }

    private static CfiBuilder WellFormed(CfiSectionKind kind)
    {
        bool isEhFrame = kind == CfiSectionKind.EhFrame;
        var builder = new CfiBuilder(kind).Common(Cfi.X64Start, isEhFrame ? "zPLR" : "", isEhFrame ? (byte)1 : (byte)4);
        for (uint i = 0; i < 8; i++)
        {
            if (i == 4)
            {
                builder.Common(Cfi.X64Start.Offset(6, 2), isEhFrame ? "zRS" : "", 3, is64BitFormat: true);
            }

            builder.Function(Code + (i * 0x40), 0x40, new Cfi()
                .Advance(1).DefCfaOffset(16).Offset(6, 2).Remember()
                .Advance(4).DefCfaRegister(6).Restore(6).Op(0x2e, 16)
                .Raw(0x02, 8).DefCfaExpression(0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22).Expression(0x10, 3, 0x77, 40)
                .Raw(0x03, 4, 0).RestoreState().Signed(0x11, 12, -3).Op(0x14, 13, 2).Expression(0x16, 14, 0x2f, 1, 0, 0x96, 0x31));
        }

        return builder;
    }
}
