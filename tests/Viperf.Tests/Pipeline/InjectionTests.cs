using System.Text;
using Viperf.Core;
using Viperf.Core.Pipeline;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Formats.Jit;
using Viperf.Formats.PerfData;
using Viperf.Tests.Jit;
using Viperf.Tests.PerfData;
using Xunit;

namespace Viperf.Tests.Pipeline;

public sealed class InjectionTests : IDisposable
{
    /// <summary>No process of the machine: the kernel gives no such pid.</summary>
    private const int Pid = 99_000_001;

    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-inject-").FullName;
    private readonly List<string> _warnings = [];
    private readonly List<(ulong Time, string What)> _seen = [];

    private string Dump => Path.Combine(_directory, $"jit-{Pid}.dump");

    private string Output => Path.Combine(_directory, "out", "perf.jit.data");

    public InjectionTests() => Directory.CreateDirectory(Path.GetDirectoryName(Output)!);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Code_is_mapped_at_its_time_between_the_records_and_its_file_named()
    {
        WriteDump(writer =>
        {
            writer.WriteUnwindingInfo(150, JitDumpSample.Bytes(1, 48), JitDumpSample.Bytes(2, 20), 80);
            writer.WriteCodeLoad(150, 7, 0x10000, 1, "first"u8, JitDumpSample.Bytes(0x90, 11));
            writer.WriteCodeLoad(250, 8, 0x10100, 2, "second"u8, JitDumpSample.Bytes(0x90, 12));
            writer.WriteCodeLoad(900, 8, 0x10200, 3, "third"u8, JitDumpSample.Bytes(0x90, 13));
        });
        Inject(Recording().Sample(100).Sample(200).Sample(300));

        Assert.Equal(
            [
                (100UL, "SAMPLE"),
                (150UL, "10000+60 tid 7 jitted-99000001-1.so"), // 16 bytes of code, 80 of unwind information
                (200UL, "SAMPLE"),
                (250UL, "10100+c tid 8 jitted-99000001-2.so"),
                (300UL, "SAMPLE"),
                (900UL, "10200+d tid 8 jitted-99000001-3.so"),
            ],
            _seen);
        Assert.Empty(_warnings);
        Assert.Equal("first", NameIn("jitted-99000001-1.so"));
    }

    [Fact]
    public void Unwind_information_does_not_reach_into_the_next_code()
    {
        WriteDump(writer =>
        {
            writer.WriteCodeLoad(1, 7, 0x10030, 1, "next"u8, JitDumpSample.Bytes(0x90, 11));
            writer.WriteUnwindingInfo(2, JitDumpSample.Bytes(1, 48), JitDumpSample.Bytes(2, 20), 80);
            writer.WriteCodeLoad(2, 7, 0x10000, 2, "before"u8, JitDumpSample.Bytes(0x90, 11));
        });
        Inject(Recording().Sample(10));

        Assert.Equal("10000+30 tid 7 jitted-99000001-2.so", _seen[1].What);
    }

    [Fact]
    public void Code_that_moves_keeps_its_file_and_code_that_takes_its_number_gets_another()
    {
        WriteDump(
            writer => writer.WriteCodeLoad(10, 7, 0x10000, 1, "mover"u8, JitDumpSample.Bytes(0x90, 16)),
            JitDumpSample.Move(20, 0x10000, 0x20000, 16, 1, Pid),
            JitDumpSample.Load(30, 0x10000, 1, "taker\0", 4, [1, 2, 3, 4], Pid));
        Inject(Recording().Sample(15).Sample(25).Sample(35));

        Assert.Equal(
            [
                (10UL, "10000+10 tid 7 jitted-99000001-1.so"),
                (15UL, "SAMPLE"),
                (20UL, "20000+10 tid 100 jitted-99000001-1.so"),
                (25UL, "SAMPLE"),
                (30UL, "10000+4 tid 99 jitted-99000001-1-2.so"),
                (35UL, "SAMPLE"),
            ],
            _seen);
        Assert.Equal("mover", NameIn("jitted-99000001-1.so"));
        Assert.Equal("taker", NameIn("jitted-99000001-1-2.so"));
    }

