using Viperf.Core.Profiles;

namespace Viperf.Core.Views;

/// <summary>Why one stack ends where it ends.</summary>
/// <param name="End">The reason; never <see cref="StackEnd.Unknown"/>.</param>
/// <param name="IsGuessed">True if a frame of it was searched for, with nothing to vouch for it.</param>
/// <param name="Module">Index in <see cref="Profile.Modules"/> of what the reason lies in; <see cref="ModuleTable.Unknown"/>
/// where it lies in none.</param>
public readonly record struct StackVerdict(StackEnd End, bool IsGuessed, int Module);

/// <summary>
/// Tells why stacks end where they end. Of unwound ones the unwinder has said it; what the kernel made by frame pointers is
/// judged by where its callers lead: to where the program or the thread began, to the limit of frames, or nowhere.
/// </summary>
/// <param name="profile">The profile.</param>
/// <param name="isStart">Whether a frame lies where programs or threads begin, for profiles whose frames are not all looked
/// up; null to take what the profile says.</param>
public sealed class StackJudge(Profile profile, Func<int, bool>? isStart = null)
{
    /// <summary>
    /// kernel.perf_event_max_stack as kernels come with it, which recordings do not note. A stack of so many frames that
    /// does not reach its beginning was cut there, or at a limit that was set higher.
    /// </summary>
    private const int UsualLimit = 127;

    private readonly Func<int, bool> _isStart = isStart ?? profile.Frames.IsStart;

    /// <summary>Judges the stack of a sample.</summary>
    /// <param name="key">The sample.</param>
    /// <param name="verdict">The verdict.</param>
    /// <returns>False where there is no user's stack to judge: the kernel's own threads, and events without call chains.</returns>
    public bool TryJudge(in SampleKey key, out StackVerdict verdict)
    {
        var profileEvent = profile.Events[key.Event];
        verdict = default;
        if (!profileEvent.HasCallChains)
        {
            return false;
        }

        if (key.End is not (StackEnd.Unknown or StackEnd.NoRegisters) && !LiesInModule(key.End))
        {
            verdict = new StackVerdict(key.End, key.IsGuessed, ModuleTable.Unknown);
            return true;
        }

        int frames = 0;
        int outermost = -1;
        bool hasUser = false;
        bool isTorn = false;
        for (int stack = key.Stack; stack != StackTable.Empty; stack = profile.Stacks.ParentOf(stack))
        {
            int index = profile.Stacks.FrameOf(stack);
            var frame = profile.Frames[index];
            frames += frame.IsInlined ? 0 : 1;
            if (frame.Mode is not FrameMode.User || frame.IsInlined)
            {
                continue;
            }

            // Behind an address where nothing lies, what looks like callers is what else was in memory.
            hasUser = true;
            isTorn |= frame.Module == ModuleTable.Unknown;
            outermost = isTorn ? outermost : index;
        }

        if (!hasUser && key.End is StackEnd.Unknown or StackEnd.NoRegisters)
        {
            return false;
        }

        int module = outermost < 0 ? ModuleTable.Unknown : profile.Frames[outermost].Module;
        if (key.End != StackEnd.Unknown)
        {
            verdict = new StackVerdict(key.End, key.IsGuessed, LiesInModule(key.End) ? module : ModuleTable.Unknown);
            return true;
        }

        int limit = profileEvent.MaxStack != 0 ? profileEvent.MaxStack : UsualLimit;
        verdict = outermost < 0 ? new StackVerdict(StackEnd.UnmappedCode, false, ModuleTable.Unknown)
            : _isStart(outermost) ? new StackVerdict(StackEnd.Complete, false, ModuleTable.Unknown)
            : !isTorn && frames >= limit ? new StackVerdict(StackEnd.CutByKernel, false, ModuleTable.Unknown)
            : new StackVerdict(StackEnd.NoFramePointers, false, module);
        return true;
    }

    private static bool LiesInModule(StackEnd end) => end is StackEnd.NoUnwindInfo or StackEnd.BadUnwindInfo
        or StackEnd.UnmappedCode or StackEnd.UnreadableStack or StackEnd.NoFramePointers;
}
