using Viperf.Abi;
using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>A process whose agent writes down its Python frames.</summary>
/// <param name="pid">The process.</param>
/// <param name="pythonMinor">The minor version of its Python 3.</param>
/// <param name="ring">What its handlers write to; owned from here on.</param>
/// <param name="events">Descriptors of the sampling events, or of the process itself; owned from here on.</param>
internal sealed class CapturedProcess(int pid, int pythonMinor, CaptureRingReader ring, IReadOnlyList<int> events) : IDisposable
{
    private bool _isClosed;
    private int _pauses;

    /// <summary>The process.</summary>
    public int Pid => pid;

    /// <summary>The minor version of its Python 3.</summary>
    public int PythonMinor => pythonMinor;

    /// <summary>What its handlers write to.</summary>
    public CaptureRingReader Ring => ring;

    /// <summary>When it began to be sampled: nanoseconds of CLOCK_MONOTONIC.</summary>
    public ulong Start { get; private set; } = ulong.MaxValue;

    /// <summary>True once it has ended, or executed another program: no more signals will come.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>A descriptor that ends when the process does.</summary>
    public int EndDescriptor => events[0];

    /// <summary>Where its Python keeps what is read of it from outside.</summary>
    public CaptureLayout Layout { get; init; }

    /// <summary>Its number as itself sees it.</summary>
    public int OwnNumber { get; init; }

    /// <summary>True if its signals tell of CPU time: the kernel's part is wanted, and may not be sampled.</summary>
    public bool MeasuresCpuTime { get; init; }

    /// <summary>True if it goes on with its parent's program, false if it has begun one.</summary>
    public bool IsForked { get; init; }

    /// <summary>
    /// True if timers of its own signal its threads: there are no events, and the descriptor is the process's, which has input
    /// once it has ended (<c>pidfd_open(2)</c>).
    /// </summary>
    public bool HasTimers { get; init; }

    /// <summary>Sampling begins now, by itself.</summary>
    public void Begin() => Start = SystemClock.Now(SystemClock.Monotonic) ?? 0;

    /// <summary>Lets the events count.</summary>
    public void Enable()
    {
        Begin();
        SetCounting(true);
    }

    /// <summary>Stops the events for a while. Pauses may overlap.</summary>
    public void Pause()
    {
        if (_pauses++ == 0)
        {
            SetCounting(false);
        }
    }

    /// <summary>Ends a pause.</summary>
    public void GoOn()
    {
        if (--_pauses == 0)
        {
            SetCounting(true);
        }
    }

    /// <summary>Stops the events; what was written can still be read.</summary>
    public void End()
    {
        HasEnded = true;
        Close();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        ring.Dispose();
    }

    private void SetCounting(bool counts)
    {
        foreach (int fd in _isClosed ? [] : events)
        {
            if (counts)
            {
                PerfEvent.Enable(fd);
            }
            else
            {
                PerfEvent.Disable(fd);
            }
        }
    }

    private void Close()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        foreach (int fd in events)
        {
            _ = Descriptor.Close(fd);
        }
    }
}
