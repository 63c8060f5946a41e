using System.Diagnostics;
using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>Waits, and moves records from the rings to the file, until there is no more to record.</summary>
internal sealed class RecordLoop
{
    private const int MostSeenMilliseconds = 20;

    private readonly IRecordDrain _drain;
    private readonly EventSet _events;
    private readonly StopSignals _signals;
    private readonly ChildProcess? _command;
    private readonly CaptureServer? _capture;
    private readonly StandingThreads? _standing;
    private readonly byte[] _finishedRound;
    private long _started;
    private int? _delay;
    private int _watched;
    private bool _stop;

    /// <summary>Prepares the loop.</summary>
    /// <param name="drain">Takes the records.</param>
    /// <param name="events">The events.</param>
    /// <param name="signals">End the recording.</param>
    /// <param name="command">Ends the recording when it ends; null where there is none.</param>
    /// <param name="delay">Milliseconds until the events that wait are enabled; -1 for never; null if none waits.</param>
    /// <param name="capture">Answers agents; null where none are to be answered.</param>
    /// <param name="standing">Looks at threads that do not run; null if they do not matter.</param>
    public RecordLoop(
        IRecordDrain drain, EventSet events, StopSignals signals, ChildProcess? command, int? delay, CaptureServer? capture,
        StandingThreads? standing)
    {
        _standing = standing;
        _capture = capture;
        _drain = drain;
        _events = events;
        _signals = signals;
        _command = command;
        _delay = delay >= 0 ? delay : null;
        _finishedRound = new RecordBuilder(events.Layout).FinishedRound().ToArray();
    }

    /// <summary>How often there was something to write.</summary>
    public ulong Wakeups { get; private set; }

    /// <summary>True if the command has ended by itself.</summary>
    public bool CommandEnded { get; private set; }

    /// <summary>Runs to the end of the recording; then the events are stopped and the rings empty.</summary>
    public void Run()
    {
        _started = Stopwatch.GetTimestamp();
        using var epoll = new Epoll();
        _watched = _events.Watch(epoll);
        epoll.Add(_signals.Descriptor, input: true);
        if (_command != null)
        {
            epoll.Add(_command.EndDescriptor, input: true);
        }

        _capture?.Watch(epoll);
        while (!_stop)
        {
            epoll.Wait(WaitMilliseconds());
            for (int i = 0; i < epoll.ReadyCount; i++)
            {
                Take(epoll, epoll.Ready(i));
            }

            Drain(ended: false);
            EnableWhenDue();
        }

        _events.Disable();
        _capture?.Stop();
        _standing?.Stop();
        Drain(ended: true);
        _drain.Flush();
    }

    private int WaitMilliseconds() =>
        _delay is { } delay ? Math.Clamp(delay - Elapsed(), 0, FlushMilliseconds) : FlushMilliseconds;

    /// <summary>What is seen of threads that do not run lies in memory until it is taken.</summary>
    private int FlushMilliseconds => _standing is null ? _drain.FlushMilliseconds : Math.Min(_drain.FlushMilliseconds, MostSeenMilliseconds);

    private int Elapsed() => (int)Math.Min(Stopwatch.GetElapsedTime(_started).TotalMilliseconds, int.MaxValue);

    private void EnableWhenDue()
    {
        if (_delay is { } delay && Elapsed() >= delay)
        {
            _events.Enable(_ => true);
            _delay = null;
        }
    }

    private void Take(Epoll epoll, (int Fd, bool Ended) ready)
    {
        if (ready.Fd == _signals.Descriptor)
        {
            _stop = true;
        }
        else if (_command != null && ready.Fd == _command.EndDescriptor)
        {
            _stop = CommandEnded = true;
        }
        else if (_capture?.TryTake(epoll, ready.Fd, ready.Ended) == true)
        {
            return;
        }
        else if (ready.Ended)
        {
            // It would be ready for ever. When all have ended there is nobody left to record.
            epoll.Remove(ready.Fd);
            _stop |= --_watched == 0;
        }
    }

    private void Drain(bool ended)
    {
        _standing?.Deliver();
        _capture?.Deliver();
        if (_drain.Drain(ended))
        {
            Wakeups++;
            _drain.Write(_finishedRound);
            _drain.Flush();
        }
    }
}
