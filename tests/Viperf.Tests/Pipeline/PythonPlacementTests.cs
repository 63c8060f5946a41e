using Viperf.Core.Pipeline;
using Viperf.Core.Unwinding;
using Viperf.Formats.PerfData;
using Xunit;

namespace Viperf.Tests.Pipeline;

public class PythonPlacementTests
{
    private const ulong User = CallchainContext.PERF_CONTEXT_USER;
    private const ulong Kernel = CallchainContext.PERF_CONTEXT_KERNEL;
    private const ulong Last = ThreadSignals.LastOfRun;

    /// <summary>What stands for a call of the evaluator in the chains of these tests.</summary>
    private const ulong Eval = 0xe;

    /// <summary>What stands for a trampoline.</summary>
    private const ulong Trampoline = 0xf;

    [Fact]
    public void Each_run_takes_the_place_of_its_evaluator()
    {
        var merged = Merge([User, 1, Eval, 2, Eval, 3], [0x100, 0x200 | Last, 0x300 | Last]);
        Assert.Equal([User, 1, 0x101, 0x201, 2, 0x301, 3], merged);
    }

    [Fact]
    public void A_leaf_is_an_instruction_and_not_a_return_address() =>
        Assert.Equal([User, 0x100, 0x201, 1], Merge([User, Eval, 1], [0x100, 0x200 | Last]));

    [Fact]
    public void The_kernels_part_stays_before_the_users() =>
        Assert.Equal([Kernel, 9, 8, User, 0x100, 1], Merge([Kernel, 9, 8, User, Eval, 1], [0x100 | Last]));

    [Fact]
    public void Without_a_users_part_the_frames_are_one() =>
        Assert.Equal([Kernel, 9, User, 0x100], Merge([Kernel, 9], [0x100 | Last]));

    [Fact]
    public void An_evaluator_that_has_just_begun_stays() =>
        Assert.Equal([User, Eval, 1, 0x101, 2], Merge([User, Eval, 1, Eval, 2], [0x100 | Last]));

    [Fact]
    public void A_run_without_frames_leaves_its_evaluator() =>
        Assert.Equal([User, Eval, 1, 0x101, 2], Merge([User, Eval, 1, Eval, 2], [Last, 0x100 | Last]));

    [Fact]
    public void A_run_whose_evaluator_has_no_name_stands_inside_the_next() =>
        Assert.Equal([User, 7, 1, 0x101, 0x201, 2], Merge([User, 7, 1, Eval, 2], [0x100 | Last, 0x200 | Last]));

    [Fact]
    public void What_is_cut_of_the_native_chain_is_no_loss() =>
        Assert.Equal([User, 1, 0x101, 0x201], Merge([User, 1, Eval], [0x100 | Last, 0x200 | Last], isComplete: false));

    [Fact]
    public void Of_a_chain_that_is_cut_the_innermost_belong_together() =>
        Assert.Equal(
            [User, 1, 0x101, 2, 0x201, 0x301],
            Merge([User, 1, Eval, 2, Eval], [0x100 | Last, 0x200 | Last, 0x300 | Last], isComplete: false));

    [Fact]
    public void Trampolines_stand_for_what_is_among_the_frames()
    {
        Assert.Equal([User, 0x100, 1, 0x201, 2], Merge([User, Eval, Trampoline, 1, Eval, Trampoline, 2], [0x100 | Last, 0x200 | Last]));
        Assert.Equal([User, Eval, Trampoline, 1], Merge([User, Eval, Trampoline, 1], []));
    }

    [Fact]
    public void Frames_whose_code_is_not_known_are_left_out() =>
        Assert.Equal([User, 1, 0x201, 2], Merge([User, 1, Eval, 2], [0, 0x200 | Last]));

    [Fact]
    public void Without_any_evaluator_the_frames_follow() =>
        Assert.Equal([User, 1, 2, 0x101], Merge([User, 1, 2], [0x100 | Last]));

    private static ulong[] Merge(ulong[] native, ulong[] python, bool isComplete = true)
    {
        int user = Array.IndexOf(native, User);
        var merged = new CallChain();
        PythonPlacement.Merge(
            native, user < 0 ? native.Length : user, [.. native.Select(RoleOf)], isComplete, python, merged);
        return merged.Entries.ToArray();
    }

    private static NativeRole RoleOf(ulong entry) =>
        entry switch { Eval => NativeRole.Evaluator, Trampoline => NativeRole.Trampoline, _ => NativeRole.None };
}
