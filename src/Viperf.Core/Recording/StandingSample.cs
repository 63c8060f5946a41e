using System.Runtime.InteropServices;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Makes samples of threads that do not run: of their registers the stack pointer and the instruction are known.</summary>
internal sealed class StandingSample
{
    /// <summary>Bytes of stack that a record has room for.</summary>
    private const int MostStack = (ushort.MaxValue - 256) & ~(sizeof(ulong) - 1);

    private readonly SampleBuilder _samples;

    /// <summary>Prepares.</summary>
    /// <param name="recorded">The recording's event.</param>
    public StandingSample(EventDescription recorded)
    {
        // perf_regs.h of arm64, and of x86
        var (stackPointer, instruction) = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? (31, 32) : (7, 8);
        var attr = recorded.Attr;
        attr.sample_regs_user = 1UL << stackPointer | 1UL << instruction; // in this order
        Source = new EventDescription(recorded.Index, attr, recorded.Name, []) { IdInFile = recorded.Ids.Count > 0 ? recorded.Ids[0] : 0 };
        _samples = new SampleBuilder(Source.Layout, Source.IdInFile, (int)Math.Min(attr.sample_stack_user, MostStack));
    }

    /// <summary>The event that they seem to be of.</summary>
    public EventDescription Source { get; }

    /// <summary>Makes one.</summary>
    public byte[] Build(StandingThread seen)
    {
        ReadOnlySpan<ulong> registers = seen.StackPointer == 0 ? [] : [seen.StackPointer, seen.Instruction];
        return _samples.Build(
            seen.Process.Pid, seen.Tid, seen.Time, seen.Weight, seen.Instruction, MemoryMarshal.AsBytes(registers),
            seen.Stack.AsSpan(0, Math.Min(seen.Stack.Length, MostStack))).ToArray();
    }
}
