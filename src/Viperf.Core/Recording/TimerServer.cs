using Viperf.Abi;
using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>Has processes sampled by timers of their own, as their agents ask.</summary>
internal sealed class TimerServer : CaptureListener
{
    /// <summary>Bytes of each process's ring: what 16 threads that run at once write in 25 ms of stacks of 64 KiB, 250 times a second.</summary>
    private const uint RingBytes = 8 * 1024 * 1024;

    private readonly TimerRecords _records;
    private readonly ulong _interval;
    private readonly StandingThreads? _standing;
    private readonly bool _followsTasks;

    /// <summary>Begins to listen.</summary>
    /// <param name="options">What is wanted.</param>
    /// <param name="records">Takes what the processes write.</param>
    /// <param name="interval">Nanoseconds of CPU time between two signals.</param>
    /// <param name="standing">Looks at threads that do not run; null if they do not matter.</param>
    public TimerServer(CaptureOptions options, TimerRecords records, ulong interval, StandingThreads? standing)
        : base(options.SocketPath)
    {
        _records = records;
        _interval = interval;
        _standing = standing;
        _followsTasks = options.FollowsTasks;
    }

    /// <inheritdoc/>
    protected override CapturedProcess? Answer(int connection, int pid, in CaptureRequest request)
    {
        int end = ProcessDescriptor.Open(pid, out int errno);
        if (end < 0)
        {
            AddProblem($"a process cannot be watched and is not sampled: {Errno.Text(errno)}");
            return null;
        }

        var ring = TrySend(connection, new CaptureAnswer
        {
            Mark = CaptureProtocol.Mark,
            RingBytes = RingBytes,
            SignalData = CaptureEvents.SignalData,
            TimerInterval = _interval,
            Tick = SystemClock.Tick,
            StackBytes = _records.StackBytes,
            FollowsTasks = _followsTasks ? 1UL : 0,
        });
        if (ring == null)
        {
            _ = Descriptor.Close(end);
            return null;
        }

        return new CapturedProcess(pid, request.PythonMinor, ring, [end])
        {
            HasTimers = true,
            Layout = request.Layout,
            OwnNumber = request.ProcessId,
            IsForked = request.Wish == CaptureWish.BeginChild,
        };
    }

    /// <inheritdoc/>
    protected override void Begin(CapturedProcess process)
    {
        process.Begin();
        _records.Begin(process);
        _standing?.Add(process);
    }

    /// <inheritdoc/>
    protected override void End(CapturedProcess process)
    {
        _records.End(process);
        process.End();
    }
}
