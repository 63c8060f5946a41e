using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Viperf.Formats.Elf;
using Viperf.Formats.PerfData;
using Viperf.Formats.Python;
using Xunit;

namespace Viperf.Tests.Python;

/// <summary>A file of a real interpreter's code objects, as other tools read it.</summary>
public sealed class RealCodeElfTests : IDisposable
{
    /// <summary>Where the samples of the recording have the file's text.</summary>
    private const ulong Mapped = 0x5000_0000_0000;

    private const int Pid = 4711;
    private const int Alignment = 16;

    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-codes-").FullName;
    private readonly List<(ulong Offset, DumpedCode Code)> _codes = [];
    private readonly byte[] _buildId = Guid.NewGuid().ToByteArray().Concat(new byte[4]).ToArray();
    private readonly string _path;
    private readonly ulong _textBytes;

    public RealCodeElfTests()
    {
        _path = Path.Combine(_directory, "codes.so");
        string? python = InstalledPythons.All.Select(row => row.Data).LastOrDefault();
        Assert.SkipWhen(python is null, "no Python is installed");
        using var stream = File.Create(_path);
        var writer = new CodeElfWriter(stream, ElfMachine.EM_X86_64, _buildId);
        foreach (var code in DumpedCode.Of(python).Codes)
        {
            writer.Add(new()
            {
                Offset = _textBytes,
                Size = (uint)code.Code.Length,
                Name = Encoding.UTF8.GetBytes(NameOf(code)),
                SourceFile = Encoding.UTF8.GetBytes(code.File),
                FirstLine = (uint)code.FirstLine,
                Lines = CollectionsMarshal.AsSpan(code.Lines),
                Code = code.Code,
            });
            _codes.Add((_textBytes, code));
            _textBytes = (_textBytes + (ulong)code.Code.Length + Alignment - 1) & ~(Alignment - 1UL);
        }

        writer.Finish();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Readelf_reads_it_without_a_warning()
    {
        SkipUnlessInstalled("readelf");
        var (lines, errors) = Run("readelf", "", "-aW", "--debug-dump=info,abbrev,aranges,decodedline", _path);

        Assert.Equal("", errors);
        Assert.DoesNotContain(lines, line => line.Contains("<corrupt>", StringComparison.Ordinal));
        Assert.Equal(_codes.Count, lines.Count(line => line.Contains("(DW_TAG_subprogram)", StringComparison.Ordinal)));
        Assert.Equal(_codes.Count, lines.Count(line => line.Contains(" FUNC ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains($"Build ID: {Convert.ToHexStringLower(_buildId)}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("addr2line")]
    [InlineData("llvm-addr2line")]
    public void Lines_and_names_at_both_ends_of_all_ranges_are_found(string program)
    {
        SkipUnlessInstalled(program);
        List<(ulong Address, string Name, string Place)> wanted = [];
        foreach (var (offset, code) in Some(400))
        {
            foreach (var range in code.Lines)
            {
                ulong start = CodeElfWriter.TextOffset + offset;
                wanted.Add((start + range.Start, NameOf(code), Place(code, range.Line)));
                wanted.Add((start + range.End - 1, NameOf(code), Place(code, range.Line)));
            }
        }

        string input = string.Concat(wanted.Select(place => $"0x{place.Address:x}\n"));
        var (lines, _) = Run(program, input, "-f", "-e", _path);

        var found = lines.Chunk(2).Select(pair => (pair[0], pair[1].Split(" (discriminator")[0].Replace(":?", ":0")));
        Assert.Equal(wanted.Select(place => (place.Name, place.Place)), found);
    }

    [Fact]
    public void Perf_shows_functions_and_lines_of_leaves_and_callers()
    {
        SkipUnlessInstalled("perf");
        SkipUnlessInstalled("addr2line");
        string recording = Path.Combine(_directory, "perf.data");
        List<string> expected = [];
        List<ulong[]> chains = [];
        foreach (var pair in Some(24).Chunk(2))
        {
            List<ulong> chain = [unchecked((ulong)-512L)]; // PERF_CONTEXT_USER
            foreach (var ((offset, code), isCaller) in pair.Zip([false, true]))
            {
                var range = code.Lines.Last(range => range.Line > 0);
                chain.Add(Mapped + offset + range.Start + (isCaller ? 1u : 0u));
                expected.Add(NameOf(code));
                expected.Add($"{Path.GetFileName(code.File)}:{range.Line}");
            }

            chains.Add([.. chain]);
        }

        Record(recording, chains);

        var (lines, _) = Run("perf", "", "script", "-i", recording, "-F", "ip,sym,srcline");
        List<string> found = [];
        foreach (string line in lines.Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            found.Add(found.Count % 2 == 0 ? line[(line.IndexOf(' ') + 1)..] : line);
        }

        Assert.Equal(expected, found);
        var (report, _) = Run("perf", "", "report", "-i", recording, "--stdio", "--no-children", "-g", "none", "-s", "sym");
        foreach (string name in expected.Chunk(4).Select(chunk => chunk[0]))
        {
            Assert.Contains(report, line => line.EndsWith("[.] " + name, StringComparison.Ordinal));
        }
    }

    private void Record(string path, List<ulong[]> chains)
    {
        const SampleFormat Format = SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_TID
            | SampleFormat.PERF_SAMPLE_TIME | SampleFormat.PERF_SAMPLE_CALLCHAIN;
        var cpuClock = new EventDescription(
            0,
            new PerfEventAttr { type = PerfEventKind.PERF_TYPE_SOFTWARE, size = 128, sample_type = Format, flags = AttrFlags.sample_id_all, sample_period = 1 },
            "cpu-clock",
            [1]);
        var records = new RecordBuilder(cpuClock.Layout);
        using var stream = File.Create(path, 1);
        var writer = PerfDataWriter.CreateFile(stream, [cpuClock]);
        writer.Write(records.Comm(Pid, Pid, "python"u8));
        writer.Write(records.Mmap2(
            new MappedFile
            {
                Pid = Pid,
                Tid = Pid,
                Start = Mapped,
                Length = (_textBytes + 0xfff) & ~0xffful,
                FileOffset = CodeElfWriter.TextOffset,
                Protection = 5,
                Flags = 2,
                BuildId = _buildId,
                FileName = Encoding.UTF8.GetBytes(_path),
            },
            RecordMisc.PERF_RECORD_MISC_USER));
        ulong time = 1;
        foreach (ulong[] chain in chains)
        {
            ulong[] body = [chain[1], Pid | (ulong)Pid << 32, time++, (ulong)chain.Length, .. chain];
            var header = new RecordHeader
            {
                type = RecordType.PERF_RECORD_SAMPLE,
                misc = RecordMisc.PERF_RECORD_MISC_USER,
                size = (ushort)(RecordHeader.ByteCount + (body.Length * sizeof(ulong))),
            };
            byte[] record = new byte[header.size];
            MemoryMarshal.Write(record, header);
            MemoryMarshal.AsBytes(body.AsSpan()).CopyTo(record.AsSpan(RecordHeader.ByteCount));
            writer.Write(record);
        }

        writer.Finish(new FeatureWriter());
    }

    /// <summary>So many code objects from all over the file, with lines.</summary>
    private IEnumerable<(ulong Offset, DumpedCode Code)> Some(int count) => _codes
        .Where((_, index) => index % Math.Max(_codes.Count / count, 1) == 0)
        .Where(code => code.Code.Lines.Exists(range => range.Line > 0))
        .Take(count);

    private static string NameOf(DumpedCode code) => $"py::{code.Name}:{code.File}";

    private static string Place(DumpedCode code, uint line) => $"{code.File}:{line}";

    private static void SkipUnlessInstalled(string program) => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program))),
        $"{program} is not installed");

    private static (List<string> Lines, string Errors) Run(string program, string input, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return ([.. output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)], errors.Result);
    }
}
