using Viperf.Abi;
using Viperf.Core.Pipeline;
using Xunit;

namespace Viperf.Tests.Pipeline;

public class ThreadSignalsTests
{
    private readonly ThreadSignals _signals = new();

    [Fact]
    public void A_sample_is_told_of_by_the_next_signal()
    {
        Add(110, 1);
        Add(120, 2);
        Assert.Equal((SignalMatch.Found, 1), Find(105));
        Assert.Equal((SignalMatch.Found, 2), Find(115));
        Assert.Equal(SignalMatch.None, Find(125).Match);
    }

    [Fact]
    public void Several_samples_in_one_system_call_share_a_signal()
    {
        Add(110, 1);
        Assert.All((ulong[])[101, 105, 110], time => Assert.Equal((SignalMatch.Found, 1), Find(time)));
    }

    [Fact]
    public void A_signal_without_a_sample_is_passed_over()
    {
        Add(110, 1);
        Add(120, 2);
        Add(130, 3);
        Assert.Equal((SignalMatch.Found, 3), Find(125));
    }

    [Fact]
    public void A_signal_that_the_thread_had_blocked_tells_nothing_of_what_ran_meanwhile()
    {
        Add(110, 1);
        Add(200, 2, CaptureSample.Waited, lastEnd: 112);
        Assert.Equal((SignalMatch.Found, 1), Find(105));
        Assert.Equal(SignalMatch.Blocked, Find(150).Match);
    }

    [Fact]
    public void A_signal_that_waited_for_the_handler_before_tells_of_that()
    {
        Add(110, 1);
        Add(113, 2, CaptureSample.Waited, lastEnd: 112);
        Assert.Equal((SignalMatch.Found, 2), Find(111));
    }

    [Fact]
    public void Many_signals_with_many_frames_are_kept_until_their_samples_come()
    {
        for (int i = 0; i < 1000; i++)
        {
            Add(1000 + (10 * (ulong)i), i, frames: 1 + (i % 50));
            if (i % 3 == 0)
            {
                Assert.Equal((SignalMatch.Found, i), Find(995 + (10 * (ulong)i)));
            }
        }
    }

    [Fact]
    public void Time_that_no_sample_stands_for_is_found()
    {
        Add(110, 1, cpuTime: 1_000);
        Assert.Equal(0UL, Unsampled(105));
        Add(120, 2, cpuTime: 1_100);
        Assert.Equal(0UL, Unsampled(115)); // 100, as the sample says
        Add(130, 3, cpuTime: 1_700);
        Assert.Equal(500UL, Unsampled(125));
        Add(140, 4, cpuTime: 1_800);
        Assert.Equal(0UL, Unsampled(135));
        Add(150, 5, cpuTime: 2_000);
        Assert.Equal(0UL, Unsampled(145)); // one sample's time more: that may be chance, and waits
        Add(160, 6, cpuTime: 2_200);
        Assert.Equal(200UL, Unsampled(155));
    }

    private ulong Unsampled(ulong time)
    {
        Assert.Equal(SignalMatch.Found, Find(time).Match);
        return _signals.TakeUnsampled(100, isNew: false);
    }

    private void Add(ulong time, int mark, ushort flags = 0, ulong lastEnd = 0, ulong cpuTime = 0, int frames = 1) =>
        _signals.Add(time, lastEnd, flags, cpuTime, frames).Fill((ulong)mark);

    private (SignalMatch Match, int Mark) Find(ulong time)
    {
        var match = _signals.Find(time, out var frames);
        return (match, frames.IsEmpty ? 0 : (int)frames[^1]);
    }
}
