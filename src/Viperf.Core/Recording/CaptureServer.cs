using Viperf.Abi;
using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>Samples processes with perf events that signal them, as their agents ask.</summary>
internal sealed class CaptureServer : CaptureListener
{
    /// <summary>Bytes of each process's ring: a tenth of a second at 9,999 Hz with 200 frames has 1.7 MB.</summary>
    private const uint RingBytes = 4 * 1024 * 1024;

    /// <summary>The same with copies of stacks, which have a half of it: a tenth of a second of 20 threads that are all in the kernel.</summary>
    private const uint SystemRingBytes = 16 * 1024 * 1024;

    private readonly EventSet _events;
    private readonly CaptureEvents _capture;
    private readonly LiveDrain _drain;
    private readonly ICaptureSink _sink;
    private readonly StandingThreads? _standing;
    private readonly bool _followsTasks;
    private readonly SystemSamples? _system;
    private readonly bool _isKernelWanted;
    private readonly List<int> _waiting = [];
    private int _root;

    /// <summary>Begins to listen.</summary>
    /// <param name="events">The recording's events.</param>
    /// <param name="root">The process that is launched.</param>
    /// <param name="drain">Takes the samples.</param>
    /// <param name="options">What is wanted, and who takes the processes.</param>
    /// <param name="standing">Looks at threads that do not run; null if they do not matter.</param>
    /// <param name="isKernelWanted">False if the user's part alone was asked for.</param>
    public CaptureServer(EventSet events, int root, LiveDrain drain, CaptureOptions options, StandingThreads? standing, bool isKernelWanted)
        : base(options.SocketPath)
    {
        _events = events;
        _capture = new CaptureEvents(events);
        _root = root;
        _drain = drain;
        _sink = options.Sink;
        _followsTasks = options.FollowsTasks;
        _isKernelWanted = isKernelWanted;
        _standing = standing;
        var recorded = events.Events[0];
        _system = MeasuresCpuTime && recorded.Attr.sample_stack_user > 0 ? new SystemSamples(recorded, drain, options.Sink) : null;
    }

    /// <summary>True if samples are wanted of the kernel's part, and may not be taken.</summary>
    private bool MeasuresCpuTime => _isKernelWanted && _capture.IsUsersTime;

    /// <summary>Hands on samples of the kernel's part, where no event may take any.</summary>
    public void Deliver() => _system?.Deliver();

    /// <summary>Ends the timers of processes that live on.</summary>
    public void Stop()
    {
        foreach (var process in Running)
        {
            process.Ring.Close();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (int fd in _waiting)
        {
            _ = Descriptor.Close(fd);
        }

        base.Dispose();
    }

    /// <summary>Opens the events of a process and tells it.</summary>
    protected override CapturedProcess? Answer(int connection, int pid, in CaptureRequest request)
    {
        var opened = new List<int>();
        int errno = _capture.TryOpen(pid, opened, out var described);
        if (errno != 0)
        {
            AddProblem($"Python frames cannot be captured: the kernel refuses the events: {Errno.Text(errno)}");
            return null;
        }

        _drain.Add(described);
        var ring = TrySend(connection, new CaptureAnswer
        {
            Mark = CaptureProtocol.Mark,
            RingBytes = _system is null ? RingBytes : SystemRingBytes,
            SignalData = CaptureEvents.SignalData,
            MeasuresCpuTime = MeasuresCpuTime ? 1UL : 0,
            TimerInterval = _system?.Interval ?? 0,
            Tick = _system is null ? 0 : SystemClock.Tick,
            StackBytes = _system?.StackBytes ?? 0,
            FollowsTasks = _followsTasks ? 1UL : 0,
        });
        if (ring != null)
        {
            return new CapturedProcess(pid, request.PythonMinor, ring, opened) 
            {
                Layout = request.Layout,
                MeasuresCpuTime = MeasuresCpuTime,
            };
        }

        opened.ForEach(descriptor => _ = Descriptor.Close(descriptor));
        return null;
    }

    /// <inheritdoc/>
    protected override void Begin(CapturedProcess process)
    {
        Deliver();
        _drain.Drain(ended: false); // how many processes there are is known by what came
        if (process.Pid == _root)
        {
            OpenWaiting(process.Pid);
            _root = 0;
            if (_sink.LiveProcesses == 1)
            {
                _events.Disable(0); // of nobody else: it would sample the process a second time
            }
        }

        process.Enable();
        _sink.Begin(process);
        _standing?.Add(process);
    }

    /// <inheritdoc/>
    protected override void End(CapturedProcess process) => process.End();

    private void OpenWaiting(int pid)
    {
        if (_capture.TryOpenWaiting(pid, _waiting, out var described) == 0)
        {
            _drain.Add(described);
        }
    }
}
