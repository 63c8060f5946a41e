using Viperf.Core;
using Viperf.Core.Pipeline;
using Viperf.Core.Profiles;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Viperf.Tests.PerfData;
using Xunit;

namespace Viperf.Tests.Pipeline;

/// <summary>Copies of recordings whose stacks become call chains, without any code to unwind by.</summary>
public sealed class CallchainConversionTests : IDisposable
{
    private const int AttrBytes = 160; // of a kernel that is not there yet
    private const ulong WithStack = 11, WithoutStack = 12, Source = 0xda7a;
    private const ulong KernelIp = 0xffff_ffff_8000_1000, UserIp = 0x40_1000;

    private const SampleFormat Common =
        SampleFormat.PERF_SAMPLE_IDENTIFIER | SampleFormat.PERF_SAMPLE_IP | SampleFormat.PERF_SAMPLE_TID | SampleFormat.PERF_SAMPLE_TIME;

    private static readonly PerfEventAttr s_withStack = new()
    {
        type = PerfEventKind.PERF_TYPE_SOFTWARE,
        sample_type = Common | SampleFormat.PERF_SAMPLE_CALLCHAIN | SampleFormat.PERF_SAMPLE_REGS_USER
            | SampleFormat.PERF_SAMPLE_STACK_USER | SampleFormat.PERF_SAMPLE_DATA_SRC,
        flags = AttrFlags.sample_id_all | AttrFlags.exclude_callchain_user,
        sample_regs_user = 1 << 7 | 1 << 8, // sp and ip
        sample_stack_user = 64,
    };

    private readonly string _directory = Directory.CreateTempSubdirectory("viperf-convert-").FullName;
    private readonly List<string> _warnings = [];

    private string Input => Path.Combine(_directory, "perf.data");

