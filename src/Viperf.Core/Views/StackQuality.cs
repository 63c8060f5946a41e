using System.Runtime.InteropServices;
using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>Samples whose stacks end for the same reason.</summary>
/// <param name="End">The reason.</param>
/// <param name="IsGuessed">True if a frame of each was searched for.</param>
/// <param name="Module">What the reason lies in; null where it lies in no module.</param>
/// <param name="Samples">How many they are.</param>
public sealed record StackGroup(StackEnd End, bool IsGuessed, Module? Module, ulong Samples)
{
    /// <summary>True if nothing is missing and nothing guessed.</summary>
    public bool IsComplete => End == StackEnd.Complete && !IsGuessed;
}

/// <summary>How many of an event's stacks are complete, and why the others are not.</summary>
public sealed class StackQuality
{
    private StackQuality(ProfileEvent profileEvent, IReadOnlyList<StackGroup> groups, ulong withoutUser)
    {
        Event = profileEvent;
        Groups = groups;
        WithoutUser = withoutUser;
        foreach (var group in groups)
        {
            Samples += group.Samples;
            Complete += group.IsComplete ? group.Samples : 0;
        }
    }

    /// <summary>The event.</summary>
    public ProfileEvent Event { get; }

    /// <summary>Samples by the reason for which their stacks end; complete ones first, then those with most samples.</summary>
    public IReadOnlyList<StackGroup> Groups { get; }

    /// <summary>Samples with a user's stack.</summary>
    public ulong Samples { get; }

    /// <summary>Samples whose stack is complete.</summary>
    public ulong Complete { get; }

    /// <summary>Samples without a user's stack, such as those of the kernel's own threads.</summary>
    public ulong WithoutUser { get; }

    /// <summary>Judges the stacks of one event.</summary>
    /// <param name="profile">A profile whose frames were all looked up, and whose stacks are whole.</param>
    /// <param name="eventIndex">Index in <see cref="Profile.Events"/>.</param>
    public static StackQuality Of(Profile profile, int eventIndex = 0)
    {
        var judge = new StackJudge(profile);
        var counts = new Dictionary<StackVerdict, ulong>();
        ulong withoutUser = 0;
        for (int row = 0; row < profile.Samples.Count; row++)
        {
            var key = profile.Samples.KeyOf(row);
            if (key.Event != eventIndex)
            {
                continue;
            }

            ulong samples = profile.Samples.SamplesOf(row);
            if (judge.TryJudge(key, out var verdict))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, verdict, out _) += samples;
            }
            else
            {
                withoutUser += samples;
            }
        }

        var groups = counts
            .Select(count => new StackGroup(
                count.Key.End,
                count.Key.IsGuessed,
                count.Key.Module == ModuleTable.Unknown ? null : profile.Modules[count.Key.Module],
                count.Value))
            .OrderByDescending(group => group.IsComplete)
            .ThenByDescending(group => group.Samples)
            .ThenBy(group => group.End)
            .ThenBy(group => group.Module?.Path, StringComparer.Ordinal);
        return new StackQuality(profile.Events[eventIndex], [.. groups], withoutUser);
    }
}
