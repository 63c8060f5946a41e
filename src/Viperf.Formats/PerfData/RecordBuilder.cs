using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Builds records in one buffer that is used again: each method returns a whole record, aligned to 8 bytes, that
/// stays valid until the next call. Records of the kernel's types get the trailer that the event's attr asks for.
/// </summary>
/// <param name="layout">The layout of the event that the records belong to; readers take the first event's.</param>
public sealed class RecordBuilder(EventLayout layout)
{
    /// <summary>The header's size has 16 bits, and records are multiples of 8 bytes.</summary>
    private const int LargestRecord = 65528;

    private const int SizeOffset = 6;
    private const int BuildIdBytes = 20;
    private const int CommBytes = 16;
    private const int Alignment = sizeof(ulong);

    private readonly ByteWriter _writer = new();

    /// <summary>PERF_RECORD_COMM: a thread has a name.</summary>
    /// <param name="pid">Process.</param>
    /// <param name="tid">Thread.</param>
    /// <param name="name">Without a zero at the end; what is longer than 15 bytes is cut as the kernel does.</param>
    /// <param name="isExec">True if exec gave the name.</param>
    /// <param name="id">The trailer.</param>
    public ReadOnlySpan<byte> Comm(
        int pid, int tid, ReadOnlySpan<byte> name, bool isExec = false, in SampleId id = default)
    {
        Begin(
            RecordType.PERF_RECORD_COMM,
            isExec ? RecordMisc.PERF_RECORD_MISC_COMM_EXEC : RecordMisc.PERF_RECORD_MISC_CPUMODE_UNKNOWN);
        _writer.WriteInt32(pid);
        _writer.WriteInt32(tid);
        Text(name[..Math.Min(name.Length, CommBytes - 1)]);
        return EndWithTrailer(id);
    }

    /// <summary>PERF_RECORD_MMAP: what perf writes for the kernel's own text.</summary>
    /// <param name="mapped">Protection, device, inode and build-id have no place in this record.</param>
    /// <param name="misc">The CPU mode: PERF_RECORD_MISC_KERNEL or PERF_RECORD_MISC_USER.</param>
    /// <param name="id">The trailer.</param>
    /// <exception cref="ArgumentException">The name is longer than a record can be.</exception>
    public ReadOnlySpan<byte> Mmap(in MappedFile mapped, RecordMisc misc, in SampleId id = default)
    {
        BeginMapping(RecordType.PERF_RECORD_MMAP, misc, mapped);
        Text(mapped.FileName);
        return EndWithTrailer(id);
    }

    /// <summary>PERF_RECORD_MMAP2: with a build-id where there is one, else with device and inode.</summary>
    /// <param name="mapped">The mapping.</param>
    /// <param name="misc">The CPU mode: PERF_RECORD_MISC_KERNEL or PERF_RECORD_MISC_USER.</param>
    /// <param name="id">The trailer.</param>
    /// <exception cref="ArgumentException">The build-id or the name is too long.</exception>
    public ReadOnlySpan<byte> Mmap2(in MappedFile mapped, RecordMisc misc, in SampleId id = default)
    {
        bool hasBuildId = !mapped.BuildId.IsEmpty;
        BeginMapping(
            RecordType.PERF_RECORD_MMAP2,
            hasBuildId ? misc | RecordMisc.PERF_RECORD_MISC_MMAP_BUILD_ID : misc,
            mapped);
        if (hasBuildId)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(mapped.BuildId.Length, BuildIdBytes);
            _writer.WriteByte((byte)mapped.BuildId.Length);
            _writer.WriteZeros(3);
            _writer.WriteBytes(mapped.BuildId);
            _writer.WriteZeros(BuildIdBytes - mapped.BuildId.Length);
        }
        else
        {
            _writer.WriteUInt32(mapped.DeviceMajor);
            _writer.WriteUInt32(mapped.DeviceMinor);
            _writer.WriteUInt64(mapped.Inode);
            _writer.WriteUInt64(mapped.InodeGeneration);
        }

