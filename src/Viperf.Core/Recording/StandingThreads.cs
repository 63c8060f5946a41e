using System.Collections.Concurrent;
using System.Globalization;
using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Looks at the threads of captured processes from outside, at the rate of samples, and hands on how those stand that do not
/// run. They are not disturbed: nothing is sent to them and nothing of theirs is called.
/// </summary>
internal sealed class StandingThreads : IDisposable
{
    /// <summary>Nanoseconds between two looks, however often threads are sampled that run.</summary>
    private const ulong LeastInterval = 1_000_000;

    /// <summary>Looks take at most one part in so many of a CPU's time.</summary>
    private const ulong Share = 4;

    /// <summary>Bytes of stacks that may wait for the recorder.</summary>
    private const long MostWaiting = 256 * 1024 * 1024;

    private readonly LiveDrain _drain;
    private readonly ICaptureSink _sink;
    private readonly StandingSample _samples;
    private readonly int _stackBytes;
    private readonly ulong _interval;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private readonly List<WatchedProcess> _processes = [];
    private readonly ConcurrentQueue<StandingThread> _seen = new();
    private long _waitingBytes;
    private ulong _moved, _unread, _rounds, _late, _overload;
    private ulong _started;
    private volatile bool _isOver;

    /// <summary>Prepares.</summary>
    /// <param name="source">The recording's event.</param>
    /// <param name="drain">Takes samples.</param>
    /// <param name="sink">Takes what belongs to them.</param>
    /// <param name="stackBytes">Bytes of stacks that are copied at most.</param>
    public StandingThreads(EventDescription source, LiveDrain drain, ICaptureSink sink, int stackBytes)
    {
        _drain = drain;
        _sink = sink;
        _samples = new StandingSample(source);
        _stackBytes = stackBytes;
        _interval = Math.Max(source.Interval, LeastInterval);
        _thread = new Thread(Run) { IsBackground = true, Name = "looks" };
    }

    /// <summary>Begins to look at a process.</summary>
    public void Add(CapturedProcess process)
    {
        lock (_lock)
        {
            _processes.Add(new WatchedProcess(process, _stackBytes));
        }

        if (_started == 0)
        {
            _started = Now();
            _thread.Start();
        }
    }

    /// <summary>Hands on what has been seen.</summary>
    public void Deliver()
    {
        while (_seen.TryDequeue(out var seen))
        {
            Interlocked.Add(ref _waitingBytes, -seen.Stack.Length);
            _drain.Add(new OwnSample(seen.Time, _samples.Build(seen), _samples.Source, () => _sink.Stands(seen)));
        }
    }

    /// <summary>Ends it.</summary>
    public void Stop()
    {
        _isOver = true;
        if (_started != 0)
        {
            _thread.Join();
        }

        foreach (var process in _processes)
        {
            End(process);
        }

        _processes.Clear();
        Deliver();
    }

    /// <summary>What was reached, one line; null where there was nobody to look at.</summary>
    public string? Notice => _rounds == 0 ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"threads that did not run were looked at {_rounds / Math.Max((Now() - _started) / 1e9, 1e-3):F0} times a second of {1e9 / _interval:F0}; {_moved} went on meanwhile, {_unread} without readable frames, {_overload} without a stack: overload");

    /// <inheritdoc/>
    public void Dispose() => _isOver = true;

    private static ulong Now() => SystemClock.Now(SystemClock.Monotonic) ?? 0;

    private void Run()
    {
        ulong next = Now();
        while (!_isOver)
        {
            ulong begun = Now();
            lock (_lock)
            {
                Look();
            }

            ulong now = Now();
            _rounds++;
            next += _interval;
            ulong rest = now + ((Share - 1) * (now - begun));
            if (next < rest)
            {
                _late++;
                next = rest;
            }

            SystemClock.SleepUntil(next);
        }
    }

    private void Look()
    {
        for (int i = _processes.Count - 1; i >= 0; i--)
        {
            var process = _processes[i];
            if (process.Process.HasEnded)
            {
                End(process);
                _processes.RemoveAt(i);
                continue;
            }

            process.Look(_interval, Tell);
        }
    }

    private void End(WatchedProcess process)
    {
        process.Finish(Tell);
        _moved += process.Moved;
        _unread += process.Unread;
    }

    private void Tell(StandingThread seen)
    {
        if (Interlocked.Add(ref _waitingBytes, seen.Stack.Length) > MostWaiting)
        {
            Interlocked.Add(ref _waitingBytes, -seen.Stack.Length);
            seen = seen with { Stack = [] };
            _overload++;
        }

        _seen.Enqueue(seen);
    }
}
