using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// The fields of a PERF_RECORD_SAMPLE (perf_event_open(2)), read where they lie. Fixed fields that the event does not
/// record read as 0.
/// </summary>
public readonly ref struct SampleView
{
    private readonly RecordView _record;
    private readonly EventLayout _layout;

    /// <summary>Views <paramref name="record"/>, which must be a sample of the event with <paramref name="layout"/>.</summary>
    /// <exception cref="ParseException">The record is too short for the fixed fields.</exception>
    public SampleView(RecordView record, EventLayout layout)
    {
        if (record.Bytes.Length < layout.VariableOffset)
        {
            ParseException.Throw("sample too short for its event's fields", record.Source, record.Offset);
        }

        _record = record;
        _layout = layout;
    }

    /// <summary>Instruction pointer at the sample.</summary>
    public ulong Ip => UInt64At(_layout.IpOffset);

    /// <summary>Process id; -1 where not recorded.</summary>
    public int Pid => _layout.TidOffset < 0 ? -1 : MemoryMarshal.Read<int>(_record.Bytes[_layout.TidOffset..]);

    /// <summary>Thread id; -1 where not recorded.</summary>
    public int Tid => _layout.TidOffset < 0 ? -1 : MemoryMarshal.Read<int>(_record.Bytes[(_layout.TidOffset + 4)..]);

    /// <summary>Nanoseconds of the event's clock.</summary>
    public ulong Time => UInt64At(_layout.TimeOffset);

    /// <summary>CPU number; -1 where not recorded.</summary>
    public int Cpu => _layout.CpuOffset < 0 ? -1 : MemoryMarshal.Read<int>(_record.Bytes[_layout.CpuOffset..]);

    /// <summary>Events (nanoseconds for the clocks) that the sample stands for; 0 where not recorded.</summary>
    public ulong Period => UInt64At(_layout.PeriodOffset);

    /// <summary>
    /// The call chain, leaf first, with <see cref="CallchainContext"/> markers; empty where the event records none.
    /// </summary>
    /// <exception cref="ParseException">The chain's length goes beyond the record.</exception>
    public ReadOnlySpan<ulong> Callchain()
    {
        var reader = VariablePart();
        return ReadCallchain(ref reader);
    }

    /// <summary>
    /// Offsets in the record of the call chain, its count included, and of what is behind it; both are where it would be
    /// if the event records none.
    /// </summary>
    /// <exception cref="ParseException">The chain's length goes beyond the record.</exception>
    internal (int Start, int End) CallchainRange()
    {
        var reader = VariablePart();
        var chain = ReadCallchain(ref reader);
        int end = _layout.VariableOffset + reader.Position;
        bool has = _layout.Has(SampleFormat.PERF_SAMPLE_CALLCHAIN);
        return (has ? end - ((chain.Length + 1) * sizeof(ulong)) : end, end);
    }

    /// <summary>
    /// What the sample holds of the user's registers and stack, and where; empty where the event records neither.
    /// </summary>
    /// <exception cref="ParseException">A part's length goes beyond the record.</exception>
    public UserStateView UserState()
    {
        if (!_layout.Has(SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER))
        {
            return default;
        }

        var reader = VariablePart();
        ReadCallchain(ref reader);
        if (_layout.Has(SampleFormat.PERF_SAMPLE_RAW))
        {
            uint size = reader.ReadUInt32();
            reader.Skip((int)Math.Min(size, int.MaxValue));
        }

        SkipBranchStack(ref reader);
        return new UserStateView(ref reader, _layout);
    }

    private ByteReader VariablePart() => new(
        _record.Bytes[_layout.VariableOffset..], _record.Source, _record.Offset + (ulong)_layout.VariableOffset);

    private ReadOnlySpan<ulong> ReadCallchain(scoped ref ByteReader reader)
    {
        SkipRead(ref reader);
        if (!_layout.Has(SampleFormat.PERF_SAMPLE_CALLCHAIN))
        {
            return default;
        }

        ulong count = reader.ReadUInt64();
        if (count > (ulong)reader.Remaining / sizeof(ulong))
        {
            reader.Fail($"call chain of {count} entries in {reader.Remaining} bytes");
        }

        return MemoryMarshal.Cast<byte, ulong>(reader.ReadBytes((int)count * sizeof(ulong)));
    }

    /// <summary>Steps over <c>struct perf_branch_stack</c> and its counters.</summary>
    private void SkipBranchStack(ref ByteReader reader)
    {
        if (!_layout.Has(SampleFormat.PERF_SAMPLE_BRANCH_STACK))
        {
            return;
        }

        const int entryBytes = 3 * sizeof(ulong); // struct perf_branch_entry
        ulong count = reader.ReadUInt64();
        if (count > (ulong)reader.Remaining / entryBytes)
        {
            reader.Fail($"{count} branches in {reader.Remaining} bytes");
        }

        bool hasIndex = (_layout.BranchSampleType & BranchSampleType.PERF_SAMPLE_BRANCH_HW_INDEX) != 0;
        bool hasCounters = (_layout.BranchSampleType & BranchSampleType.PERF_SAMPLE_BRANCH_COUNTERS) != 0;
        int bytesEach = entryBytes + (hasCounters ? sizeof(ulong) : 0);
        reader.Skip((hasIndex ? sizeof(ulong) : 0) + ((int)count * bytesEach));
    }

    /// <summary>Steps over <c>struct read_format</c>, whose size is in the event's <c>read_format</c>.</summary>
    private void SkipRead(ref ByteReader reader)
    {
        if (!_layout.Has(SampleFormat.PERF_SAMPLE_READ))
        {
            return;
        }

        var format = _layout.ReadFormat;
        int times = Count(ReadFormat.PERF_FORMAT_TOTAL_TIME_ENABLED) + Count(ReadFormat.PERF_FORMAT_TOTAL_TIME_RUNNING);
        int perValue = 1 + Count(ReadFormat.PERF_FORMAT_ID) + Count(ReadFormat.PERF_FORMAT_LOST);
        if ((format & ReadFormat.PERF_FORMAT_GROUP) == 0)
        {
            reader.Skip((times + perValue) * sizeof(ulong));
            return;
        }

        ulong values = reader.ReadUInt64();
        if (values > (ulong)reader.Remaining / sizeof(ulong))
        {
            reader.Fail($"group of {values} values in {reader.Remaining} bytes");
        }

        reader.Skip((times + (int)values * perValue) * sizeof(ulong));

        int Count(ReadFormat part) => (format & part) != 0 ? 1 : 0;
    }

    private ulong UInt64At(int offset) => offset < 0 ? 0 : MemoryMarshal.Read<ulong>(_record.Bytes[offset..]);
}
