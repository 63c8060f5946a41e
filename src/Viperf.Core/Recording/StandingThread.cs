using Viperf.Abi;

namespace Viperf.Core.Recording;

/// <summary>Why a thread does not run.</summary>
internal enum StandReason
{
    /// <summary>It waits in a system call.</summary>
    SystemCall,

    /// <summary>It waits in the kernel without having called it: for a page of memory.</summary>
    Fault,

    /// <summary>It waits for the interpreter's lock.</summary>
    Gil,

    /// <summary>It wants to run, and no CPU is free for it.</summary>
    NoCpu,
}

/// <summary>Time in which a thread did not run.</summary>
/// <param name="Process">Its process.</param>
/// <param name="Tid">The thread.</param>
/// <param name="Time">When it was looked at, nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="Weight">Nanoseconds that went by so.</param>
/// <param name="Reason">Why.</param>
internal sealed record StandingThread(CapturedProcess Process, int Tid, ulong Time, ulong Weight, StandReason Reason)
{
    /// <summary>The number of the system call; -1 for none.</summary>
    public int SystemCall { get; init; } = -1;

    /// <summary>True if it stands as it did when it was told of last: all that follows is missing.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>Of one that waits for a CPU: why it stood before it wanted one; null if it ran.</summary>
    public StandReason? Before { get; init; }

    /// <summary>True if it has to be looked at again, though it goes on to stand.</summary>
    public bool IsTentative { get; init; }

    /// <summary>True if it has the interpreter's lock meanwhile.</summary>
    public bool HoldsGil { get; init; }

    /// <summary>Code that was met since a thread of the process was told of, as records of <see cref="CaptureCode"/> with numbers of their own.</summary>
    public IReadOnlyList<byte[]> NewCode { get; init; } = [];

    /// <summary>Its Python frames, innermost first; null where they could not be read.</summary>
    public CaptureFrame[]? Frames { get; init; } = [];

    /// <summary>The stack pointer.</summary>
    public ulong StackPointer { get; init; }

    /// <summary>The instruction that it will go on with.</summary>
    public ulong Instruction { get; init; }

    /// <summary>A copy of its stack.</summary>
    public byte[] Stack { get; init; } = [];
}