        _writer.WriteUInt32(mapped.Protection);
        _writer.WriteUInt32(mapped.Flags);
        Text(mapped.FileName);
        return EndWithTrailer(id);
    }

    /// <summary>PERF_RECORD_FORK: a thread or process began.</summary>
    /// <param name="pid">Process.</param>
    /// <param name="parentPid">Equal to <paramref name="pid"/> where only a thread began.</param>
    /// <param name="tid">Thread.</param>
    /// <param name="parentTid">The thread that forked.</param>
    /// <param name="time">Nanoseconds of the recording's clock.</param>
    /// <param name="id">The trailer.</param>
    public ReadOnlySpan<byte> Fork(
        int pid, int parentPid, int tid, int parentTid, ulong time = 0, in SampleId id = default) =>
        Task(RecordType.PERF_RECORD_FORK, pid, parentPid, tid, parentTid, time, id);

    /// <summary>PERF_RECORD_EXIT: a thread or process ended.</summary>
    /// <inheritdoc cref="Fork"/>
    public ReadOnlySpan<byte> Exit(
        int pid, int parentPid, int tid, int parentTid, ulong time = 0, in SampleId id = default) =>
        Task(RecordType.PERF_RECORD_EXIT, pid, parentPid, tid, parentTid, time, id);

    /// <summary>PERF_RECORD_LOST: a ring was full.</summary>
    /// <param name="eventId">The event whose ring it was.</param>
    /// <param name="count">Records that were dropped.</param>
    /// <param name="id">The trailer.</param>
    public ReadOnlySpan<byte> Lost(ulong eventId, ulong count, in SampleId id = default)
    {
        Begin(RecordType.PERF_RECORD_LOST);
        _writer.WriteUInt64(eventId);
        _writer.WriteUInt64(count);
        return EndWithTrailer(id);
    }

    /// <summary>
    /// PERF_RECORD_LOST_SAMPLES: what an event's <c>read</c> counted as dropped (PERF_FORMAT_LOST), written at the end.
    /// </summary>
    /// <param name="count">Samples that were dropped.</param>
    /// <param name="id">The trailer, with the event's id.</param>
    public ReadOnlySpan<byte> LostSamples(ulong count, in SampleId id = default)
    {
        Begin(RecordType.PERF_RECORD_LOST_SAMPLES);
        _writer.WriteUInt64(count);
        return EndWithTrailer(id);
    }

    /// <summary>PERF_RECORD_FINISHED_ROUND: every ring was drained once since the last one.</summary>
    public ReadOnlySpan<byte> FinishedRound() => Bare(RecordType.PERF_RECORD_FINISHED_ROUND);

    /// <summary>PERF_RECORD_FINISHED_INIT: what existed before the recording is described, samples follow.</summary>
    public ReadOnlySpan<byte> FinishedInit() => Bare(RecordType.PERF_RECORD_FINISHED_INIT);

    private ReadOnlySpan<byte> Task(
        RecordType type, int pid, int parentPid, int tid, int parentTid, ulong time, in SampleId id)
    {
        Begin(type);
        _writer.WriteInt32(pid);
        _writer.WriteInt32(parentPid);
        _writer.WriteInt32(tid);
        _writer.WriteInt32(parentTid);
        _writer.WriteUInt64(time);
        return EndWithTrailer(id);
    }

    private ReadOnlySpan<byte> Bare(RecordType type)
    {
        Begin(type);
        return End();
    }

    private void BeginMapping(RecordType type, RecordMisc misc, in MappedFile mapped)
    {
        Begin(type, misc);
        _writer.WriteInt32(mapped.Pid);
        _writer.WriteInt32(mapped.Tid);
        _writer.WriteUInt64(mapped.Start);
        _writer.WriteUInt64(mapped.Length);
        _writer.WriteUInt64(mapped.FileOffset);
    }

    private void Begin(RecordType type, RecordMisc misc = RecordMisc.PERF_RECORD_MISC_CPUMODE_UNKNOWN)
    {
        _writer.Clear();
        _writer.WriteUInt32((uint)type);
        _writer.WriteUInt16((ushort)misc);
        _writer.WriteUInt16(0); // the size, set at the end
    }

    private void Text(ReadOnlySpan<byte> text)
    {
        _writer.WriteBytes(text);
        _writer.WriteByte(0);
        _writer.Align(Alignment);
    }

    /// <summary>The trailer's fields in the order of <c>struct sample_id</c>.</summary>
    private ReadOnlySpan<byte> EndWithTrailer(in SampleId id)
    {
        if (layout.TrailerSize > 0)
        {
            if (layout.Has(SampleFormat.PERF_SAMPLE_TID))
            {
                _writer.WriteInt32(id.Pid);
                _writer.WriteInt32(id.Tid);
            }

            Optional(SampleFormat.PERF_SAMPLE_TIME, id.Time);
            Optional(SampleFormat.PERF_SAMPLE_ID, id.Id);
            Optional(SampleFormat.PERF_SAMPLE_STREAM_ID, id.Id);
            Optional(SampleFormat.PERF_SAMPLE_CPU, id.Cpu);
            Optional(SampleFormat.PERF_SAMPLE_IDENTIFIER, id.Id);
        }

        return End();

        void Optional(SampleFormat field, ulong value)
        {
            if (layout.Has(field))
            {
                _writer.WriteUInt64(value);
            }
        }
    }

    private ReadOnlySpan<byte> End()
    {
        _writer.Align(Alignment);
        if (_writer.Length > LargestRecord)
        {
            throw new ArgumentException($"A record of {_writer.Length} bytes is longer than {LargestRecord}.");
        }

        _writer.PatchUInt16(SizeOffset, (ushort)_writer.Length);
        return _writer.Written;
    }
}
