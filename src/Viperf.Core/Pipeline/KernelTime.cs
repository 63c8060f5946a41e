using Viperf.Core.Linux;
using Viperf.Core.Recording;

namespace Viperf.Core.Pipeline;

/// <summary>
/// Time that the threads of one process spend in the kernel, where no event may sample it: what their clocks say, less what samples
/// stand for. It belongs to what a thread's timer finds calling the kernel, the oftener the longer that takes.
/// </summary>
/// <param name="process">The process.</param>
internal sealed class KernelTime(CapturedProcess process)
{
    private const ulong Second = 1_000_000_000; // in nanoseconds

    /// <summary>As of <see cref="ThreadSignals.Unsampled"/>, of threads that have ended.</summary>
    private long _ofEnded;

    /// <summary>When a timer found the kernel called last.</summary>
    private ulong _lastFound;

    /// <summary>A thread has ended: what is left of its time belongs to what others call.</summary>
    public void End(ThreadSignals thread)
    {
        thread.Pass(thread.EndCpuTime, first: 0);
        _ofEnded += thread.Unsampled;
        thread.Unsampled = 0;
    }

    /// <summary>Takes what a thread spent in the kernel since the last call.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="system">What its timer found.</param>
    /// <returns>Nanoseconds.</returns>
    public ulong Take(ThreadSignals thread, SystemSample system)
    {
        thread.Pass(system.CpuTime, system.CpuTime - Math.Min(system.Weight, system.CpuTime));
        _lastFound = system.Time;
        return Take(thread, system.Time, withEnded: true, least: 0);
    }

    /// <summary>
    /// The same where no timer found what called the kernel: likely nothing did, and there were faults. What is less than eight ticks,
    /// or than a sample and a half, waits for a timer; what ended threads left waits while timers find anything. Of a process's first
    /// thread half of its time is enough, too: what it leaves goes to nobody.
    /// </summary>
    /// <param name="thread">The thread.</param>
    /// <param name="time">When it was sampled: nanoseconds of CLOCK_MONOTONIC.</param>
    /// <param name="period">Nanoseconds that the sample stands for.</param>
    /// <param name="isFirst">True if it is the process's first.</param>
    /// <returns>Nanoseconds.</returns>
    public ulong Take(ThreadSignals thread, ulong time, ulong period, bool isFirst)
    {
        ulong patience = Math.Min(8 * SystemClock.Tick, isFirst ? thread.CpuTime / 2 : ulong.MaxValue);
        return Take(thread, time, time > _lastFound + Second, Math.Max(patience, period + (period / 2)));
    }

    private ulong Take(ThreadSignals thread, ulong time, bool withEnded, ulong least)
    {
        long unsampled = thread.Unsampled + (withEnded ? _ofEnded : 0);
        if (unsampled <= (long)least)
        {
            return 0;
        }

        thread.Unsampled = 0;
        _ofEnded = withEnded ? 0 : _ofEnded;
        return Math.Min((ulong)unsampled, time - Math.Min(time, process.Start) + Second); // whatever the process says
    }
}
