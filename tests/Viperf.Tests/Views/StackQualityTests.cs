using Viperf.Core.Profiles;
using Viperf.Core.Views;
using Viperf.Tests.Profiles;
using Xunit;

namespace Viperf.Tests.Views;

public class StackQualityTests
{
    [Theory]
    [InlineData("_start;main;f", StackEnd.Complete, null)]
    [InlineData("_start;main;[k]g", StackEnd.Complete, null)]
    [InlineData("0x12;_start;main;f", StackEnd.Complete, null)] // what lies beyond the beginning is no caller
    [InlineData("lib!main;f", StackEnd.NoFramePointers, "lib")]
    [InlineData("0x13;0x12;lib!f;main", StackEnd.NoFramePointers, "lib")]
    [InlineData("_start;main;0x12;lib!f;g", StackEnd.NoFramePointers, "lib")] // nor is what a torn chain comes by
    [InlineData("0x12", StackEnd.UnmappedCode, null)]
    [InlineData("_start;main;0x12;[k]g", StackEnd.UnmappedCode, null)]
    public void Chains_by_frame_pointers_are_judged_by_where_they_lead(string stack, StackEnd end, string? module)
    {
        var quality = StackQuality.Of(new ProfileBuilder().CallChains().Samples(3, stack).Profile);

        var group = Assert.Single(quality.Groups);
        Assert.Equal((end, module, 3UL), (group.End, group.Module?.Name, group.Samples));
        Assert.Equal(end == StackEnd.Complete ? 3UL : 0, quality.Complete);
    }

    [Theory]
    [InlineData(127, 0, 0, StackEnd.CutByKernel)]
    [InlineData(120, 7, 0, StackEnd.CutByKernel)] // the kernel's frames count as well
    [InlineData(126, 0, 0, StackEnd.NoFramePointers)]
    [InlineData(1024, 0, 0, StackEnd.CutByKernel)]
    [InlineData(4, 1, 5, StackEnd.CutByKernel)]
    [InlineData(4, 0, 5, StackEnd.NoFramePointers)]
    public void As_many_frames_as_the_limit_were_cut_there(int user, int kernel, int maxStack, StackEnd end)
    {
        string stack = string.Join(';', [.. Enumerable.Repeat("f", user), .. Enumerable.Repeat("[k]g", kernel)]);

        var quality = StackQuality.Of(new ProfileBuilder().CallChains(maxStack: maxStack).Samples(1, stack).Profile);

        Assert.Equal(end, Assert.Single(quality.Groups).End);
    }

    [Fact]
    public void A_deep_stack_that_is_complete_or_torn_was_not_cut()
    {
        string deep = string.Join(';', Enumerable.Repeat("f", 200));

        var quality = StackQuality.Of(new ProfileBuilder().CallChains().Samples(1, $"_start;{deep}").Samples(1, $"0x12;{deep}").Profile);

        Assert.Equal([StackEnd.Complete, StackEnd.NoFramePointers], quality.Groups.Select(group => group.End));
    }

    [Fact]
    public void What_the_unwinder_says_stands_and_names_the_module_where_it_lies_in_one()
    {
        var quality = StackQuality.Of(new ProfileBuilder().CallChains(stackDump: 8192)
            .Samples(5, "main;f", end: StackEnd.CutByDump)
            .Samples(4, "lib!main;f", end: StackEnd.NoUnwindInfo)
            .Samples(3, "0x12;lib!f", end: StackEnd.UnmappedCode)
            .Samples(2, "main;f", end: StackEnd.Complete, isGuessed: true)
            .Samples(1, "main;f", end: StackEnd.Complete)
            .Samples(1, "[k]g", end: StackEnd.Overload)
            .Profile);

        Assert.Equal(
            [
                (StackEnd.Complete, false, null, 1),
                (StackEnd.CutByDump, false, null, 5),
                (StackEnd.NoUnwindInfo, false, "lib", 4),
                (StackEnd.UnmappedCode, false, "lib", 3),
                (StackEnd.Complete, true, null, 2),
                (StackEnd.Overload, false, null, 1),
            ],
            quality.Groups.Select(group => (group.End, group.IsGuessed, group.Module?.Name, (int)group.Samples)));
        Assert.Equal((16UL, 1UL, 0UL), (quality.Samples, quality.Complete, quality.WithoutUser));
    }

    [Fact]
    public void Samples_without_a_users_stack_are_counted_apart()
    {
        var profile = new ProfileBuilder().CallChains().Samples(2, "[k]g").Samples(1, "[k]g", end: StackEnd.NoRegisters)
            .Samples(1, "_start")
            .Event("page-faults").Samples(7, "main;f")
            .Profile;

        var quality = StackQuality.Of(profile);
        Assert.Equal((1UL, 1UL, 3UL), (quality.Samples, quality.Complete, quality.WithoutUser));
        Assert.Equal(0UL, StackQuality.Of(profile, 1).Samples); // an event without call chains
    }
}
