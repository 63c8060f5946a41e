using Viperf.Core.Linux;
using Viperf.Core.Pipeline;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.PerfData;

/// <summary>perf's own files; the expected counts are perf's (see the fixtures' READMEs).</summary>
public class PerfRecordingsTests
{
    [Theory]
    [InlineData("6.1", "file.data", 78, 6, 1)]
    [InlineData("6.1", "pipe.data", 61, 6, 1)]
    [InlineData("6.1", "zstd.data", 73, 6, 1)]
    [InlineData("7.2", "file.data", 80, 7, 0)]
    [InlineData("7.2", "pipe.data", 36, 7, 0)]
    [InlineData("7.2", "zstd.data", 87, 7, 0)]
    public void Counts_agree_with_those_of_perf(string version, string file, int samples, int mmap2, int mmap)
    {
        using var reader = Open(version, file);
        var seen = RecordCollector.Of(reader);

        Assert.Empty(reader.Warnings);
        Assert.Equal(samples, seen.CountOf(RecordType.PERF_RECORD_SAMPLE));
        Assert.Equal(mmap2, seen.CountOf(RecordType.PERF_RECORD_MMAP2));
        Assert.Equal(mmap, seen.CountOf(RecordType.PERF_RECORD_MMAP));
        Assert.Equal(2, seen.CountOf(RecordType.PERF_RECORD_COMM));
        Assert.Equal(1, seen.CountOf(RecordType.PERF_RECORD_EXIT));
        var times = seen.Times.Where(time => time != 0);
        Assert.Equal(times.Order(), times);
        Assert.StartsWith(version, reader.Features.Version, StringComparison.Ordinal);
        Assert.Equal("AMD EPYC", reader.Features.CpuDescription);
    }

    [Theory]
    [InlineData("6.1", 39, 39)]
    [InlineData("7.2", 39, 41)]
    public void Samples_belong_to_the_events_that_perf_gives_them_to(string version, int clock, int task)
    {
        using var reader = Open(version, "file.data");
        var samples = RecordCollector.Of(reader).Records.Where(record => record.Type == RecordType.PERF_RECORD_SAMPLE);

        Assert.Equal(["cpu-clock:u", "task-clock"], reader.Events.Select(e => e.Name));
        Assert.Equal(clock, samples.Count(record => record.Event == 0));
        Assert.Equal(task, samples.Count(record => record.Event == 1));
    }

    [Fact]
    public void A_recording_of_perf_survives_a_stream_that_gives_a_byte_at_a_time()
    {
        using var reader = PerfDataReader.OpenPipe(
            new TrickleStream(File.ReadAllBytes(Fixtures.PathOf("perf-data-6.1", "pipe.data"))), "test");
        Assert.Equal(61, RecordCollector.Of(reader).CountOf(RecordType.PERF_RECORD_SAMPLE));
    }

    private static PerfDataReader Open(string version, string file) =>
        PerfDataReader.Open(new FileSource(Fixtures.PathOf($"perf-data-{version}", file)), new ZstdDecompressor());

    /// <summary>A pipe whose writer is slow.</summary>
    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);
    }
}
