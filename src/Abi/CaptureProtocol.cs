namespace Viperf.Abi;

/// <summary>
/// How an agent asks the recorder to sample its process: over a socket (AF_UNIX, SOCK_SEQPACKET) in the session's directory,
/// while the process has one thread. The agent sends a <see cref="CaptureRequest"/>; the recorder opens the events, which do not
/// count yet, and answers with a <see cref="CaptureAnswer"/> and the ring's memory (SCM_RIGHTS); the agent gets ready for the
/// signals and sends one byte, at which the recorder lets the events count. Who hangs up before that wants nothing.
/// </summary>
/// <remarks>
/// A thread that is about to execute another program asks for a pause: the recorder stops the process's events and answers with
/// one byte. One byte more means that there is no other program after all, and ends the pause; nothing else does.
/// <para>
/// Where the recorder may open no events the answer says so (<see cref="CaptureAnswer.TimerInterval"/>), and with the byte the
/// agent's own timers run: its ring then has the native stacks as well (<see cref="CaptureNative"/>).
/// Where the events may not sample the kernel's part there are both: the timers tell what called the kernel.
/// </para>
/// </remarks>
internal static class CaptureProtocol
{
    /// <summary>First word of both messages; its last digits are the version.</summary>
    public const uint Mark = 0x7670_0004;

    /// <summary>Behind the session's directory.</summary>
    public static ReadOnlySpan<byte> SocketFile => "/capture"u8;

    /// <summary>The value of <see cref="AgentEnvironment.Mode"/> that asks for it.</summary>
    public static ReadOnlySpan<byte> Mode => "capture"u8;

    /// <summary>The same where timers take the place of events: programs that are no Python leave a sign then.</summary>
    public static ReadOnlySpan<byte> TimerMode => "capture-timers"u8;

    /// <summary>Behind the session's directory: gets a byte of each program that is no Python.</summary>
    public static ReadOnlySpan<byte> OthersFile => "/others"u8;
}

/// <summary>What an agent asks.</summary>
internal struct CaptureRequest
{
    /// <summary><see cref="CaptureProtocol.Mark"/>.</summary>
    public uint Mark;

    /// <summary>The process, as itself sees its number.</summary>
    public int ProcessId;

    /// <summary>The minor version of its Python 3.</summary>
    public int PythonMinor;

    /// <summary>What it wants.</summary>
    public CaptureWish Wish;

    /// <summary>Where its Python keeps what the recorder may read of it.</summary>
    public CaptureLayout Layout;
}

/// <summary>What an agent wants of the recorder.</summary>
internal enum CaptureWish
{
    /// <summary>To have its process sampled, from the start of Python on.</summary>
    Begin = 1,

    /// <summary>To have a forked child sampled.</summary>
    BeginChild = 2,

    /// <summary>No more signals: the process is about to execute another program.</summary>
    Pause = 3,
}

/// <summary>What the recorder answers.</summary>
internal struct CaptureAnswer
{
    /// <summary><see cref="CaptureProtocol.Mark"/>; anything else means no.</summary>
    public uint Mark;

    /// <summary>Bytes of the ring, a power of two, behind its header.</summary>
    public uint RingBytes;

    /// <summary>What the signals of these events carry (<c>sig_data</c>), to tell them from the program's own.</summary>
    public ulong SignalData;

    /// <summary>
    /// 1 if handlers are to write down the CPU time of their threads: events do not sample the kernel's part, for which timers
    /// stand in. Else 0.
    /// </summary>
    public ulong MeasuresCpuTime;

    /// <summary>Nanoseconds of CPU time between two signals that each thread's timer sends; 0 for no timers.</summary>
    public ulong TimerInterval;

    /// <summary>Nanoseconds of the kernel's tick, at which it looks at timers.</summary>
    public ulong Tick;

    /// <summary>Bytes of its stack that each thread copies at most then, a multiple of eight.</summary>
    public ulong StackBytes;

    /// <summary>
    /// 1 if frames of asyncio's tasks that await a running one are to stand around its own, as if they had called it. Else 0.
    /// </summary>
    public ulong FollowsTasks;
}
