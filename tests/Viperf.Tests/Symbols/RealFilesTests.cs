using System.Diagnostics;
using System.Globalization;
using Viperf.Core.Profiles;
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
            foreach (string line in Output("nm", "--print-size", option, path))
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
        string? line = Output("readelf", "--notes", path).FirstOrDefault(line => line.Contains("Build ID:"));
        Assert.SkipWhen(line is null, $"readelf is not installed, or {path} has no build-id");
        using var source = new FileSource(path);
        Assert.Equal(line.Split(':')[1].Trim(), ElfNotes.BuildIdOf(ElfFile.Open(source)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Source_lines_are_those_that_addr2line_prints(string path)
    {
        using var source = new FileSource(path);
        var file = ElfFile.Open(source);
        Assert.SkipWhen(file.FindSection(".debug_line"u8) is null, $"{path} has no line tables");
        var text = file.FindSection(".text"u8)!.Value;
        var random = new Random(20260805);
        ulong[] addresses = [.. Enumerable.Range(0, 2000).Select(_ => text.Address + (ulong)random.NextInt64((long)text.Size))];
        string[] theirs = Output("addr2line", ["-e", path, .. addresses.Select(address => address.ToString("x"))]);
        Assert.SkipWhen(theirs.Length == 0, "addr2line is not installed");

        var profile = new Profile();
        var symbolizer = new Symbolizer(new SymbolizerOptions(), new JitDumps(profile, new SymbolizerOptions()));
        int module = profile.Modules.Intern(new Module(ModuleKind.File, path, "", 0, 0));
        int same = 0;
        int known = 0;
        for (int i = 0; i < addresses.Length; i++)
        {
            Assert.True(file.TryGetFileOffset(addresses[i], out ulong offset));
            int frame = profile.Frames.Intern(new Frame(offset, module, FrameMode.User, IsReturnAddress: false));
            string expected = Path.GetFileName(theirs[i].Split(' ')[0]);
            if (expected.EndsWith('?'))
            {
                continue; // no line: what addr2line says then comes from other tables
            }

            known++;
            same += symbolizer.LineOf(profile, frame) is { } line && expected == $"{line.FileName}:{line.Line}" ? 1 : 0;
        }

        // binutils 2.40 gives lines of included files the including file's name now and then (unicodectype.c:4296 of 300).
        Assert.True(same >= known * 98 / 100, $"only {same} of {known} lines are addr2line's");
        Assert.NotEqual(0, known);
        Assert.Empty(symbolizer.Warnings);
    }

    private static ulong Hex(string digits) => ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>A program's lines; none where it is not installed.</summary>
    private static string[] Output(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return [];
        }
    }
}
