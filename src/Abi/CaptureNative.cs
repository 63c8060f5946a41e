namespace Viperf.Abi;

/// <summary>
/// What the kernel would have recorded, written by the thread that a timer signalled: registers and the copy of its stack
/// follow. The <see cref="CaptureSample"/> of the same thread and time has its Python frames.
/// </summary>
internal struct CaptureNative
{
    /// <summary>The head.</summary>
    public CaptureRecord Head;

    /// <summary>Nanoseconds of CLOCK_MONOTONIC.</summary>
    public ulong Time;

    /// <summary>Nanoseconds of CPU time, user's and system's, that the thread has used since its last such record.</summary>
    public ulong Weight;

    /// <summary>The thread, as itself sees its number.</summary>
    public uint Thread;

    /// <summary>Registers that follow, 8 bytes each, in the order of <c>perf_regs.h</c>, without segments that perf refuses.</summary>
    public uint Registers;

    /// <summary>Bytes of the stack, from the stack pointer upwards, that follow the registers.</summary>
    public uint StackBytes;

    /// <summary>Keeps what follows aligned.</summary>
    public uint Reserved;
}

/// <summary>A thread that a timer signalled has ended.</summary>
internal struct CaptureThreadEnd
{
    /// <summary>The head.</summary>
    public CaptureRecord Head;

    /// <summary>Nanoseconds of CLOCK_MONOTONIC.</summary>
    public ulong Time;

    /// <summary>The thread, as itself sees its number.</summary>
    public ulong Thread;

    /// <summary>Nanoseconds of CPU time for which no sample stands, where the thread blocked the signal in the end; else 0.</summary>
    public ulong Unsampled;

    /// <summary>Nanoseconds of CPU time that it has used.</summary>
    public ulong CpuTime;
}
