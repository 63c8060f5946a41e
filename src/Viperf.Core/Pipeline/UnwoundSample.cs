using System.Buffers.Binary;
using Viperf.Core.Profiles;
using Viperf.Core.Unwinding;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Pipeline;

/// <summary>Writes samples with the call chains that were found for them.</summary>
internal static class UnwoundSample
{
    /// <summary>Writes a sample.</summary>
    /// <param name="record">The sample as it was recorded.</param>
    /// <param name="source">Its event.</param>
    /// <param name="chain">Its chain; cut where a record has no room for all of it, and marked.</param>
    /// <param name="result">What became of unwinding; null where the kernel found the whole chain.</param>
    /// <param name="output">Where to.</param>
    /// <param name="period">What the sample stands for; 0 for what it says itself.</param>
    public static void Write(
        RecordView record, EventDescription source, CallChain chain, UnwindResult? result, ByteWriter output, ulong period = 0)
    {
        var layout = source.Layout;
        int most = SampleRewriter.EntriesThatFit(record, layout);
        if (result is { } unwound)
        {
            if (chain.Count > most - ChainMarks.Most)
            {
                chain.Truncate(Math.Max(most - ChainMarks.Most, 0));
                unwound = unwound with { End = StackEnd.CutByLimit };
            }

            ChainMarks.Add(chain, unwound);
        }

        chain.Truncate(Math.Min(chain.Count, most)); // samples that other fields fill have no room for marks either
        int start = output.Length;
        SampleRewriter.Write(record, layout, chain.Entries, output);
        if (source.IdInFile != 0 && layout.IdOffset >= 0)
        {
            Patch(output, start + layout.IdOffset, source.IdInFile);
        }

        if (period != 0 && layout.PeriodOffset >= 0)
        {
            Patch(output, start + layout.PeriodOffset, period);
        }

        int user = chain.Entries.IndexOf(CallchainContext.PERF_CONTEXT_USER);
        if (record.CpuMode == RecordMisc.PERF_RECORD_MISC_USER && user >= 0 && user + 1 < chain.Count)
        {
            Patch(output, start + layout.IpOffset, chain.Entries[user + 1]); // readers take a sample to be there
        }
    }

    private static void Patch(ByteWriter output, int offset, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        output.PatchBytes(offset, bytes);
    }
}
