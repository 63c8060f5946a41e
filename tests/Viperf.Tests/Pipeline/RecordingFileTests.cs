using System.Runtime.InteropServices;
using Viperf.Core.Pipeline;
using Viperf.Core.Views;
using Viperf.Formats.PerfData;
using Viperf.Tests.PerfData;
using Xunit;

namespace Viperf.Tests.Pipeline;

public sealed class RecordingFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void An_event_described_behind_the_first_sample_is_left_out_with_its_samples_and_said()
    {
        const SampleFormat sampleType = PerfDataBuilder.DefaultSampleType | SampleFormat.PERF_SAMPLE_IDENTIFIER;
        var late = new PerfEventAttr
        {
            type = PerfEventKind.PERF_TYPE_SOFTWARE,
            config = 2, // PERF_COUNT_SW_PAGE_FAULTS
            size = PerfEventAttr.CurrentSize,
            sample_type = sampleType,
            flags = AttrFlags.sample_id_all | AttrFlags.exclude_guest,
        };
        byte[] description = [.. MemoryMarshal.AsBytes(new ReadOnlySpan<PerfEventAttr>(in late)), .. BitConverter.GetBytes(3UL)];
        File.WriteAllBytes(_path, new PerfDataBuilder()
            .Event(sampleType, 1)
            .Event(sampleType, 2)
            .Sample(time: 1, id: 1)
            .Record(RecordType.PERF_RECORD_HEADER_ATTR, description)
            .Sample(time: 2, id: 3)
            .Pipe());

        using var recording = RecordingFile.Open(_path);
        var profile = recording.Load(new ConverterOptions());

        Assert.Equal(1UL, recording.Reader.BadRecords);
        Assert.Equal(1UL, recording.Reader.UnknownEvents);
        Assert.Contains(recording.Reader.Warnings, warning => warning.Contains("behind the recording's start", StringComparison.Ordinal));
        Assert.Equal([1UL, 0UL], Histogram.Build(profile, new HistogramOptions()).Select(h => h.TotalSamples));
    }
}
