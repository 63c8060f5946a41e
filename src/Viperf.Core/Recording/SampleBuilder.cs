using System.Runtime.InteropServices;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Makes samples as the kernel writes them, of a thread's registers and stack that came otherwise.</summary>
/// <param name="layout">What the samples are to have.</param>
/// <param name="id">The event's id, where they are to have one.</param>
/// <param name="mostStack">Bytes of stack at most that may have been copied; a copy of fewer ends because the stack does.</param>
internal sealed class SampleBuilder(EventLayout layout, ulong id, int mostStack)
{
    private readonly ByteWriter _writer = new();

    /// <summary>Makes a sample, which stays valid until the next.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="tid">The thread.</param>
    /// <param name="time">Nanoseconds of CLOCK_MONOTONIC.</param>
    /// <param name="period">What it stands for.</param>
    /// <param name="instruction">Where the thread is.</param>
    /// <param name="registers">The registers that the event's samples have, in their order; empty where they are not known.</param>
    /// <param name="stack">The stack, from the stack pointer upwards.</param>
    public ReadOnlySpan<byte> Build(
        int pid, int tid, ulong time, ulong period, ulong instruction, ReadOnlySpan<byte> registers, ReadOnlySpan<byte> stack)
    {
        _writer.Clear();
        _writer.WriteUInt32((uint)RecordType.PERF_RECORD_SAMPLE);
        _writer.WriteUInt16((ushort)RecordMisc.PERF_RECORD_MISC_USER);
        _writer.WriteUInt16(0); // the size
        _writer.WriteZeros(layout.VariableOffset - RecordHeader.ByteCount);
        Patch(layout.IpOffset, instruction);
        Patch(layout.TidOffset, (uint)pid | (ulong)(uint)tid << 32);
        Patch(layout.TimeOffset, time);
        Patch(layout.PeriodOffset, period);
        Patch(layout.IdOffset, id);
        WriteIf(SampleFormat.PERF_SAMPLE_CALLCHAIN, 0);
        if (layout.Has(SampleFormat.PERF_SAMPLE_REGS_USER))
        {
            var abi = registers.IsEmpty ? RegistersAbi.PERF_SAMPLE_REGS_ABI_NONE : RegistersAbi.PERF_SAMPLE_REGS_ABI_64;
            _writer.WriteUInt64((ulong)abi);
            _writer.WriteBytes(registers);
        }

        if (layout.Has(SampleFormat.PERF_SAMPLE_STACK_USER))
        {
            WriteStack(stack);
        }

        WriteIf(SampleFormat.PERF_SAMPLE_DATA_SRC, 0);
        _writer.PatchUInt16(RecordHeader.SizeOffset, checked((ushort)_writer.Length));
        return _writer.Written;
    }

    private void WriteStack(ReadOnlySpan<byte> stack)
    {
        // Its room is what was copied, and a word more where the copy ends because the stack does.
        int more = !stack.IsEmpty && stack.Length < mostStack ? sizeof(ulong) : 0;
        _writer.WriteUInt64((ulong)(stack.Length + more));
        if (!stack.IsEmpty)
        {
            _writer.WriteBytes(stack);
            _writer.WriteZeros(more);
            _writer.WriteUInt64((ulong)stack.Length);
        }
    }

    private void WriteIf(SampleFormat field, ulong value)
    {
        if (layout.Has(field))
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
