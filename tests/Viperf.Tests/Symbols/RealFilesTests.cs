using System.Globalization;
using Viperf.Core.Symbols;
using Viperf.Core.Linux;
using Viperf.Formats.Elf;
using Xunit;

namespace Viperf.Tests.Symbols;

/// <summary>The machine's own ELF files, read by us and by binutils.</summary>
public class RealFilesTests
{
    /// <summary>Files to read, the best first: an interpreter with debug information, the one on PATH, the shell.</summary>
    private static readonly string[] s_files =
    [
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv/versions/3.13.0/lib/libpython3.13.so.1.0"),
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv/versions/3.12.1/lib/libpython3.12.so.1.0"),
        "/usr/bin/python3",
        "/bin/sh",
    ];

    public static TheoryData<string> Files => [.. s_files.Where(File.Exists)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_function_that_nm_lists_is_found_by_its_file_offset(string path)
    {
        using var source = new FileSource(path);
        var file = ElfFile.Open(source);
        var table = ElfSymbols.Read(file);
        Dictionary<ulong, HashSet<string>> names = [];
        foreach (string option in new[] { "--defined-only", "--dynamic" })
        {
            foreach (string line in Programs.Output("nm", "--print-size", option, path))
            {
                string[] parts = line.Split(' ');
                if (parts.Length == 4 && parts[2] is "t" or "T" or "w" or "W" or "i" && Hex(parts[1]) != 0
                    && file.TryGetFileOffset(Hex(parts[0]), out ulong offset))
                {
                    names.TryAdd(offset, []);
                    names[offset].Add(parts[3]);
                    names[offset].Add(parts[3].Split('@')[0]);
                }
            }
        }

        Assert.SkipWhen(names.Count == 0, $"nm is not installed, or lists no function of {path}");
        foreach (var (offset, aliases) in names)
        {
            Assert.Contains(table.NameOf(table.Find(offset)).Split('@')[0], aliases);
            Assert.Equal(offset, table.StartOf(table.Find(offset)));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Build_ids_are_those_that_readelf_prints(string path)
    {
        string? line = Programs.Output("readelf", "--notes", path).FirstOrDefault(line => line.Contains("Build ID:"));
        Assert.SkipWhen(line is null, $"readelf is not installed, or {path} has no build-id");
        using var source = new FileSource(path);
        Assert.Equal(line.Split(':')[1].Trim(), ElfNotes.BuildIdOf(ElfFile.Open(source)));
    }

    private static ulong Hex(string digits) => ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
