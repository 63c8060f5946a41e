namespace Viperf.Formats.PerfData;

/// <summary>
/// Takes records one after the other, in the order of their times. The type parameter of the caller is a struct
/// or sealed class, so the call is direct.
/// </summary>
public interface IRecordSink
{
    /// <summary>Takes one record.</summary>
    /// <param name="record">Borrowed for this call.</param>
    /// <param name="source">The event that it belongs to.</param>
    /// <param name="time">Nanoseconds of the recording's clock; 0 for records without a time.</param>
    void OnRecord(RecordView record, EventDescription source, ulong time);
}