    [Fact]
    public void Anonymous_memory_of_a_process_with_a_jitdump_is_left_out_until_it_runs_another_program()
    {
        WriteDump(writer => writer.WriteCodeLoad(10, 7, 0x10000, 1, "f"u8, [0xc3]));
        var recording = Recording(withMarker: false);
        Mmap(recording, 5, "//anon");
        Mmap(recording, 6, Dump);
        Mmap(recording, 20, "//anon");
        Mmap(recording, 21, "[anon:heap]");
        Mmap(recording, 22, "/memfd:doublemapper (deleted)");
        Mmap(recording, 23, "/bin/kept");
        Mmap(recording, 24, "//anon", Pid + 1);
        recording.Record(RecordType.PERF_RECORD_COMM, Comm(30), RecordMisc.PERF_RECORD_MISC_COMM_EXEC);
        Mmap(recording, 31, "//anon");
        Inject(recording);

        Assert.Equal(
            [(5UL, "//anon"), (10UL, "10000+1 tid 7 jitted-99000001-1.so"), (23UL, "kept"), (24UL, "//anon"), (30UL, "COMM"), (31UL, "//anon")],
            _seen);
    }

    [Fact]
    public void A_jitdump_that_a_fork_wrote_twice_and_cut_gives_each_function_once()
    {
        byte[] fixture = File.ReadAllBytes(Fixtures.PathOf("jitdump-cpython", "3.13.0.dump"));
        var index = JitDumpIndex.Open(new MemorySource(fixture, "fixture"));
        int pid = (int)index.Header.ProcessId;
        string dump = Path.Combine(_directory, $"jit-{pid}.dump");
        File.WriteAllBytes(dump, fixture);
        var recording = Recording(withMarker: false);
        Mmap(recording, 1, dump, pid);
        Inject(recording);

        Assert.Equal(index.Blocks.Length, _seen.Count);
        Assert.Equal(index.Blocks.Length, Directory.GetFiles(Path.GetDirectoryName(Output)!, "jitted-*.so").Length);
        Assert.Equal(_seen.OrderBy(s => s.Time), _seen);
    }

