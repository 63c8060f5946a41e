using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

public class PerfDataWriterTests
{
    private static readonly EventDescription[] Events =
    [
        Described(0, "cpu-clock:u", 11, 12),
        Described(1, "page-faults", 13, 14),
    ];

    [Fact]
    public void A_finished_file_gives_back_events_records_and_features()
    {
        using var stream = new MemoryStream();
        var writer = PerfDataWriter.CreateFile(stream, Events);
        WriteRecords(writer);
        writer.Finish(Features());

        using var reader = Reopen(stream);
        Assert.Empty(reader.Warnings);
        AssertEvents(reader);
        AssertFeatures(reader.Features);
        Assert.Equal((11UL, 22UL), reader.Features.SampleTime);
        var entry = Assert.Single(reader.Features.BuildIds);
        Assert.Equal((-1, RecordMisc.PERF_RECORD_MISC_USER, "/bin/true"), (entry.Pid, entry.CpuMode, entry.FileName));
        Assert.Equal([1, 2, 3], entry.BuildId.ToArray());
        Assert.Equal(
            [RecordType.PERF_RECORD_COMM, RecordType.PERF_RECORD_FINISHED_INIT, RecordType.PERF_RECORD_FORK],
            Read(reader));
    }

    [Fact]
    public void A_file_that_was_never_finished_gives_back_its_records_and_one_warning()
    {
        using var stream = new MemoryStream();
        WriteRecords(PerfDataWriter.CreateFile(stream, Events));

        using var reader = Reopen(stream);
        AssertEvents(reader, "cpu-clock:HG", "page-faults:HG");
        Assert.Equal(3, Read(reader).Count);
        Assert.Contains("did not finish", Assert.Single(reader.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_gives_back_events_records_and_the_features_of_its_start()
    {
        using var stream = new MemoryStream();
        var writer = PerfDataWriter.CreatePipe(stream, Events, Features());
        WriteRecords(writer);
        writer.Finish(new FeatureWriter());
        stream.Position = 0;

        using var reader = PerfDataReader.OpenPipe(stream, "test");
        AssertEvents(reader);
        AssertFeatures(reader.Features);
        Assert.Equal(3, Read(reader).Count);
        Assert.Empty(reader.Warnings);
        Assert.Throws<InvalidOperationException>(() => Read(reader));
    }

    [Theory]
    [InlineData(4000)] // more than there were: the disk is full
    [InlineData(4)] // fewer: the disk fails
    public void Features_that_cannot_be_written_leave_those_that_were_there(int nameBytes)
    {
        using var recording = new MemoryStream();
        var writer = PerfDataWriter.CreateFile(recording, Events);
        WriteRecords(writer);
        writer.Finish(Features());
        byte[] before = recording.ToArray();
        var features = new FeatureWriter();
        features.SetText(HeaderFeature.HOSTNAME, new string('y', nameBytes));

        int room = 0;
        while (true)
        {
            using var disk = new FailingStream(before, room);
            var problem = Record.Exception(() => PerfDataWriter.ReplaceFeatures(disk, new MemorySource(before, "test"), features));
            if (problem is null)
            {
                using var reader = Reopen(disk);
                Assert.Equal(new string('y', nameBytes), reader.Features.HostName);
                break;
            }

            Assert.IsType<IOException>(problem);
            Assert.Equal(before, disk.ToArray());
            room++;
        }

        Assert.True(room > nameBytes);
    }

    [Fact]
    public void Attrs_of_different_sizes_are_refused()
    {
        var attr = Events[1].Attr;
        attr.size = 112;
        EventDescription[] mixed = [Events[0], new(1, attr, "page-faults", [])];

        Assert.Throws<ArgumentException>(() => PerfDataWriter.CreateFile(new MemoryStream(), mixed));
    }

    private static EventDescription Described(int index, string name, params ulong[] ids)
    {
        var attr = new PerfEventAttr
        {
            type = PerfEventKind.PERF_TYPE_SOFTWARE,
            config = index == 0 ? 0UL : 2,
            size = 128,
            sample_type = SampleFormat.PERF_SAMPLE_IDENTIFIER | SampleFormat.PERF_SAMPLE_TIME,
            flags = AttrFlags.sample_id_all,
        };
        return new EventDescription(index, attr, name, ids);
    }

    private static FeatureWriter Features()
    {
        var features = new FeatureWriter();
        features.SetText(HeaderFeature.HOSTNAME, "host");
        features.SetText(HeaderFeature.CPUDESC, new string('x', 100));
        features.SetCpuCount(available: 4, online: 2);
        features.SetTotalMemory(123456);
        features.SetCommandLine(["viperf", "record", "--", "a b"]);
        features.SetEvents(Events);
        features.SetSampleTime(11, 22);
        features.SetBuildIds([new BuildIdEntry(-1, RecordMisc.PERF_RECORD_MISC_USER, new byte[] { 1, 2, 3 }, "/bin/true")]);
        return features;
    }

    private static void WriteRecords(PerfDataWriter writer)
    {
        var builder = new RecordBuilder(Events[0].Layout);
        writer.Write(builder.Fork(2, 1, 2, 1, time: 9, new SampleId(2, 2, Time: 9, Id: 12, Cpu: 0)));
        writer.Write(builder.Comm(1, 1, "python3"u8));
        writer.Write(builder.FinishedInit());
    }

    private static PerfDataReader Reopen(MemoryStream stream) =>
        PerfDataReader.Open(new MemorySource(stream.ToArray(), "test"));

    private static void AssertEvents(PerfDataReader reader, params string[] names)
    {
        Assert.Equal(names.Length > 0 ? names : Events.Select(e => e.Name), reader.Events.Select(e => e.Name));
        Assert.Equal(Events.Select(e => e.Ids), reader.Events.Select(e => e.Ids));
        Assert.Equal(Events.Select(e => e.Attr), reader.Events.Select(e => e.Attr));
    }

    private static void AssertFeatures(HeaderFeatures features)
    {
        Assert.Equal("host", features.HostName);
        Assert.Equal(new string('x', 100), features.CpuDescription);
        Assert.Equal((4U, 2U), (features.CpusAvailable, features.CpusOnline));
        Assert.Equal(123456UL, features.TotalMemory);
        Assert.Equal(["viperf", "record", "--", "a b"], features.CommandLine);
        Assert.Equal(Events.Select(e => e.Name), features.EventDescriptions.Select(e => e.Name));
    }

    private static List<RecordType> Read(PerfDataReader reader)
    {
        var sink = new TypeCollector();
        reader.ReadAll(sink);
        return sink.Types;
    }

    private sealed class TypeCollector : IRecordSink
    {
        public List<RecordType> Types { get; } = [];

        public void OnRecord(RecordView record, EventDescription source, ulong time) => Types.Add(record.Type);
    }

    /// <summary>A file whose writing fails once after some bytes, and which does not grow from then on.</summary>
    private sealed class FailingStream : MemoryStream
    {
        private readonly int _length;
        private int _room;

        public FailingStream(byte[] bytes, int room)
        {
            base.Write(bytes);
            (_length, _room) = (bytes.Length, room);
        }

        private bool HasFailed => _room < 0;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (HasFailed)
            {
                Assert.True(Position + buffer.Length <= _length, "writes where a full disk has no room");
                base.Write(buffer);
                return;
            }

            base.Write(buffer[..Math.Min(buffer.Length, _room)]);
            _room -= buffer.Length;
            if (HasFailed)
            {
                throw new IOException("No space left on device");
            }
        }
    }
}
