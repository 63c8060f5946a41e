using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>Hands a recording's records on, samples with call chains in place of copies of the stack.</summary>
/// <param name="rewriter">Unwinds.</param>
/// <param name="events">The recording's events as they describe what is handed on.</param>
/// <param name="next">Takes the records.</param>
internal sealed class CallchainConversion(
    CallchainRewriter rewriter, IReadOnlyList<EventDescription> events, IRecordSink next) : IRecordSink
{
    private readonly ByteWriter _record = new();

    /// <inheritdoc/>
    public void OnRecord(RecordView record, EventDescription source, ulong time)
    {
        _record.Clear();
        rewriter.OnRecord(record, source, time, stackDropped: false, _record);
        next.OnRecord(new RecordView(_record.Written, record.Source, record.Offset), events[source.Index], time);
    }
}
