using System.Numerics;
using System.Runtime.InteropServices;
using Viperf.Abi;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Makes samples as the kernel writes them of what threads wrote down themselves (<see cref="CaptureNative"/>).</summary>
/// <param name="source">The event that they seem to be of, with all registers that threads write down.</param>
/// <param name="mostStack">Bytes of stack that threads copy at most.</param>
internal sealed class TimerSample(EventDescription source, uint mostStack)
{
    /// <summary>Of the most that a record holds, for all that is not the stack.</summary>
    private const uint OtherBytes = 512;

    private readonly int _registers = BitOperations.PopCount(source.Layout.UserRegistersMask);
    private readonly SampleBuilder _samples = new(source.Layout, source.IdInFile, (int)mostStack);

    /// <summary>Index of the instruction pointer among the registers: perf_regs.h of x86, and of arm64.</summary>
    private static int InstructionPointer => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 32 : 8;

    /// <summary>Bytes of its stack that a thread is to copy, a multiple of eight.</summary>
    /// <param name="wanted">How many are wished for.</param>
    public static uint StackBytes(uint wanted) => Math.Min(wanted, RecordOptions.LargestStackDump - OtherBytes);

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
        ulong instruction = MemoryMarshal.Read<ulong>(registers[(InstructionPointer * sizeof(ulong))..]);
        return _samples.Build(pid, tid, time, native.Weight, instruction, registers, stack);
    }
}
