using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Makes samples of threads that do not run: of their registers the stack pointer and the instruction are known.</summary>
internal sealed class StandingSample
{
    private readonly ByteWriter _writer = new();

    /// <summary>Prepares.</summary>
    /// <param name="recorded">The recording's event.</param>
    public StandingSample(EventDescription recorded)
    {
        // perf_regs.h of arm64, and of x86
        var (stackPointer, instruction) = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? (31, 32) : (7, 8);
        var attr = recorded.Attr;
        attr.sample_regs_user = 1UL << stackPointer | 1UL << instruction; // in this order
        Source = new EventDescription(recorded.Index, attr, recorded.Name, []) { IdInFile = recorded.Ids.Count > 0 ? recorded.Ids[0] : 0 };
    }

    /// <summary>The event that they seem to be of.</summary>
    public EventDescription Source { get; }

    /// <summary>Makes one.</summary>
    public byte[] Build(StandingThread seen)
    {
        var layout = Source.Layout;
        _writer.Clear();
        _writer.WriteUInt32((uint)RecordType.PERF_RECORD_SAMPLE);
        _writer.WriteUInt16((ushort)RecordMisc.PERF_RECORD_MISC_USER);
        _writer.WriteUInt16(0); // the size
        _writer.WriteZeros(layout.VariableOffset - RecordHeader.ByteCount);
        Patch(layout.IpOffset, seen.Instruction);
        Patch(layout.TidOffset, (uint)seen.Process.Pid | (ulong)(uint)seen.Tid << 32);
        Patch(layout.TimeOffset, seen.Time);
        Patch(layout.PeriodOffset, seen.Weight);
        Patch(layout.IdOffset, Source.IdInFile);
        WriteIf(SampleFormat.PERF_SAMPLE_CALLCHAIN, 0);
        if (layout.Has(SampleFormat.PERF_SAMPLE_REGS_USER))
        {
            bool isKnown = seen.StackPointer != 0;
            _writer.WriteUInt64((ulong)(isKnown ? RegistersAbi.PERF_SAMPLE_REGS_ABI_64 : RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE));
            if (isKnown)
            {
                _writer.WriteUInt64(seen.StackPointer);
                _writer.WriteUInt64(seen.Instruction);
            }
        }

        if (layout.Has(SampleFormat.PERF_SAMPLE_STACK_USER))
        {
            WriteStack(seen.Stack);
        }

        WriteIf(SampleFormat.PERF_SAMPLE_DATA_SRC, 0);
        _writer.PatchUInt16(RecordHeader.SizeOffset, checked((ushort)_writer.Length));
        return _writer.Written.ToArray();
    }

    private void WriteStack(byte[] stack)
    {
        const int Others = 256; // bytes of all else, at most
        var kept = stack.AsSpan(0, Math.Min(stack.Length, (ushort.MaxValue - Others) & ~(sizeof(ulong) - 1)));
        // Its room is what was copied, and a word more where the copy ends because the stack does.
        int more = !kept.IsEmpty && kept.Length == stack.Length && stack.Length < (int)Source.Attr.sample_stack_user ? sizeof(ulong) : 0;
        _writer.WriteUInt64((ulong)(kept.Length + more));
        if (!kept.IsEmpty)
        {
            _writer.WriteBytes(kept);
            _writer.WriteZeros(more);
            _writer.WriteUInt64((ulong)kept.Length);
        }
    }

    private void WriteIf(SampleFormat field, ulong value)
    {
        if (Source.Layout.Has(field))
        {
            _writer.WriteUInt64(value);
        }
    }

    private void Patch(int offset, ulong value)
    {
        if (offset >= 0)
        {
            _writer.PatchBytes(offset, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value)));
        }
    }
}
