using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Xunit;

namespace Viperf.Tests.Elf;

public class SupplementaryLinkTests
{
    private static readonly byte[] s_gnu = [.. "../shared.debug\0"u8, 0xab, 0xcd, 0x01];
    private static readonly byte[] s_standard = [5, 0, 0, .. "shared.sup\0"u8, 2, 0xab, 0xcd];

    [Fact]
    public void Either_section_names_a_file_and_its_build_id()
    {
        Assert.Equal(new SupplementaryLink("../shared.debug", "abcd01"), Read(".gnu_debugaltlink", s_gnu));
        Assert.Equal(new SupplementaryLink("shared.sup", "abcd"), Read(".debug_sup", s_standard));
        Assert.Equal(new SupplementaryLink("shared.sup", "abcd"), Read(".debug_sup", [.. s_standard, 0, 0]));
    }

    [Fact]
    public void A_file_without_links_and_one_that_others_link_to_have_none()
    {
        Assert.Null(Read(".debug_other", s_gnu));
        Assert.Null(Read(".debug_sup", [5, 0, 1, .. "\0"u8, 2, 0xab, 0xcd]));
    }

    [Fact]
    public void Sections_cut_after_any_byte_are_an_error_or_a_link_that_no_file_fits()
    {
        for (int length = 0; length < s_gnu.Length; length++)
        {
            byte[] cut = s_gnu[..length];
            if (length < 16)
            {
                Assert.Throws<ParseException>(() => Read(".gnu_debugaltlink", cut));
            }
            else
            {
                Assert.NotEqual("abcd01", Read(".gnu_debugaltlink", cut)!.BuildId);
            }
        }

        for (int length = 0; length < s_standard.Length; length++)
        {
            byte[] cut = s_standard[..length];
            if (length < 15)
            {
                Assert.Throws<ParseException>(() => Read(".debug_sup", cut));
            }
            else
            {
                Assert.Null(Read(".debug_sup", cut)); // a build-id shorter than it says
            }
        }
    }

    private static SupplementaryLink? Read(string section, byte[] bytes) =>
        SupplementaryLink.Read(new ElfBuilder().Section(section, ElfSectionType.SHT_PROGBITS, bytes).Open());
}
