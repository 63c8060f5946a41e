using Viperf.Core.Recording;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Tests.Recording;

/// <summary>Notes the records of a live recording, and writes samples with the first word of their stack as call chain.</summary>
internal sealed class LiveTaker : ILiveRecords
{
    public List<(ulong Time, byte[] Record, bool StackDropped)> Taken { get; } = [];

    public List<EventDescription> Sources { get; } = [];

    public IEnumerable<ulong> Times => Taken.Select(taken => taken.Time);

    /// <summary>What happens while a record is taken.</summary>
    public Action? Meanwhile { get; set; }

    /// <summary>What a record of a time fails with, after a part of it was written; null for all that do not.</summary>
    public Func<ulong, Exception?> Failure { get; set; } = static _ => null;

    /// <summary>True to have no rounds end.</summary>
    public bool HoldsBack { get; set; }

    /// <summary>How often all was taken that the rings held.</summary>
    public int Drained { get; private set; }

    public void OnDrained(bool ended, ByteWriter output) => Drained++;

    public PerfEventAttr AttrOfFile(in PerfEventAttr recorded)
    {
        var attr = recorded;
        attr.sample_type &= ~(SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER);
        attr.flags &= ~AttrFlags.exclude_callchain_user;
        attr.sample_regs_user = 0;
        attr.sample_stack_user = 0;
        return attr;
    }

    public void OnRecord(RecordView record, EventDescription source, ulong time, bool stackDropped, ByteWriter output)
    {
        Taken.Add((time, record.Bytes.ToArray(), stackDropped));
        Sources.Add(source);
        Meanwhile?.Invoke();
        if (Failure(time) is { } failure)
        {
            output.WriteBytes(record.Bytes[..RecordHeader.ByteCount]);
            throw failure;
        }

        if (record.Type != RecordType.PERF_RECORD_SAMPLE)
        {
            output.WriteBytes(record.Bytes);
            return;
        }

        const int sizeOffset = 6;
        int start = output.Length;
        var state = new SampleView(record, source.Layout).UserState();
        var reader = new ByteReader(state.Stack, "stack");
        output.WriteBytes(record.Bytes[..source.Layout.VariableOffset]);
        output.WriteUInt64(state.Stack.IsEmpty ? 0UL : 2UL);
        if (!state.Stack.IsEmpty)
        {
            output.WriteUInt64(CallchainContext.PERF_CONTEXT_USER);
            output.WriteUInt64(reader.ReadUInt64());
        }

        output.WriteBytes(record.Bytes[state.End..]);
        output.PatchUInt16(start + sizeOffset, (ushort)(output.Length - start));
    }
}
