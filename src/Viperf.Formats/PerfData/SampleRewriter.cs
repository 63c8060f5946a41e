using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;

namespace Viperf.Formats.PerfData;

/// <summary>
/// Writes samples anew with call chains in place of what those were unwound from: the user's registers and stack
/// (perf's <c>inject --convert-callchain</c>).
/// </summary>
public static class SampleRewriter
{
    /// <summary>
    /// An event's attr as it describes the samples that <see cref="Write"/> writes. The stacks' size stays: it describes no
    /// field any more, and says how long the stacks were that the chains were made from.
    /// </summary>
    public static PerfEventAttr AttrOf(in PerfEventAttr recorded)
    {
        var attr = recorded;
        attr.sample_type |= SampleFormat.PERF_SAMPLE_CALLCHAIN;
        attr.sample_type &= ~(SampleFormat.PERF_SAMPLE_REGS_USER | SampleFormat.PERF_SAMPLE_STACK_USER);
        attr.flags &= ~AttrFlags.exclude_callchain_user;
        attr.sample_regs_user = 0;
        return attr;
    }

    /// <summary>
    /// An event of a recording as it describes the samples that <see cref="Write"/> writes: with <see cref="AttrOf"/>, and all
    /// else as it was; the event itself if its samples have no stacks.
    /// </summary>
    public static EventDescription EventOf(EventDescription recorded)
    {
        if (!recorded.Layout.Has(SampleFormat.PERF_SAMPLE_STACK_USER))
        {
            return recorded;
        }

        var attr = AttrOf(recorded.Attr);
        return new EventDescription(recorded.Index, attr, recorded.Name, recorded.Ids)
        {
            AttrBytes = AttrCodec.BytesWith(attr, recorded.AttrBytes),
        };
    }

    /// <summary>How many entries of a call chain a sample has room for, besides its other fields.</summary>
    /// <exception cref="ParseException">The sample is not consistent.</exception>
    public static int EntriesThatFit(RecordView record, EventLayout layout)
    {
        var kept = new Kept(record, layout);
        return (ushort.MaxValue - kept.Length - sizeof(ulong)) / sizeof(ulong);
    }

    /// <summary>Writes a sample.</summary>
    /// <param name="record">The sample as it was recorded.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="chain">The whole chain that it gets, of at most <see cref="EntriesThatFit"/> entries.</param>
    /// <param name="output">Where to.</param>
    /// <exception cref="ParseException">The sample is not consistent.</exception>
    public static void Write(RecordView record, EventLayout layout, ReadOnlySpan<ulong> chain, ByteWriter output)
    {
        var kept = new Kept(record, layout);
        int start = output.Length;
        output.WriteBytes(kept.BeforeChain);
        output.WriteUInt64((ulong)chain.Length);
        output.WriteBytes(MemoryMarshal.AsBytes(chain));
        output.WriteBytes(kept.BeforeState);
        output.WriteBytes(kept.BehindState);
        output.PatchUInt16(start + RecordHeader.SizeOffset, checked((ushort)(output.Length - start)));
    }

    /// <summary>The parts of a sample that stay.</summary>
    private readonly ref struct Kept
    {
        public Kept(RecordView record, EventLayout layout)
        {
            var bytes = record.Bytes;
            var sample = new SampleView(record, layout);
            var (chainStart, chainEnd) = sample.CallchainRange();
            var state = sample.UserState();
            var (stateStart, stateEnd) = state.End == 0 ? (bytes.Length, bytes.Length) : (state.Start, state.End);
            BeforeChain = bytes[..chainStart];
            BeforeState = bytes[chainEnd..stateStart];
            BehindState = bytes[stateEnd..];
        }

        /// <summary>The header and the fields before the chain.</summary>
        public ReadOnlySpan<byte> BeforeChain { get; }

        /// <summary>What is between the chain and the user's registers.</summary>
        public ReadOnlySpan<byte> BeforeState { get; }

        /// <summary>What is behind the user's stack.</summary>
        public ReadOnlySpan<byte> BehindState { get; }

        public int Length => BeforeChain.Length + BeforeState.Length + BehindState.Length;
    }
}
