using System.Buffers.Binary;
using System.IO.Hashing;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Elf;
using Viperf.Tests.Elf;
using Xunit;

namespace Viperf.Tests.Symbols;

public sealed class FileFinderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-finder-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_debug_file_without_what_is_wanted_does_not_hide_the_next()
    {
        Write("a.so", Stripped("a.debug", crc: 0).BuildId(1, 2, 3, 4));
        Write(".debug/a.debug", Full().BuildId(1, 2, 3, 4));
        Write("a.debug", new ElfBuilder().Text().BuildId(1, 2, 3, 4));

        Assert.EndsWith("/.debug/a.debug", DebugOf("a.so"), StringComparison.Ordinal);
        Assert.Null(DebugOf("a.so", DebugContent.Sources));
    }

    [Fact]
    public void A_build_id_decides_where_both_files_have_one_and_the_checksum_where_they_have_none()
    {
        string debug = Write("a.debug", Full().BuildId(9, 9, 9, 9));
        Write("wrong.so", Stripped("a.debug", ChecksumOf(debug)).BuildId(1, 2, 3, 4));
        Write("right.so", Stripped("a.debug", ChecksumOf(debug)));
        Write("changed.so", Stripped("a.debug", ChecksumOf(debug) + 1));

        Assert.Null(DebugOf("wrong.so"));
        Assert.Equal(debug, DebugOf("right.so"));
        Assert.Null(DebugOf("changed.so"));
    }

    [Theory]
    [InlineData("../a.debug")]
    [InlineData("/etc/a.debug")]
    [InlineData("..")]
    [InlineData("")]
    public void A_link_is_a_name_without_a_directory(string name)
    {
        string debug = Write("a.debug", Full());
        Directory.CreateDirectory(Path.Combine(_directory, "sub"));
        Write("sub/a.so", Stripped(name, ChecksumOf(debug)));
        Assert.Null(DebugOf("sub/a.so"));
    }

    [Fact]
    public void Without_a_build_id_another_inode_on_the_same_device_is_another_file()
    {
        string path = Write("a.so", Full());
        var status = Core.Linux.NoFollowFile.StatusOf(path)!.Value;
        var module = new Module(ModuleKind.File, path, "", status.Inode, 0) { Device = (status.DeviceMajor, status.DeviceMinor) };
        var here = new FileFinder(new SymbolizerOptions { IsThisMachine = true });
        var elsewhere = new FileFinder(new SymbolizerOptions());
        using (var same = here.TryOpen(module, out var none))
        {
            Assert.NotNull(same);
            Assert.Equal("", none.Text);
        }

        var replaced = module with { Inode = status.Inode + 1 };
        Assert.Null(here.TryOpen(replaced, out var problem));
        Assert.Equal(UnnamedReason.FileReplaced, problem.Reason);
        Assert.Contains("inode", problem.Text, StringComparison.Ordinal);
        using var ofAnotherMachine = elsewhere.TryOpen(replaced, out _);
        Assert.NotNull(ofAnotherMachine);
        using var onAnotherDevice = here.TryOpen(replaced with { Device = (9999, 1) }, out _);
        Assert.NotNull(onAnotherDevice);
    }

    [Fact]
    public void The_build_id_of_the_header_counts_where_the_mapping_has_none()
    {
        string path = Write("a.so", Full().BuildId(1, 2, 3, 4));
        var finder = new FileFinder(new SymbolizerOptions { RecordedBuildId = file => file == path ? "05060708" : "" });
        Assert.Null(finder.TryOpen(new Module(ModuleKind.File, path, "", 0, 0), out var problem));
        Assert.Equal(UnnamedReason.FileReplaced, problem.Reason);
    }

    [Theory]
    [InlineData("[buildid]\n\tdir = /a/b", "/a/b")]
    [InlineData("[core]\ndir=/x\n[buildid]\ndir = \"/a\" # where\n[other]\ndir=/y", "/a")]
    [InlineData("dir = /x", null)]
    [InlineData("[buildid]\n= /x\ndir", null)]
    public void Perfs_configuration_has_sections_values_and_comments(string text, string? expected) =>
        Assert.Equal(expected, PerfConfiguration.Parse(text, "buildid", "dir"));

    [Theory]
    [InlineData("ID=debian", "/usr/lib/x/libc.so.6", "apt install libc6-dbg")]
    [InlineData("NAME=x\nID=mint\nID_LIKE=\"ubuntu debian\"", "/usr/bin/tool", "apt install tool-dbgsym")]
    [InlineData("ID=debian", "/opt/own", null)]
    [InlineData("ID=\"rhel\"", "/usr/bin/tool", "dnf debuginfo-install $(rpm -qf /usr/bin/tool)")]
    [InlineData("ID=arch", "/usr/bin/tool", null)]
    [InlineData("", "/usr/bin/tool", null)]
    public void The_package_that_has_a_file_tells_the_command_that_brings_its_symbols(string release, string path, string? expected)
    {
        File.WriteAllText(Path.Combine(_directory, "libc6:amd64.list"), "/.\n/lib\n/lib/x/libc.so.6\n");
        File.WriteAllText(Path.Combine(_directory, "tool.list"), "/usr\n/usr/bin/tool\n");
        Assert.Equal(expected, DebugPackages.Of(release, _directory).CommandFor(path));
    }

    private static ElfBuilder Full() =>
        new ElfBuilder().Segment(0x1000, 0x1000, 0x1000).Text().Symbol("hidden", 0x1000, 0x10).SymbolTable();

    private static ElfBuilder Stripped(string link, uint crc)
    {
        byte[] name = [.. System.Text.Encoding.ASCII.GetBytes(link), 0];
        var bytes = new byte[((name.Length + 3) & ~3) + 4];
        name.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), crc);
        return new ElfBuilder().Segment(0x1000, 0x1000, 0x1000).Text().Section(".gnu_debuglink", ElfSectionType.SHT_PROGBITS, bytes);
    }

    private static uint ChecksumOf(string path) => Crc32.HashToUInt32(File.ReadAllBytes(path));

    private string Write(string name, ElfBuilder file)
    {
        string path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, file.Build());
        return path;
    }

    private string? DebugOf(string name, DebugContent content = DebugContent.Symbols)
    {
        var finder = new FileFinder(new SymbolizerOptions());
        using var mapped = finder.TryOpen(new Module(ModuleKind.File, Path.Combine(_directory, name), "", 0, 0), out _);
        Assert.NotNull(mapped);
        using var debug = finder.TryOpenDebug(mapped, content);
        return debug?.Elf.Name;
    }
}
