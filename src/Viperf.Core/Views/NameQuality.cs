using System.Runtime.InteropServices;
using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>Places of one module that have no function's name.</summary>
/// <param name="Module">The module.</param>
/// <param name="Reason">Why they have none.</param>
/// <param name="Samples">Samples that were taken at such a place.</param>
/// <param name="Frames">Frames at such places in the samples' stacks, the first one included.</param>
public sealed record UnnamedGroup(Module Module, UnnamedReason Reason, ulong Samples, ulong Frames);

/// <summary>How many of an event's samples and of the frames of their stacks have a function's name, and why the others have none.</summary>
public sealed class NameQuality
{
    private NameQuality(ProfileEvent profileEvent) => Event = profileEvent;

    /// <summary>The event.</summary>
    public ProfileEvent Event { get; }

    /// <summary>Samples.</summary>
    public ulong Samples { get; private set; }

    /// <summary>Frames of all stacks of them.</summary>
    public ulong Frames { get; private set; }

    /// <summary>Modules with places without a name, those with most samples first.</summary>
    public IReadOnlyList<UnnamedGroup> Groups { get; private set; } = [];

    /// <summary>Counts the names of one event's samples.</summary>
    /// <param name="profile">A profile whose frames were all looked up.</param>
    /// <param name="eventIndex">Index in <see cref="Profile.Events"/>.</param>
    public static NameQuality Of(Profile profile, int eventIndex = 0)
    {
        var quality = new NameQuality(profile.Events[eventIndex]);
        var counts = new Dictionary<int, (ulong Samples, ulong Frames)>();
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            var key = profile.Samples.KeyOf(row);
            if (key.Event != eventIndex)
            {
                continue;
            }

            ulong samples = profile.Samples.SamplesOf(row);
            quality.Samples += samples;
            for (int stack = key.Stack; stack != StackTable.Empty; stack = profile.Stacks.ParentOf(stack))
            {
                int frame = profile.Stacks.FrameOf(stack);
                quality.Frames += samples;
                if (profile.Frames.FunctionOf(frame) is var function && function != FrameTable.NotLookedUp
                    && profile.Functions[function].Name.Length == 0)
                {
                    ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, profile.Frames[frame].Module, out _);
                    count.Frames += samples;
                    count.Samples += stack == key.Stack ? samples : 0;
                }
            }
        }

        quality.Groups = [.. counts
            .Select(count => new UnnamedGroup(
                profile.Modules[count.Key],
                profile.UnnamedReasons.GetValueOrDefault(count.Key),
                count.Value.Samples,
                count.Value.Frames))
            .OrderByDescending(static group => group.Samples)
            .ThenByDescending(static group => group.Frames)
            .ThenBy(static group => group.Module.Path, StringComparer.Ordinal)];
        return quality;
    }
}
