using Viperf.Core.Linux;
using Viperf.Core.Pipeline;
using Viperf.Core.Recording;
using Viperf.Tests.Recording;
using Xunit;

namespace Viperf.Tests.Pipeline;

public sealed class KernelTimeTests : IDisposable
{
    private const ulong Millisecond = 1_000_000;
    private const ulong Second = 1_000 * Millisecond;

    private readonly AgentRing _agent = new(4096);
    private readonly CapturedProcess _process;
    private readonly KernelTime _time;
    private readonly ThreadSignals _thread = new();

    public KernelTimeTests()
    {
        _process = new CapturedProcess(41, 13, _agent.Reader, []);
        _process.Begin();
        _time = new KernelTime(_process);
        _thread.Pass(100 * Millisecond, first: 0);
        _thread.Unsampled = 0;
    }

    [Fact]
    public void What_samples_do_not_stand_for_belongs_to_the_system_call_that_a_timer_finds()
    {
        Passes(104);
        _thread.CountSample(SignalMatch.Dropped, Millisecond, isNew: true);
        Assert.Equal(3 * Millisecond, _time.Take(_thread, Found(104, after: 1)));
        Assert.Equal(0UL, _time.Take(_thread, Found(104, after: 2)));
    }

    [Fact]
    public void Where_no_timer_finds_any_a_sample_gets_what_has_waited_for_eight_ticks()
    {
        ulong patience = 8 * SystemClock.Tick;
        _thread.Unsampled = (long)patience;
        Assert.Equal(0UL, _time.Take(_thread, After(1), Millisecond, isFirst: false));
        _thread.Unsampled++;
        Assert.Equal(patience + 1, _time.Take(_thread, After(2), Millisecond, isFirst: false));
        Assert.Equal(0, _thread.Unsampled);
    }

    [Fact]
    public void Of_the_first_thread_half_of_its_time_is_enough()
    {
        var first = new ThreadSignals();
        first.Pass(20 * Millisecond, first: 0);
        first.Unsampled = 10 * (long)Millisecond;
        Assert.Equal(0UL, _time.Take(first, After(1), Millisecond, isFirst: true));
        first.Unsampled++;
        Assert.Equal((10 * Millisecond) + 1, _time.Take(first, After(2), Millisecond, isFirst: true));
    }

    [Fact]
    public void What_an_ended_thread_leaves_goes_to_what_others_call()
    {
        _ = _time.Take(_thread, Found(100, after: 1));
        End(50 * Millisecond);
        Assert.Equal(0UL, _time.Take(_thread, After(2), Millisecond, isFirst: false));
        Assert.Equal(52 * Millisecond, _time.Take(_thread, Found(102, after: 3)));
    }

    [Fact]
    public void And_to_any_sample_where_nothing_was_called_for_a_second()
    {
        _ = _time.Take(_thread, Found(100, after: 1));
        End(50 * Millisecond);
        Assert.Equal(0UL, _time.Take(_thread, After(1_001), Millisecond, isFirst: false));
        Assert.Equal(50 * Millisecond, _time.Take(_thread, After(1_002), Millisecond, isFirst: false));
    }

    [Fact]
    public void It_is_not_longer_than_the_process_has_run_whatever_that_says()
    {
        ulong taken = _time.Take(_thread, Found(1UL << 40, after: 10));
        Assert.Equal(Second + (10 * Millisecond), taken);
    }

    public void Dispose()
    {
        _process.Dispose();
        _agent.Dispose();
    }

    private void Passes(ulong milliseconds) => _thread.Pass(milliseconds * Millisecond, first: 0);

    private void End(ulong cpuTime)
    {
        var other = new ThreadSignals { EndCpuTime = cpuTime };
        _time.End(other);
        Assert.Equal(0, other.Unsampled);
    }

    private ulong After(ulong milliseconds) => _process.Start + (milliseconds * Millisecond);

    private SystemSample Found(ulong milliseconds, ulong after) =>
        new(_process, 41, After(after), milliseconds * Millisecond, Weight: Millisecond, [], [], HoldsGil: false);
}
