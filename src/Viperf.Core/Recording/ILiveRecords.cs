using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Takes the records of a recording while it goes on, and writes what the file is to hold of them. So a sample's copy
/// of the stack can become a call chain before it meets the disk.
/// </summary>
public interface ILiveRecords
{
    /// <summary>
    /// The attr that the file has for an event: that of the samples that <see cref="OnRecord"/> writes. The fields that
    /// other records have at their end (<c>struct sample_id</c>) stay as they are.
    /// </summary>
    /// <param name="recorded">What the kernel was given.</param>
    PerfEventAttr AttrOfFile(in PerfEventAttr recorded);

    /// <summary>
    /// Takes one record. All come in the order of time, over all CPUs; what ran before the recording comes first. Only a
    /// record that an interrupt's sample overtook in the kernel, between its time and its place in the ring, comes
    /// behind that sample, some microseconds late. The kernel goes on to fill its rings: a call that takes milliseconds
    /// costs room there. A <see cref="ParseException"/>, <see cref="IOException"/> or
    /// <see cref="UnauthorizedAccessException"/> costs the record that caused it, and what was written for it.
    /// </summary>
    /// <param name="record">The record where it lies; borrowed for the call.</param>
    /// <param name="source">The event that it belongs to, as it was recorded.</param>
    /// <param name="time">Nanoseconds of the recording's clock; 0 for a record without a time.</param>
    /// <param name="stackDropped">
    /// True for a sample whose copy of the stack had to be given up, because more came than could be taken; its size
    /// in the record is 0.
    /// </param>
    /// <param name="output">Takes whole records for the file; what is in it already stays.</param>
    void OnRecord(RecordView record, EventDescription source, ulong time, bool stackDropped, ByteWriter output);

    /// <summary>
    /// True while there are records that came and were not written: no record may then say that all before a time has
    /// been.
    /// </summary>
    bool HoldsBack { get; }

    /// <summary>All that the rings held has been taken: what was held back may be written.</summary>
    /// <param name="ended">True if no more will come.</param>
    /// <param name="output">As of <see cref="OnRecord"/>.</param>
    void OnDrained(bool ended, ByteWriter output);
}
