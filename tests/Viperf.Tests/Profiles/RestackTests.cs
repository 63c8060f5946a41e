using Viperf.Core.Profiles;
using Xunit;

namespace Viperf.Tests.Profiles;

public class RestackTests
{
    private static readonly int[] s_leafFirst = [3, 2, 1];

    private readonly Profile _profile = new();

    [Fact]
    public void Frames_are_left_out_and_equal_samples_summed()
    {
        Add(s_leafFirst, period: 5);
        Add([3, 1], period: 7);
        _profile.Restack(static (stacks, callers, frame) => frame == 2 ? callers : stacks.Intern(callers, frame));
        Assert.Equal(1, _profile.Samples.Count);
        Assert.Equal(12ul, _profile.Samples.PeriodOf(0));
        Assert.Equal(2ul, _profile.Samples.SamplesOf(0));
        Assert.Equal([3, 1], FramesOf(0));
    }

    [Fact]
    public void One_frame_may_become_several_of_which_the_last_is_the_leaf()
    {
        Add(s_leafFirst, period: 5);
        _profile.Restack(static (stacks, callers, frame) => stacks.Intern(stacks.Intern(callers, frame), frame + 10));
        Assert.Equal([13, 3, 12, 2, 11, 1], FramesOf(0));
    }

    [Fact]
    public void A_stack_of_which_nothing_is_left_is_empty_and_so_is_one_that_was()
    {
        Add(s_leafFirst, period: 5);
        Add([], period: 6);
        _profile.Restack(static (_, callers, _) => callers);
        Assert.Equal(StackTable.Empty, _profile.Samples.KeyOf(0).Stack);
        Assert.Equal(11ul, _profile.Samples.PeriodOf(0));
        Assert.Equal(0, _profile.Stacks.Count);
    }

    private void Add(int[] leafFirst, ulong period) =>
        _profile.Samples.Add(new SampleKey(Event: 0, Pid: 1, Tid: 1, Comm: 0, Cpu: -1, _profile.Stacks.Intern(leafFirst)), period);

    private List<int> FramesOf(int row)
    {
        List<int> frames = [];
        for (int stack = _profile.Samples.KeyOf(row).Stack; stack != StackTable.Empty; stack = _profile.Stacks.ParentOf(stack))
        {
            frames.Add(_profile.Stacks.FrameOf(stack));
        }

        return frames;
    }
}
