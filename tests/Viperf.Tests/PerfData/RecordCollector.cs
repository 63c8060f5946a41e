using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Tests.PerfData;

/// <summary>Keeps what a reader hands out.</summary>
internal sealed class RecordCollector : IRecordSink
{
    public List<(RecordType Type, ulong Time, int Event)> Records { get; } = [];

    /// <summary>Instruction pointers of the samples.</summary>
    public List<ulong> Ips { get; } = [];

    /// <summary>Names of the COMM records.</summary>
    public List<string> Comms { get; } = [];

    public IEnumerable<ulong> Times => Records.Select(record => record.Time);

    public int CountOf(RecordType type) => Records.Count(record => record.Type == type);

    public static RecordCollector Of(PerfDataReader reader)
    {
        var collector = new RecordCollector();
        reader.ReadAll(collector);
        return collector;
    }

    public void OnRecord(RecordView record, EventDescription source, ulong time)
    {
        switch (record.Type)
        {
            case RecordType.PERF_RECORD_SAMPLE:
                var sample = new SampleView(record, source.Layout);
                sample.Callchain();
                Ips.Add(sample.Ip);
                break;
            case RecordType.PERF_RECORD_COMM:
                Comms.Add(ByteReader.Text(new CommView(record).Name));
                break;
            case RecordType.PERF_RECORD_MMAP or RecordType.PERF_RECORD_MMAP2:
                _ = new MmapView(record);
                break;
            case RecordType.PERF_RECORD_FORK or RecordType.PERF_RECORD_EXIT:
                _ = new TaskView(record);
                break;
            default:
                break;
        }

        Records.Add((record.Type, time, source.Index));
    }
}
