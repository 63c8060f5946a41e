using System.Numerics;
using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Formats.Bytes;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Makes samples as the kernel writes them of what threads wrote down themselves (<see cref="CaptureNative"/>).</summary>
/// <param name="layout">What the samples are to have: address, thread, time, period, an empty call chain, registers and stack.</param>
/// <param name="mostStack">Bytes of stack that threads copy at most.</param>
internal sealed class TimerSample(EventLayout layout, uint mostStack)
{
    private readonly int _registers = BitOperations.PopCount(layout.UserRegistersMask);
    private readonly ByteWriter _writer = new();

    /// <summary>Index of the instruction pointer among the registers: perf_regs.h of x86, and of arm64.</summary>
    private static int InstructionPointer => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 32 : 8;

    /// <summary>Reads the head of what a thread wrote.</summary>
    /// <returns>False if it makes no sense.</returns>
    public bool TryRead(ReadOnlySpan<byte> record, out CaptureNative native)
    {
        int head = Marshal.SizeOf<CaptureNative>() + (_registers * sizeof(ulong));
        native = record.Length < head ? default : MemoryMarshal.Read<CaptureNative>(record);
        return record.Length >= head && native.Registers == _registers && native.StackBytes % sizeof(ulong) == 0
            && native.StackBytes <= (uint)(record.Length - head) && native.StackBytes <= mostStack;
    }

    /// <summary>Makes the sample, which stays valid until the next.</summary>
    public ReadOnlySpan<byte> Build(ReadOnlySpan<byte> record, in CaptureNative native, int pid, int tid, ulong time)
    {
        var registers = record.Slice(Marshal.SizeOf<CaptureNative>(), _registers * sizeof(ulong));
        var stack = record.Slice(Marshal.SizeOf<CaptureNative>() + registers.Length, (int)native.StackBytes);
        _writer.Clear();
        _writer.WriteUInt32((uint)RecordType.PERF_RECORD_SAMPLE);
        _writer.WriteUInt16((ushort)RecordMisc.PERF_RECORD_MISC_USER);
        _writer.WriteUInt16(0); // the size
        _writer.WriteBytes(registers.Slice(InstructionPointer * sizeof(ulong), sizeof(ulong)));
        _writer.WriteInt32(pid);
        _writer.WriteInt32(tid);
        _writer.WriteUInt64(time);
        _writer.WriteUInt64(native.Weight);
        _writer.WriteUInt64(0); // entries of the call chain
        _writer.WriteUInt64((ulong)RegistersAbi.PERF_SAMPLE_REGS_ABI_64);
        _writer.WriteBytes(registers);

        // Its room is what was copied, and a word more where the copy ends because the stack does.
        int more = !stack.IsEmpty && native.StackBytes < mostStack ? sizeof(ulong) : 0;
        _writer.WriteUInt64((ulong)(stack.Length + more));
        if (!stack.IsEmpty)
        {
            _writer.WriteBytes(stack);
            _writer.WriteZeros(more);
            _writer.WriteUInt64((ulong)stack.Length);
        }

        _writer.PatchUInt16(RecordHeader.SizeOffset, (ushort)_writer.Length);
        return _writer.Written;
    }
}
