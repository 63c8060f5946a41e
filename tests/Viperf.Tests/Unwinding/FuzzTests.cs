using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Core.Symbols;
using Viperf.Formats.Bytes;
using Viperf.Formats.Elf;
using Viperf.Formats.Jit;
using Viperf.Formats.PerfData;
using Viperf.Tests.Dwarf;
using Viperf.Tests.Elf;
using Viperf.Tests.PerfData;
using Xunit;

namespace Viperf.Tests.Unwinding;

/// <summary>
/// Recordings with damaged call frame information, damaged jitdumps, and registers and stacks of nonsense, from the file to
/// the stacks: every sample comes out, every stack says why it ends, and all of it ends. VIPERF_FUZZ_ROUNDS makes more of
/// them than the few of every day, VIPERF_FUZZ_SEED others.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int Samples = 40;
    private const ulong File0 = 0x5500_0000_0000;
    private const ulong Jit = 0x7f00_0000_0000;
    private const ulong Stack = 0x7ffc_0000_0000;
    private const ulong Text = 0x200; // as offset and as address in the file
    private const ulong FunctionBytes = 0x40;
    private const ulong Functions = 24;
    private const int Pid = 7;

    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-fuzz-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(ElfMachine.EM_X86_64)]
    [InlineData(ElfMachine.EM_AARCH64)]
    public void Every_stack_of_a_damaged_recording_ends_and_says_why(ElfMachine machine)
    {
        int rounds = Setting("VIPERF_FUZZ_ROUNDS", 60);
        var random = new Random(Setting("VIPERF_FUZZ_SEED", 20261123));
        var ends = new SortedDictionary<StackEnd, int>();
        int longest = 0;
        var slowest = TimeSpan.Zero;
        for (int round = 0; round < rounds; round++)
        {
            byte[] recording = Recording(machine, random);
            string path = Path.Combine(_directory, "perf.data");
            File.WriteAllBytes(path, recording);
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            var sink = new Sink();
            using (var file = RecordingFile.Open(path))
            {
                file.Read(sink, new ConverterOptions());
                Assert.Equal(0UL, file.Profile.BadRecords);
            }

            Assert.Equal(Samples, sink.Ends.Count);
            Assert.DoesNotContain(StackEnd.Unknown, sink.Ends);
            longest = Math.Max(longest, Rewrite(machine, recording, sink.Ends));
            var took = System.Diagnostics.Stopwatch.GetElapsedTime(start);
            slowest = took > slowest ? took : slowest;
            foreach (var end in sink.Ends)
            {
                ends[end] = ends.GetValueOrDefault(end) + 1;
            }
        }

        output.WriteLine($"{string.Join(", ", ends)}; longest chain {longest}; slowest round of 2 x {Samples} stacks {slowest.TotalMilliseconds} ms");
        Assert.True(ends.Count >= 5, "the nonsense is too much of one kind");
        Assert.True(longest > 10, "no stack gets anywhere");
    }

    /// <summary>Unwinds once more, into call chains; the longest one's length.</summary>
    private static int Rewrite(ElfMachine machine, byte[] recording, List<StackEnd> ends)
    {
        using var rewriter = new CallchainRewriter(machine, new SymbolizerOptions(), isLive: false, _ => { });
        using var reader = PerfDataReader.Open(new MemorySource(recording, "fuzz"));
        var sink = new RewriterSink(rewriter);
        reader.ReadAll(sink);
        Assert.Equal(ends, sink.Ends);
        return sink.Longest;
    }

    private byte[] Recording(ElfMachine machine, Random random)
    {
        string library = Path.Combine(_directory, "library.so");
        string dump = Path.Combine(_directory, $"jit-{Pid}.dump");
        int fileBytes = WriteLibrary(machine, library, random);
        WriteJitDump(machine, dump, random);

        ulong mask = machine == ElfMachine.EM_X86_64 ? 0xff01ff : (1UL << 33) - 1;
        var attr = new PerfEventAttr
        {
            type = PerfEventKind.PERF_TYPE_SOFTWARE,
            size = PerfEventAttr.CurrentSize,
            sample_type = PerfDataBuilder.DefaultSampleType | SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER,
            flags = AttrFlags.sample_id_all | AttrFlags.use_clockid,
            clockid = 1,
            sample_regs_user = mask,
            sample_stack_user = 1 << 14,
        };
        var records = new RecordBuilder(new EventLayout(attr));
        var builder = new PerfDataBuilder().AttrSize(PerfEventAttr.CurrentSize).Event(attr, 1)
            .Feature(HeaderFeature.ARCH, machine == ElfMachine.EM_X86_64 ? "x86_64" : "aarch64");
        Map(File0, (ulong)fileBytes, library);
        Map(Jit, 0x10000, "//anon");
        Map(Jit + 0x20000, 0x1000, dump);
        for (uint i = 0; i < Samples; i++)
        {
            var state = State(machine, random);
            var body = new ByteWriter();
            body.WriteUInt64(Address(random));
            body.WriteUInt64(Pid | (ulong)Pid << 32);
            body.WriteUInt64(1000 + i);
            state.WriteState(body, random.Next(3) == 0 ? random.Next(0, state.StackBytes + 1) : null);
            builder.Record(RecordType.PERF_RECORD_SAMPLE, body.Written, RecordMisc.PERF_RECORD_MISC_USER);
        }

        return builder.File();

        void Map(ulong start, ulong length, string name) => builder.Raw(records.Mmap2(
            new MappedFile { Pid = Pid, Tid = Pid, Start = start, Length = length, Protection = 5, FileName = Encoding.UTF8.GetBytes(name) },
            RecordMisc.PERF_RECORD_MISC_USER,
            new SampleId { Pid = Pid, Tid = Pid, Time = 1 }));
    }

    /// <summary>A file whose addresses are its offsets, with functions of many shapes and code that is full of calls.</summary>
    private static int WriteLibrary(ElfMachine machine, string path, Random random)
    {
        byte[] text = new byte[(int)(Text + (FunctionBytes * (Functions + 4)))];
        random.NextBytes(text);
        for (int at = 0; at + 5 <= text.Length; at += 16)
        {
            text[at] = machine == ElfMachine.EM_X86_64 ? (byte)0xe8 : text[at];
            text[at + 3] = machine == ElfMachine.EM_X86_64 ? text[at + 3] : (byte)0x94;
        }

        var frames = CallFrames(machine, Text);
        byte[] bytes = random.Next(4) == 0 ? frames.Bytes() : Damage(frames.Bytes(), random);
        var elf = new ElfBuilder(machine: machine) { EntryPoint = random.Next(3) == 0 ? Text : 0 }
            .Segment(0, 0, (ulong)text.Length)
            .Section(".text", ElfSectionType.SHT_PROGBITS, text, 120, ElfSectionFlags.SHF_ALLOC | ElfSectionFlags.SHF_EXECINSTR)
            .Section(".eh_frame", ElfSectionType.SHT_PROGBITS, bytes, frames.Section().Address, ElfSectionFlags.SHF_ALLOC);
        if (random.Next(2) == 0)
        {
            byte[] header = random.Next(2) == 0 ? frames.HeaderBytes() : Damage(frames.HeaderBytes(), random);
            elf.Section(".eh_frame_hdr", ElfSectionType.SHT_PROGBITS, header, frames.HeaderAddress, ElfSectionFlags.SHF_ALLOC);
        }

        File.WriteAllBytes(path, elf.Build());
        return text.Length;
    }

    private static CfiBuilder CallFrames(ElfMachine machine, ulong text)
    {
        bool isX64 = machine == ElfMachine.EM_X86_64;
        byte sp = (byte)(isX64 ? 7 : 31);
        byte fp = (byte)(isX64 ? 6 : 29);
        byte ra = (byte)(isX64 ? 16 : 30);
        byte breg = (byte)(0x70 + sp);
        Cfi[] shapes =
        [
            new Cfi(),
            new Cfi().DefCfaOffset(32).Offset(ra, 1).Offset(fp, 2),
            new Cfi().DefCfa(fp, 16).Offset(ra, 1).Offset(fp, 2),
            new Cfi().Advance(4).DefCfaOffset(16).Offset(ra, 1).Remember().Advance(20).DefCfaOffset(64).Advance(20).RestoreState(),
            new Cfi().DefCfaOffset(48).Offset(ra, 1).Offset(8, 4).Offset(fp, 3),
            new Cfi().DefCfaExpression(breg, 16).Offset(ra, 1).Expression(0x10, fp, breg, 0),
            new Cfi().DefCfaExpression((byte)(0x70 + fp), 0x78, 0x06).Offset(ra, 1),
            new Cfi().DefCfaOffset(24).Expression(0x16, ra, breg, 8, 0x06).Op(0x14, 3, 2),
            new Cfi().DefCfaOffset(24).Op(0x09, ra, 3),
            new Cfi().Op(0x07, ra),
        ];
        var frames = new CfiBuilder(machine: machine);
        foreach (string augmentation in new[] { "zR", "zRS" })
        {
            frames.Common(isX64 ? Cfi.X64Start : Cfi.Arm64Start, augmentation);
            for (ulong i = augmentation == "zR" ? 0 : Functions - 3; i < (augmentation == "zR" ? Functions - 3 : Functions); i++)
            {
                frames.Function(text + (i * FunctionBytes), FunctionBytes - 8, shapes[i % (ulong)shapes.Length]);
            }
        }

        return frames;
    }

    private static void WriteJitDump(ElfMachine machine, string path, Random random)
    {
        using var stream = new MemoryStream();
        var writer = new JitDumpWriter(stream, new JitDumpHeader((uint)machine, Pid, 0));
        for (uint i = 0; i < 40; i++)
        {
            ulong address = Jit + ((ulong)random.Next(32) * FunctionBytes);
            var frames = CallFrames(machine, address).Bytes();
            if (random.Next(3) != 0)
            {
                writer.WriteUnwindingInfo(10 + i, random.Next(2) == 0 ? frames : Damage(frames, random), new byte[20], 0);
            }

            byte[] code = new byte[random.Next(3) == 0 ? 11 : (int)FunctionBytes];
            writer.WriteCodeLoad((ulong)random.Next(2000), Pid, address, i, Encoding.UTF8.GetBytes($"f{i}"), code);
        }

        byte[] bytes = stream.ToArray();
        File.WriteAllBytes(path, random.Next(2) == 0 ? bytes : [.. bytes[..40], .. Damage(bytes[40..], random)]);
    }

    private static Snapshot State(ElfMachine machine, Random random)
    {
        ulong stack = random.Next(20) == 0 ? (ulong)random.NextInt64(long.MinValue, long.MaxValue) : Stack + ((ulong)random.Next(64) * 8);
        bool isX64 = machine == ElfMachine.EM_X86_64;
        var state = new Snapshot(machine, stack);
        for (int register = 0; register <= 32; register++)
        {
            state.Register(register, Word(random, stack));
        }

        state.Register(isX64 ? Snapshot.Rip : Snapshot.Pc, Address(random)).Register(isX64 ? Snapshot.Rsp : Snapshot.Sp, stack);
        ulong same = Address(random);
        bool isUniform = random.Next(8) == 0; // a stack of nothing but one function
        for (int words = random.Next(random.Next(4) == 0 ? 2000 : 100); words > 0; words--)
        {
            state.Words(isUniform ? same : Word(random, stack));
        }

        return state;
    }

    private static ulong Word(Random random, ulong stack) => random.Next(8) switch
    {
        0 => 0UL - (ulong)random.Next(5000), // markers among them
        1 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        2 => (ulong)random.Next(64),
        3 or 4 => stack + ((ulong)random.Next(2200) * 8),
        _ => Address(random),
    };

    /// <summary>Mostly of code.</summary>
    private static ulong Address(Random random) => random.Next(16) switch
    {
        0 => (ulong)random.NextInt64(),
        < 11 => File0 + Text + (ulong)random.Next((int)((Functions + 4) * FunctionBytes)),
        _ => Jit + (ulong)random.Next(32 * (int)FunctionBytes),
    };

    private static byte[] Damage(byte[] bytes, Random random)
    {
        byte[] mutant = random.Next(8) == 0 ? bytes[..random.Next(1, bytes.Length)] : [.. bytes];
        for (int changes = random.Next(1, 8); changes > 0; changes--)
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

    private static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : usual;

    private sealed class Sink : ISampleSink
    {
        public List<StackEnd> Ends { get; } = [];

        public void OnSample(in ConvertedSample sample) => Ends.Add(sample.Key.End);
    }

    private sealed class RewriterSink(CallchainRewriter rewriter) : IRecordSink
    {
        private readonly ByteWriter _output = new();

        public List<StackEnd> Ends { get; } = [];

        public int Longest { get; private set; }

        public void OnRecord(RecordView record, EventDescription source, ulong time)
        {
            _output.Clear();
            rewriter.OnRecord(record, source, time, stackDropped: false, _output);
            if (record.Type == RecordType.PERF_RECORD_SAMPLE)
            {
                var layout = new EventLayout(SampleRewriter.AttrOf(source.Attr));
                var chain = new SampleView(new RecordView(_output.Written, "rewritten", 0), layout).Callchain();
                Assert.Equal(_output.Length, MemoryMarshal.Read<RecordHeader>(_output.Written).size);
                Assert.InRange(chain.Length, 1, Limits.CallchainEntries + 1 + ChainMarks.Most);
                Ends.Add(ChainMarks.Read(chain).End);
                Longest = Math.Max(Longest, chain.Length);
            }
        }
    }
}