    private string Output => Path.Combine(_directory, "out.data");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stacks_become_chains_and_all_else_stays(bool asPipe)
    {
        var recording = Recording();
        Sample(recording, 10, [CallchainContext.PERF_CONTEXT_KERNEL, KernelIp], RecordMisc.PERF_RECORD_MISC_USER);
        recording.Sample(20, id: WithoutStack);
        recording.Comm(30, "python", id: WithStack);
        Sample(recording, 40, [CallchainContext.PERF_CONTEXT_USER, UserIp, UserIp + 8], RecordMisc.PERF_RECORD_MISC_USER);
        File.WriteAllBytes(Input, asPipe ? recording.Pipe() : recording.File());
        Convert();

        Assert.Empty(_warnings);
        using var reader = Copy();
        var seen = new Chains();
        reader.ReadAll(seen);
        Assert.Equal([10, 20, 30, 40], seen.Times);
        Assert.Equal([Source, Source], seen.Sources);
        var unwound = ChainMarks.Read(seen.Found[0]);
        Assert.NotEqual(StackEnd.Unknown, unwound.End);
        Assert.Equal([CallchainContext.PERF_CONTEXT_KERNEL, KernelIp, CallchainContext.PERF_CONTEXT_USER, UserIp], seen.Found[0].Take(4));
        Assert.All(seen.Found[0].Skip(4), mark => Assert.Equal(CallchainContext.PERF_CONTEXT_USER, mark));
        Assert.Equal([CallchainContext.PERF_CONTEXT_USER, UserIp, UserIp + 8], seen.Found[1]); // the kernel's own chain is whole
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_events_are_those_of_the_samples_wherever_they_are_described(bool asPipe)
    {
        var recording = Recording();
        Sample(recording, 10, [], RecordMisc.PERF_RECORD_MISC_USER);
        using var original = PerfDataReader.Open(new MemorySource(recording.File(), "original"));
        var described = new FeatureWriter();
        described.SetEvents(original.Events);
        recording.Feature(HeaderFeature.EVENT_DESC, described.Sections[HeaderFeature.EVENT_DESC].ToArray());
        File.WriteAllBytes(Input, asPipe ? recording.Pipe() : recording.File());
        Convert();

        using var reader = Copy();
        const SampleFormat gone = SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER;
        Assert.Equal(s_withStack.sample_type & ~gone, reader.Events[0].Attr.sample_type);
        Assert.Equal(AttrFlags.sample_id_all, reader.Events[0].Attr.flags);
        Assert.Equal((0UL, 64U), (reader.Events[0].Attr.sample_regs_user, reader.Events[0].Attr.sample_stack_user));
        Assert.Equal(original.Events[1].AttrBytes.ToArray(), reader.Events[1].AttrBytes.ToArray());
        Assert.All(reader.Events, source => Assert.Equal(AttrBytes, source.AttrBytes.Length));
        Assert.Equal([WithStack], reader.Events[0].Ids);
        described.SetEvents(reader.Events);
        Assert.Equal(
            described.Sections[HeaderFeature.EVENT_DESC].ToArray(), reader.Features.Sections[HeaderFeature.EVENT_DESC].ToArray());
    }

    [Fact]
    public void A_bad_sample_costs_itself_and_a_line()
    {
        var recording = Recording();
        Sample(recording, 10, [], RecordMisc.PERF_RECORD_MISC_USER);
        Sample(recording, 20, [], RecordMisc.PERF_RECORD_MISC_USER, stackSize: 1 << 20);
        Sample(recording, 30, [], RecordMisc.PERF_RECORD_MISC_USER);
        File.WriteAllBytes(Input, recording.File());
        Convert();

        using var reader = Copy();
        Assert.Equal([10, 30], RecordCollector.Of(reader).Times);
        Assert.Contains(_warnings, line => line.Contains("1 bad records left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_copies_of_stacks_there_is_nothing_to_convert_and_nothing_is_written()
    {
        File.WriteAllBytes(Input, new PerfDataBuilder().Event().Sample(10).File());

        Assert.Contains("--unwind post", Assert.Throws<UserErrorException>(Convert).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    private static PerfDataBuilder Recording() => new PerfDataBuilder()
        .AttrSize(AttrBytes)
        .Event(s_withStack, WithStack)
        .Event(Common, WithoutStack)
        .Feature(HeaderFeature.ARCH, "x86_64");

    private static void Sample(PerfDataBuilder recording, ulong time, ulong[] chain, RecordMisc mode, ulong stackSize = 64)
    {
        const ulong abi64 = 2, stackPointer = 0x7fff_0000;
        var body = new ByteWriter();
        ulong[] words =
        [
            WithStack, UserIp, 7UL | 7UL << 32, time, (ulong)chain.Length, .. chain,
            abi64, stackPointer, UserIp, stackSize, 1, 2, 3, 4, 5, 6, 7, 8, 64, Source,
        ];
        foreach (ulong word in words)
        {
            body.WriteUInt64(word);
        }

        recording.Record(RecordType.PERF_RECORD_SAMPLE, body.Written, mode);
    }

    private void Convert() => Injection.Run(new InjectOptions
    {
        InputPath = Input,
        OutputPath = Output,
        ConvertCallchains = true,
        Warn = _warnings.Add,
    });

    private PerfDataReader Copy() => PerfDataReader.Open(new MemorySource(File.ReadAllBytes(Output), "out"));

    /// <summary>Keeps the call chains of the event that had stacks, and what follows them.</summary>
    private sealed class Chains : IRecordSink
    {
        public List<ulong> Times { get; } = [];

        public List<ulong[]> Found { get; } = [];

        public List<ulong> Sources { get; } = [];

        public void OnRecord(RecordView record, EventDescription source, ulong time)
        {
            Times.Add(time);
            if (record.Type == RecordType.PERF_RECORD_SAMPLE && source.Index == 0)
            {
                Found.Add(new SampleView(record, source.Layout).Callchain().ToArray());
                Sources.Add(BitConverter.ToUInt64(record.Bytes[^sizeof(ulong)..]));
            }
        }
    }
}
