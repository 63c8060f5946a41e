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
        Add(9_200, 2, CaptureSample.Waited, lastEnd: 112);
        Assert.Equal((SignalMatch.Found, 1), Find(105));
        Assert.Equal(SignalMatch.Blocked, Find(9_150).Match);
    }

    [Fact]
    public void A_signal_that_waited_for_the_handler_before_tells_of_that()
    {
        Add(110, 1);
        Add(113, 2, CaptureSample.Waited, lastEnd: 112);
        Assert.Equal((SignalMatch.Found, 2), Find(111));
    }

    [Fact]
    public void A_signal_that_waited_tells_of_a_thread_that_did_nothing_since_its_last_handler()
    {
        Add(110, 1);
        Add(60_000, 2, CaptureSample.Waited, lastEnd: 112);
        Add(90_000, 3, CaptureSample.Waited | CaptureSample.Still, lastEnd: 60_002);
        Assert.Equal((SignalMatch.Blocked, 0), Find(50_000));
        Assert.Equal((SignalMatch.Found, 3), Find(80_000));
    }

    [Fact]
    public void A_timers_signal_tells_of_a_sample_that_was_taken_where_it_came()
    {
        Add(110, 1, CaptureSample.Timed, instruction: 0x1000);
        Assert.Equal((SignalMatch.Found, 1), Find(109, 0x7f00_0000_1000));
        Assert.Equal(SignalMatch.None, Find(109, 0x7f00_0000_1004).Match); // until the next signal tells more
        Add(120, 2);
        Assert.Equal(SignalMatch.Dropped, Find(109, 0x7f00_0000_1004).Match);
    }

    [Fact]
    public void A_timers_signal_tells_of_a_sample_that_was_taken_when_its_handler_began()
    {
        Add(110, 1, CaptureSample.Timed, instruction: 0x1000);
        Add(115, 2, CaptureSample.Waited, lastEnd: 113);
        Assert.Equal((SignalMatch.Found, 1), Find(109, 0x2000));
        Assert.Equal((SignalMatch.Found, 2), Find(112, 0x2000));
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
    public void Time_that_no_sample_stands_for_adds_up()
    {
        Add(110, 1, cpuTime: 1_000);
        Assert.Equal(0, UnsampledAfter(105));
        Add(120, 2, cpuTime: 1_100);
        Assert.Equal(0, UnsampledAfter(115)); // 100, as the sample says
        Add(130, 3, cpuTime: 1_700);
        Assert.Equal(500, UnsampledAfter(125));
        Assert.Equal(400, UnsampledAfter(127)); // another sample of the same signal
        _signals.Pass(2_000, first: 0);
        Assert.Equal(700, _signals.Unsampled);
        _signals.CountSample(SignalMatch.Dropped, 100, isNew: false);
        Assert.Equal(600, _signals.Unsampled);
    }

    [Fact]
    public void Time_of_a_thread_that_was_there_before_begins_with_its_first_sample()
    {
        _signals.CountSample(SignalMatch.None, 100, isNew: false);
        _signals.Pass(5_000, first: 4_800);
        Assert.Equal(200, _signals.Unsampled);
        _signals.Pass(4_900, first: 0); // came late
        Assert.Equal(200, _signals.Unsampled);
    }

    private long UnsampledAfter(ulong time)
    {
        Assert.Equal(SignalMatch.Found, Find(time).Match);
        _signals.CountSample(SignalMatch.Found, 100, isNew: false);
        return _signals.Unsampled;
    }

    private void Add(ulong time, int mark, ushort flags = 0, ulong lastEnd = 0, ulong cpuTime = 0, int frames = 1, uint instruction = 0) =>
        _signals.Add(time, lastEnd, flags, cpuTime, instruction, frames).Fill((ulong)mark);

    private (SignalMatch Match, int Mark) Find(ulong time, ulong instruction = 0)
    {
        var match = _signals.Find(time, instruction, out var frames);
        return (match, frames.IsEmpty ? 0 : (int)frames[^1]);
    }
}
