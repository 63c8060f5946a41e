namespace Viperf.Formats.PerfData;

/// <summary>
/// Where the fields of an event's records lie, computed once from its attr. Sample fields up to PERIOD have fixed
/// offsets; what follows depends on the sample. Offsets count from the record's first byte, header included; -1
/// means that the event's samples lack the field.
/// </summary>
public sealed class EventLayout
{
    /// <summary>Computes the layout of <paramref name="attr"/>'s records.</summary>
    public EventLayout(in PerfEventAttr attr)
    {
        SampleType = attr.sample_type;
        ReadFormat = attr.read_format;
        BranchSampleType = (BranchSampleType)attr.branch_sample_type;
        UserRegistersMask = attr.sample_regs_user;

        int next = RecordHeader.ByteCount;
        int identifier = Take(SampleFormat.PERF_SAMPLE_IDENTIFIER, ref next);
        IpOffset = Take(SampleFormat.PERF_SAMPLE_IP, ref next);
        TidOffset = Take(SampleFormat.PERF_SAMPLE_TID, ref next);
        TimeOffset = Take(SampleFormat.PERF_SAMPLE_TIME, ref next);
        Take(SampleFormat.PERF_SAMPLE_ADDR, ref next);
        IdOffset = Take(SampleFormat.PERF_SAMPLE_ID, ref next);
        Take(SampleFormat.PERF_SAMPLE_STREAM_ID, ref next);
        CpuOffset = Take(SampleFormat.PERF_SAMPLE_CPU, ref next);
        PeriodOffset = Take(SampleFormat.PERF_SAMPLE_PERIOD, ref next);
        VariableOffset = next;
        if (identifier >= 0)
        {
            IdOffset = identifier;
        }

        if ((attr.flags & AttrFlags.sample_id_all) != 0)
        {
            // perf_event.h, struct sample_id: the same fields in the same order, IDENTIFIER last.
            int back = 0;
            int trailerIdentifier = TakeBack(SampleFormat.PERF_SAMPLE_IDENTIFIER, ref back);
            TakeBack(SampleFormat.PERF_SAMPLE_CPU, ref back);
            TakeBack(SampleFormat.PERF_SAMPLE_STREAM_ID, ref back);
            TrailerId = TakeBack(SampleFormat.PERF_SAMPLE_ID, ref back);
            TrailerTime = TakeBack(SampleFormat.PERF_SAMPLE_TIME, ref back);
            TrailerTid = TakeBack(SampleFormat.PERF_SAMPLE_TID, ref back);
            TrailerSize = back;
            if (trailerIdentifier > 0)
            {
                TrailerId = trailerIdentifier;
            }
        }
    }

    /// <summary>The event's <c>sample_type</c>.</summary>
    public SampleFormat SampleType { get; }

    /// <summary>The event's <c>read_format</c>, which decides the size of a sample's READ part.</summary>
    public ReadFormat ReadFormat { get; }

    /// <summary>The event's <c>branch_sample_type</c>, which decides the size of a sample's BRANCH_STACK part.</summary>
    public BranchSampleType BranchSampleType { get; }

    /// <summary>The event's <c>sample_regs_user</c>: which registers REGS_USER holds, by the kernel's numbers.</summary>
    public ulong UserRegistersMask { get; }

    /// <summary>Offset of the instruction pointer, 8 bytes.</summary>
    public int IpOffset { get; }

    /// <summary>Offset of pid and tid, 4 bytes each.</summary>
    public int TidOffset { get; }

    /// <summary>Offset of the time stamp, 8 bytes, nanoseconds of the event's clock.</summary>
    public int TimeOffset { get; }

    /// <summary>Offset of the event's id, 8 bytes: PERF_SAMPLE_IDENTIFIER where there is one, else PERF_SAMPLE_ID.</summary>
    public int IdOffset { get; }

    /// <summary>Offset of the CPU number, 4 bytes, followed by 4 reserved.</summary>
    public int CpuOffset { get; }

    /// <summary>Offset of the period, 8 bytes: how many events (ns for the clocks) the sample stands for.</summary>
    public int PeriodOffset { get; }

    /// <summary>Offset of the first part of variable size: READ, else CALLCHAIN, else RAW and so on.</summary>
    public int VariableOffset { get; }

    /// <summary>Bytes of <c>struct sample_id</c> at the end of other records than samples; 0 without sample_id_all.</summary>
    public int TrailerSize { get; }

    /// <summary>How far before a record's end its trailer's pid and tid stand; 0 where they do not.</summary>
    public int TrailerTid { get; }

    /// <summary>How far before a record's end its trailer's time stands; 0 where it does not.</summary>
    public int TrailerTime { get; }

    /// <summary>How far before a record's end its trailer's id stands; 0 where it does not.</summary>
    public int TrailerId { get; }

    /// <summary>True if samples have <paramref name="part"/>.</summary>
    public bool Has(SampleFormat part) => (SampleType & part) != 0;

    private int Take(SampleFormat field, ref int next)
    {
        if (!Has(field))
        {
            return -1;
        }

        int offset = next;
        next += sizeof(ulong);
        return offset;
    }

    private int TakeBack(SampleFormat field, ref int back) => Has(field) ? back += sizeof(ulong) : 0;
}
