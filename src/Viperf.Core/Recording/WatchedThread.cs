using Viperf.Core.Linux;

namespace Viperf.Core.Recording;

/// <summary>
/// One thread that is looked at from outside. All time in which it does not run is accounted for, whenever it is looked at: the
/// kernel says how long it ran and how long it waited for a CPU, exactly where it stands still; the rest it stood.
/// </summary>
/// <param name="process">Its process.</param>
/// <param name="tid">The thread.</param>
/// <param name="start">From when on its time counts, nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="times">How it had spent its time up to then.</param>
internal sealed class WatchedThread(WatchedProcess process, int tid, ulong start, ThreadTimes times)
{
    /// <summary>A thread that stands for long is told of so often.</summary>
    private const ulong RepeatInterval = 100_000_000;

    /// <summary>It is looked at the less often the longer it has stood: a fraction of that time later.</summary>
    private const ulong PatienceShift = 4;

    private ThreadTimes _accounted = times; // up to _accountedUntil
    private ulong _accountedUntil = start;
    private ulong _delayTold = times.Delay;
    private ThreadTimes _standsWith;
    private ulong _standsSince;
    private StandingThread? _stands; // as it was told of last; it may have run since
    private ulong _untold; // nanoseconds
    private ulong _told;
    private bool _isStanding;
    private bool _stoodBefore; // since delays were told of last

    /// <summary>When it is to be looked at again.</summary>
    public ulong NextLook { get; private set; }

    /// <summary>Looks at it.</summary>
    /// <param name="now">The time, as close as may be.</param>
    /// <param name="interval">Nanoseconds between two looks at threads that run.</param>
    /// <param name="tell">Takes what is seen.</param>
    /// <returns>False if it is gone.</returns>
    public bool Look(ulong now, ulong interval, Action<StandingThread> tell)
    {
        int pid = process.Process.Pid;
        if (!ThreadStatus.TryReadTimes(pid, tid, out var times))
        {
            Leave(now, tell);
            return false;
        }

        NextLook = now;
        if (_isStanding && times == _standsWith && _stands is not { IsTentative: true })
        {
            Account(now, times);
            NextLook = now + Math.Min((now - _standsSince) >> (int)PatienceShift, RepeatInterval);
            if (now - _told >= RepeatInterval)
            {
                TellRest(now, tell);
            }

            return true;
        }

        TellDelay(now, times.Delay, interval, tell);
        bool stood = _isStanding;
        _isStanding = false;
        if (ThreadStatus.TryReadPlace(pid, tid, out var place))
        {
            var seen = process.See(tid, now, place);
            if (!ThreadStatus.TryReadTimes(pid, tid, out var after) || after.Slices != times.Slices || after.Cpu != times.Cpu)
            {
                process.CountMoved();
                return true; // it went on meanwhile: what was read is of two times
            }

            TellStand(now, after, seen, tell);
        }
        else if (stood)
        {
            TellRest(now, tell);
        }

        return true;
    }

    /// <summary>No more looks follow. Where it stood the last time, half of the time since then is taken for that place's.</summary>
    public void Leave(ulong now, Action<StandingThread> tell)
    {
        _untold += _isStanding && now > _accountedUntil ? (now - _accountedUntil) / 2 : 0;
        TellRest(now, tell);
    }

    /// <summary>Tells of the time that it has stood since it was told of last.</summary>
    private void TellRest(ulong now, Action<StandingThread> tell)
    {
        if (_stands is { } stands && _untold > 0)
        {
            Tell(now, stands with { IsRepeat = true, Frames = [], Stack = [] }, _untold, tell);
            _untold = 0;
            _told = now;
        }
    }

    /// <summary>
    /// Where it stood at another place the last time, nobody knows when it left that: half of the time that it stood in between is
    /// taken for that place's.
    /// </summary>
    private void TellStand(ulong now, in ThreadTimes times, StandingThread seen, Action<StandingThread> tell)
    {
        ulong before = _untold;
        Account(now, times);
        ulong since = _untold - before;
        if (_stands is not null)
        {
            _untold = before + (since / 2);
            TellRest(now, tell);
            since -= since / 2;
        }

        _stands = seen;
        _untold = 0;
        _told = now;
        _standsWith = times;
        _standsSince = now;
        _isStanding = true;
        Tell(now, seen with { NewCode = process.TakeNewCode() }, Math.Max(since, 1), tell);
    }

    /// <summary>Tells of time in which it waited for a CPU: after it stood, or else where it ran.</summary>
    private void TellDelay(ulong now, ulong delay, ulong interval, Action<StandingThread> tell)
    {
        _stoodBefore |= _isStanding;
        if (delay - _delayTold < interval)
        {
            return;
        }

        tell(new StandingThread(process.Process, tid, now, delay - _delayTold, StandReason.NoCpu)
        {
            Before = _stoodBefore ? _stands?.Reason : null,
            HoldsGil = _stoodBefore && _stands is { HoldsGil: true },
        });
        _delayTold = delay;
        _stoodBefore = false;
    }

    private static void Tell(ulong now, StandingThread seen, ulong weight, Action<StandingThread> tell) =>
        tell(seen with { Time = now, Weight = weight });

    private void Account(ulong now, in ThreadTimes times)
    {
        ulong passed = now - _accountedUntil;
        ulong busy = times.Cpu - _accounted.Cpu + (times.Delay - _accounted.Delay);
        if (passed < busy)
        {
            return; // the clocks are not read at the same instant: later
        }

        _untold += passed - busy;
        _accounted = times;
        _accountedUntil = now;
    }
}
