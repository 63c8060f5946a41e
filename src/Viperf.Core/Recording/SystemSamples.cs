using Viperf.Core.Linux;
using Viperf.Formats.PerfData;

namespace Viperf.Core.Recording;

/// <summary>
/// Has samples of the kernel's part, which no event may sample, handed on among those of events: agents write them down
/// (<see cref="Abi.CaptureSample.InKernel"/>).
/// </summary>
internal sealed class SystemSamples
{
    /// <summary>Bytes of stack that threads copy at most, of which many may come at once.</summary>
    public const uint MostStack = 16 * 1024;

    private readonly LiveDrain _drain;
    private readonly ICaptureSink _sink;
    private readonly EventDescription _source;
    private readonly TimerSample _samples;

    /// <summary>Prepares.</summary>
    /// <param name="recorded">The recording's event.</param>
    /// <param name="drain">Takes the samples.</param>
    /// <param name="sink">Takes what belongs to them.</param>
    public SystemSamples(EventDescription recorded, LiveDrain drain, ICaptureSink sink)
    {
        _drain = drain;
        _sink = sink;
        var attr = recorded.Attr;
        attr.flags |= AttrFlags.exclude_callchain_user;
        _source = new EventDescription(recorded.Index, attr, recorded.Name, []) { IdInFile = recorded.Ids[0] };
        StackBytes = TimerSample.StackBytes(Math.Min(attr.sample_stack_user, MostStack));
        _samples = new TimerSample(_source, StackBytes);
        Interval = Math.Max(recorded.Interval, SystemClock.Tick);
    }

    /// <summary>Bytes of its stack that a thread is to copy at most.</summary>
    public uint StackBytes { get; }

    /// <summary>Nanoseconds of CPU time between two signals of a thread's timer.</summary>
    public ulong Interval { get; }

    /// <summary>Hands on what agents have written.</summary>
    public void Deliver()
    {
        foreach (var system in _sink.ReadRings())
        {
            if (_samples.TryRead(system.Native, out var native))
            {
                ulong time = Math.Clamp(system.Time, system.Process.Start, SystemClock.Now(SystemClock.Monotonic) ?? ulong.MaxValue);
                byte[] sample = _samples.Build(system.Native, native, system.Process.Pid, system.Tid, time).ToArray();
                _drain.Add(new OwnSample(time, sample, _source, () => _sink.RanInKernel(system with { Time = time })));
            }
        }
    }
}
