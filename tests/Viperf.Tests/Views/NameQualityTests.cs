using Viperf.Core.Profiles;
using Viperf.Core.Views;
using Xunit;

namespace Viperf.Tests.Views;

public class NameQualityTests
{
    [Fact]
    public void Samples_and_frames_without_a_name_are_counted_by_module_and_those_of_other_events_are_not()
    {
        var profile = new Profile();
        profile.Events.Add(new ProfileEvent("cycles", IsClock: false));
        profile.Events.Add(new ProfileEvent("faults", IsClock: false));
        int bare = profile.Modules.Intern(new Module(ModuleKind.File, "/bin/bare", "", 0, 0));
        int full = profile.Modules.Intern(new Module(ModuleKind.File, "/bin/full", "", 0, 0));
        profile.UnnamedReasons[bare] = UnnamedReason.Stripped;
        int unnamed = Frame(profile, bare, 1, "");
        int unnamedToo = Frame(profile, bare, 2, "");
        int named = Frame(profile, full, 3, "main");
        int hole = Frame(profile, full, 4, "");
        Add(profile, 0, 5, named, unnamed, unnamedToo);
        Add(profile, 0, 2, unnamed, hole, named);
        Add(profile, 1, 9, unnamed);

        var quality = NameQuality.Of(profile);

        Assert.Equal(7u, quality.Samples);
        Assert.Equal(21u, quality.Frames);
        Assert.Equal(
            [
                new UnnamedGroup(profile.Modules[bare], UnnamedReason.Stripped, 5, 12),
                new UnnamedGroup(profile.Modules[full], UnnamedReason.NotInTable, 0, 2),
            ],
            quality.Groups);
        Assert.Equal(9u, Assert.Single(NameQuality.Of(profile, 1).Groups).Samples);
    }

    private static int Frame(Profile profile, int module, ulong address, string name)
    {
        int frame = profile.Frames.Intern(new Frame(address, module, FrameMode.User, IsReturnAddress: false));
        profile.Frames.SetFunction(frame, profile.Functions.Intern(new Function(name, module, address)));
        return frame;
    }

    /// <summary>Adds samples of a stack, given from the outermost frame on.</summary>
    private static void Add(Profile profile, int eventIndex, ulong samples, params int[] frames)
    {
        int stack = frames.Aggregate(StackTable.Empty, profile.Stacks.Intern);
        profile.Samples.Add(new SampleKey(eventIndex, 1, 1, 0, -1, stack), period: samples, samples);
    }
}
