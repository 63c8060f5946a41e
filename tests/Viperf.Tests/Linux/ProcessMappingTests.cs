using System.Text;
using Viperf.Core.Linux;
using Xunit;

namespace Viperf.Tests.Linux;

public class ProcessMappingTests
{
    [Fact]
    public void A_line_of_proc_maps_is_read_whole()
    {
        var mapping = Parse("7f63ddc506000-7f63ddc779000 r-xp 00106000 fe:1a 73687                      /usr/lib/lib a (deleted)")!;

        Assert.Equal(0x7f63ddc506000ul, mapping.Start);
        Assert.Equal(0x7f63ddc779000ul, mapping.End);
        Assert.Equal(5u, mapping.Protection);
        Assert.False(mapping.Shared);
        Assert.Equal(0x106000ul, mapping.FileOffset);
        Assert.Equal((0xfeu, 0x1au, 73687ul), (mapping.DeviceMajor, mapping.DeviceMinor, mapping.Inode));
        Assert.Equal("/usr/lib/lib a (deleted)", Encoding.UTF8.GetString(mapping.Path));
    }

    [Theory]
    [InlineData("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]", 4u, "[vsyscall]")]
    [InlineData("1000-2000 rw-s 00000000 00:00 0", 3u, "")]
    [InlineData("1000-2000 rwxp 00000000 00:00 0 ", 7u, "")]
    public void Mappings_without_a_file_have_a_bracketed_name_or_none(string line, uint protection, string path)
    {
        var mapping = Parse(line)!;

        Assert.Equal(protection, mapping.Protection);
        Assert.Equal(path, Encoding.UTF8.GetString(mapping.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1000")]
    [InlineData("1000-2000")]
    [InlineData("1000-2000 r-x")]
    [InlineData("1000-2000 r-xp 0")]
    [InlineData("1000-2000 r-xp 00000000 00:00 x")]
    [InlineData("xyz-2000 r-xp 00000000 00:00 0")]
    public void Other_lines_are_none(string line) => Assert.Null(Parse(line));

    [Fact]
    public void The_own_process_has_an_executable_mapping_of_a_file() =>
        Assert.Contains(
            ProcFs.Mappings(Environment.ProcessId),
            mapping => (mapping.Protection & ProcessMapping.ProtExec) != 0 && mapping.Inode != 0);

    private static ProcessMapping? Parse(string line) =>
        ProcessMapping.TryParse(Encoding.UTF8.GetBytes(line), out var mapping) ? mapping : null;
}