    [Fact]
    public void A_truncated_jitdump_gives_what_it_has_and_one_line()
    {
        byte[] whole = DumpOf(writer =>
        {
            writer.WriteCodeLoad(10, 7, 0x10000, 1, "whole"u8, JitDumpSample.Bytes(0x90, 100));
            writer.WriteCodeLoad(20, 7, 0x20000, 2, "cut"u8, JitDumpSample.Bytes(0x90, 100));
        });
        File.WriteAllBytes(Dump, whole[..^50]);
        Inject(Recording().Sample(30));

        Assert.Equal([(10UL, "10000+64 tid 7 jitted-99000001-1.so"), (20UL, "20000+64 tid 7 jitted-99000001-2.so"), (30UL, "SAMPLE")], _seen);
        Assert.Contains("ends inside a record", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal("cut", NameIn("jitted-99000001-2.so"));
    }

    [Theory]
    [InlineData(null, "no such file")]
    [InlineData("", "empty file")]
    [InlineData("something else that is long enough for a header of forty bytes", "not a jitdump file")]
    public void A_jitdump_that_is_none_costs_a_line_and_its_marker_stays(string? content, string problem)
    {
        if (content != null)
        {
            File.WriteAllText(Dump, content);
        }

        Inject(Recording().Sample(30));

        Assert.Equal([(1UL, Path.GetFileName(Dump)), (30UL, "SAMPLE")], _seen);
        Assert.Contains(problem, Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_jitdump_of_another_process_is_not_used()
    {
        using (var stream = File.Create(Dump))
        {
            new JitDumpWriter(stream, JitDumpSample.Header).WriteCodeLoad(10, 7, 0x10000, 1, "theirs"u8, [0xc3]);
        }

        Inject(Recording().Sample(30));

        Assert.Equal(2, _seen.Count);
        Assert.Contains("written by process 4711", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Times_of_another_clock_are_refused_if_there_is_a_jitdump_and_nothing_is_left_behind()
    {
        File.WriteAllText(Output, "older");
        var recording = new PerfDataBuilder().Event();
        Mmap(recording, 1, Dump);
        Inject(recording);
        Assert.Single(_warnings); // there is no jitdump: copied

        WriteDump(writer => writer.WriteCodeLoad(10, 7, 0x10000, 1, "f"u8, [0xc3]));
        byte[] before = File.ReadAllBytes(Output);
        Assert.Contains("-k 1", Assert.Throws<UserErrorException>(() => Inject(recording)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Output));
        Assert.Equal([Output], Directory.GetFiles(Path.GetDirectoryName(Output)!));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("text")]
    [InlineData("directory")]
    public void What_is_no_file_of_an_earlier_run_is_not_written_over(string what)
    {
        string place = Path.Combine(Path.GetDirectoryName(Output)!, "jitted-99000001-1.so");
        string target = Path.Combine(_directory, "target");
        File.WriteAllText(target, "untouched");
        if (what == "link")
        {
            File.CreateSymbolicLink(place, target);
        }
        else if (what == "text")
        {
            File.WriteAllText(place, "untouched");
        }
        else
        {
            Directory.CreateDirectory(place);
        }

        WriteDump(writer =>
        {
            writer.WriteCodeLoad(10, 7, 0x10000, 1, "f"u8, [0xc3]);
            writer.WriteCodeLoad(20, 7, 0x20000, 2, "g"u8, [0xc3]);
        });
        Inject(Recording());

        Assert.Equal([(20UL, "20000+1 tid 7 jitted-99000001-2.so")], _seen);
        Assert.Contains($"cannot write {place}", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal("untouched", File.ReadAllText(what == "text" ? place : target));
    }

    [Fact]
    public void Files_of_an_earlier_run_are_replaced_and_are_the_same_again_whatever_links_they_have()
    {
        WriteDump(writer => writer.WriteCodeLoad(10, 7, 0x10000, 1, "f"u8, [0xc3]));
        Inject(Recording());
        string place = Path.Combine(Path.GetDirectoryName(Output)!, "jitted-99000001-1.so");
        string kept = Path.Combine(_directory, "kept.so");
        byte[] first = File.ReadAllBytes(place);
        File.Move(place, kept);
        File.WriteAllBytes(place, first);

        Inject(Recording());
        Assert.Equal(first, File.ReadAllBytes(place));

        WriteDump(writer => writer.WriteCodeLoad(10, 7, 0x10000, 1, "g"u8, [0xc3]));
        Inject(Recording());
        Assert.Equal("g", NameIn("jitted-99000001-1.so"));
        Assert.NotEqual(BuildId(kept), BuildId(place));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Header_features_attrs_and_ids_are_copied_byte_for_byte_also_unknown_ones()
    {
        var recording = new PerfDataBuilder()
            .AttrSize(160) // of a kernel that is not there yet
            .Event(PerfDataBuilder.DefaultSampleType | SampleFormat.PERF_SAMPLE_IDENTIFIER, 11, 12)
            .Event(PerfDataBuilder.DefaultSampleType | SampleFormat.PERF_SAMPLE_IDENTIFIER, 13)
            .Feature(HeaderFeature.HOSTNAME, "host")
            .Feature((HeaderFeature)200, 1, 2, 3)
            .Feature(HeaderFeature.COMPRESSED, new byte[20])
            .Sample(time: 1, id: 12)
            .Sample(time: 2, id: 13);
        Inject(recording, jit: false);

        byte[] before = recording.File();
        byte[] after = File.ReadAllBytes(Output);
        Assert.Equal(before[PerfDataBuilder.HeaderBytes..recording.DataOffset], after[PerfDataBuilder.HeaderBytes..recording.DataOffset]);
        using var reader = PerfDataReader.Open(new MemorySource(after, "after"));
        Assert.Equal([HeaderFeature.HOSTNAME, (HeaderFeature)200], reader.Features.Present);
        Assert.Equal([1, 2, 3], reader.Features.Sections[(HeaderFeature)200].ToArray());
        Assert.Equal([1UL, 2UL], RecordCollector.Of(reader).Times);
    }

    [Fact]
    public void A_pipe_becomes_a_file_with_its_features_and_build_ids()
    {
        var recording = Recording(withMarker: false).Feature(HeaderFeature.HOSTNAME, "host").Sample(5);
        var entry = new byte[36 + 64];
        entry[12] = 0xab;
        "/bin/x"u8.CopyTo(entry.AsSpan(36));
        recording.Record(RecordType.PERF_RECORD_HEADER_BUILD_ID, entry.AsSpan(8));
        string input = Path.Combine(_directory, "pipe.data");
        File.WriteAllBytes(input, recording.Pipe());
        Run(input, jit: true);

        using var reader = PerfDataReader.Open(new MemorySource(File.ReadAllBytes(Output), "after"));
        Assert.False(reader.IsPipe);
        Assert.Equal("host", reader.Features.HostName);
        Assert.Equal("/bin/x", Assert.Single(reader.Features.BuildIds).FileName);
        Assert.Single(RecordCollector.Of(reader).Ips);
    }

    [Fact]
    public void An_output_that_is_no_file_needs_a_directory_for_the_code()
    {
        WriteDump(writer => writer.WriteCodeLoad(10, 7, 0x10000, 1, "f"u8, [0xc3]));
        string input = Path.Combine(_directory, "in.data");
        File.WriteAllBytes(input, Recording().File());
        var options = new InjectOptions { InputPath = input, OutputPath = "/dev/null", Jit = true, Warn = _warnings.Add };
        Assert.Contains("--jit-dir", Assert.Throws<UserErrorException>(() => Injection.Run(options)).Message, StringComparison.Ordinal);

        string made = Path.Combine(_directory, "made", "here");
        Injection.Run(new InjectOptions
        {
            InputPath = input,
            OutputPath = "/dev/null",
            Jit = true,
            JitDirectory = made,
            Warn = _warnings.Add,
        });
        Assert.Single(Directory.GetFiles(made));
    }

    [Fact]
    public void Times_of_the_processors_counter_are_converted_as_the_recording_says()
    {
        using (var stream = File.Create(Dump))
        {
            var header = new JitDumpHeader(62, Pid, 0, JitDumpFlags.ArchTimestamp);
            new JitDumpWriter(stream, header).WriteCodeLoad(4096 + 8, 7, 0x10000, 1, "f"u8, [0xc3]);
        }

        var recording = new PerfDataBuilder().Event();
        Mmap(recording, 1, Dump);
        Inject(recording);
        Assert.Contains("the processor's counter", Assert.Single(_warnings), StringComparison.Ordinal);

        recording = new PerfDataBuilder().Event().Record(RecordType.PERF_RECORD_TIME_CONV, 10, 2048, 1000);
        Mmap(recording, 1, Dump);
        Inject(recording);
        Assert.Equal(1000UL + 4 * 2048 + 16, _seen[^1].Time); // 4096 >> 10 times the multiplier; 8 * 2048 >> 10
    }

    private PerfDataBuilder Recording(bool withMarker = true)
    {
        var recording = new PerfDataBuilder().Event(new PerfEventAttr
        {
            type = PerfEventKind.PERF_TYPE_SOFTWARE,
            sample_type = PerfDataBuilder.DefaultSampleType,
            flags = AttrFlags.sample_id_all | AttrFlags.use_clockid,
            clockid = 1,
        });
        if (withMarker)
        {
            Mmap(recording, 1, Dump);
        }

        return recording;
    }

    private static void Mmap(PerfDataBuilder recording, ulong time, string path, int pid = Pid)
    {
        var body = new ByteWriter();
        body.WriteInt32(pid);
        body.WriteInt32(pid);
        body.WriteUInt64(0x900000);
        body.WriteUInt64(0x1000);
        body.WriteUInt64(0);
        body.WriteZeros(24); // device and inode
        body.WriteUInt32(5);
        body.WriteUInt32(2);
        body.WriteText(path);
        body.Align(8);
        body.WriteInt32(pid);
        body.WriteInt32(pid);
        body.WriteUInt64(time);
        recording.Record(RecordType.PERF_RECORD_MMAP2, body.Written, RecordMisc.PERF_RECORD_MISC_USER);
    }

    private static byte[] Comm(ulong time)
    {
        var body = new ByteWriter();
        body.WriteInt32(Pid);
        body.WriteInt32(Pid);
        body.WriteText("another");
        body.Align(8);
        body.WriteInt32(Pid);
        body.WriteInt32(Pid);
        body.WriteUInt64(time);
        return body.Written.ToArray();
    }

    private static byte[] DumpOf(Action<JitDumpWriter> write)
    {
        using var stream = new MemoryStream();
        write(new JitDumpWriter(stream, new JitDumpHeader(62, Pid, 1)));
        return stream.ToArray();
    }

    private void WriteDump(Action<JitDumpWriter> write, params ReadOnlySpan<byte[]> more)
    {
        byte[] dump = DumpOf(write);
        foreach (byte[] record in more)
        {
            dump = [.. dump, .. record];
        }

        File.WriteAllBytes(Dump, dump);
    }

    private void Inject(PerfDataBuilder recording, bool jit = true)
    {
        string input = Path.Combine(_directory, "perf.data");
        File.WriteAllBytes(input, recording.File());
        Run(input, jit);
        _seen.Clear();
        using var reader = PerfDataReader.Open(new MemorySource(File.ReadAllBytes(Output), "out"));
        reader.ReadAll(new Describer(_seen));
        Assert.Empty(reader.Warnings);
    }

    private void Run(string input, bool jit) => Injection.Run(
        new InjectOptions { InputPath = input, OutputPath = Output, Jit = jit, Warn = _warnings.Add });

    private string NameIn(string file)
    {
        var elf = Open(Path.Combine(Path.GetDirectoryName(Output)!, file));
        var symbols = ElfSymbolTable.Read(elf, elf.FindSection(ElfSectionType.SHT_SYMTAB)!.Value);
        return Encoding.UTF8.GetString(symbols.NameOf(symbols[1]));
    }

    private static string BuildId(string path) => ElfNotes.BuildIdOf(Open(path));

    private static ElfFile Open(string path) => ElfFile.Open(new MemorySource(File.ReadAllBytes(path), path));

    private sealed class Describer(List<(ulong Time, string What)> seen) : IRecordSink
    {
        public void OnRecord(RecordView record, EventDescription source, ulong time)
        {
            string what = record.Type.ToString()["PERF_RECORD_".Length..];
            if (record.Type == RecordType.PERF_RECORD_MMAP2)
            {
                var mapped = new MmapView(record);
                string name = ByteReader.Text(mapped.FileName);
                what = Path.IsPathRooted(name) && !name.StartsWith("//", StringComparison.Ordinal) ? Path.GetFileName(name) : name;
                if (what.StartsWith("jitted-", StringComparison.Ordinal))
                {
                    Assert.True(mapped.Executable);
                    Assert.NotEqual(0UL, mapped.Inode);
                    Assert.Equal(0x40UL, mapped.FileOffset);
                    what = $"{mapped.Start:x}+{mapped.Length:x} tid {mapped.Tid} {what}";
                }
            }

            seen.Add((time, what));
        }
    }
}
